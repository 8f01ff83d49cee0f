/// Mean and summed squared deviations of the last N values.
///
/// The same blocks as ``WindowFold``. Sums are taken of the distances from one value of the very set they describe (the
/// first of a prefix, the last of a suffix), so the squares of large prices never cancel, and a constant window has the
/// deviation 0 exactly. Prefix and suffix are joined by the rule of Chan, Golub and LeVeque (1979):
/// M2 = M2a + M2b + (mean b − mean a)²·na·nb/N.
struct WindowMoments: Codable, Equatable, Sendable {
    /// Behind `position` the raw values of this block; from it on the means of the suffixes of the block before.
    @Exact private var means: [Double]
    /// From `position` on, the summed squared deviations of those suffixes.
    @Exact private var squares: [Double]
    @Exact private var prefix = PrefixMoments()
    private var position = 0

    var length: Int { means.count - 1 }

    init(_ length: Int) {
        means = [Double](repeating: 0, count: length + 1)
        squares = [Double](repeating: 0, count: length + 1)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        _means = try container.decode(Exact<[Double]>.self, forKey: .means)
        _squares = try container.decode(Exact<[Double]>.self, forKey: .squares)
        _prefix = try container.decode(Exact<PrefixMoments>.self, forKey: .prefix)
        position = try container.decode(Int.self, forKey: .position)
        try WindowPosition.check(position, length: min(means.count, squares.count) - 1, decoder)
        try WindowPosition.check(position, length: means.count == squares.count ? length : 0, decoder)
    }

    /// Takes in a value; mean and summed squares of the last N are right once N values have come.
    @inline(__always)
    mutating func push(_ value: Double) -> (mean: Double, squares: Double) {
        if position == 0 { prefix.begin(value) }
        prefix.add(value)
        means[position] = value
        position &+= 1
        let result = prefix.joined(
            mean: means[position], squares: squares[position], count: position, length: means.count &- 1)
        if position == means.count &- 1 { turn() }
        return result
    }

    private mutating func turn() {
        Self.makeSuffixes(&_means.wrappedValue, &_squares.wrappedValue)
        position = 0
    }

    private static func makeSuffixes(_ means: inout [Double], _ squares: inout [Double]) {
        means.withUnsafeMutableBufferPointer { means in
            squares.withUnsafeMutableBufferPointer { squares in
                guard let mean = means.baseAddress, let square = squares.baseAddress else { return }
                SuffixMoments.make(mean, square, means.count - 1)
            }
        }
    }
}

/// The moments of the beginning of a block, about its first value.
struct PrefixMoments: ExactlyStored, Equatable {
    var anchor = 0.0
    var sum = 0.0
    var squared = 0.0

    init() {}

    /// Starts anew with a block's first value, which then has to be added.
    @inline(__always)
    mutating func begin(_ value: Double) {
        anchor = value
        sum = 0
        squared = 0
    }

    @inline(__always)
    mutating func add(_ value: Double) {
        let distance = value - anchor
        sum += distance
        squared += distance * distance
    }

    /// Joins these `count` values with the suffix that makes the window whole.
    @inline(__always)
    func joined(
        mean suffixMean: Double, squares suffixSquares: Double, count: Int, length: Int
    ) -> (mean: Double, squares: Double) {
        // A full block has no suffix: its share is 0 and its slot holds zeros.
        joined(suffixMean, suffixSquares, Double(count), 1 / Double(count), Double(length &- count) / Double(length))
    }

    /// The same with what depends on the counts only: their own number, its inverse, and the suffix's share.
    @inline(__always)
    func joined(
        _ suffixMean: Double, _ suffixSquares: Double, _ own: Double, _ inverse: Double, _ share: Double
    ) -> (mean: Double, squares: Double) {
        let part = sum * inverse
        let ownMean = anchor + part
        let ownSquares = Branchless.positive(squared - sum * part)
        let apart = suffixMean - ownMean
        return (ownMean + apart * share, ownSquares + suffixSquares + apart * apart * own * share)
    }

    static func same(_ left: Self, _ right: Self) -> Bool {
        Double.same(left.anchor, right.anchor) && Double.same(left.sum, right.sum)
            && Double.same(left.squared, right.squared)
    }

    func store(to encoder: any Encoder) throws { try [anchor, sum, squared].store(to: encoder) }

    init(storedIn decoder: any Decoder) throws {
        let numbers = try [Double](storedIn: decoder)
        guard numbers.count == 3 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "\(numbers.count) moments instead of 3"))
        }
        (anchor, sum, squared) = (numbers[0], numbers[1], numbers[2])
    }
}
