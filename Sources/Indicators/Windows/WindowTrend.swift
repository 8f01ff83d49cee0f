/// Sum and weighted sum (weights 1…N, the newest weighs N) of the last N values, about one of them.
///
/// The blocks of ``WindowFold`` again. A suffix is kept about the last value of its block, a prefix about the first of
/// its own, so that the level of the prices never swamps their slope.
struct WindowTrend: Codable, Equatable, Sendable {
    /// Behind `position` the raw values of this block; from it on the sums of the suffixes of the block before.
    @Exact private var sums: [Double]
    @Exact private var weighted: [Double]
    /// What the suffixes are measured from: the last value of the block before.
    @Exact private var suffixAnchor = 0.0
    @Exact private var anchor = 0.0
    @Exact private var prefixSum = 0.0
    @Exact private var prefixWeighted = 0.0
    private var position = 0

    var length: Int { sums.count - 1 }

    init(_ length: Int) {
        sums = [Double](repeating: 0, count: length + 1)
        weighted = [Double](repeating: 0, count: length + 1)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        _sums = try container.decode(Exact<[Double]>.self, forKey: .sums)
        _weighted = try container.decode(Exact<[Double]>.self, forKey: .weighted)
        _suffixAnchor = try container.decode(Exact<Double>.self, forKey: .suffixAnchor)
        _anchor = try container.decode(Exact<Double>.self, forKey: .anchor)
        _prefixSum = try container.decode(Exact<Double>.self, forKey: .prefixSum)
        _prefixWeighted = try container.decode(Exact<Double>.self, forKey: .prefixWeighted)
        position = try container.decode(Int.self, forKey: .position)
        try WindowPosition.check(position, length: sums.count == weighted.count ? length : 0, decoder)
    }

    /// Takes in a value; the result is right once N values have come.
    /// - Returns: the anchor, and sum and weighted sum of the distances from it.
    mutating func push(_ value: Double) -> (anchor: Double, sum: Double, weighted: Double) {
        if position == 0 { anchor = value }
        let older = Double(length - position - 1)
        let distance = value - anchor
        prefixSum += distance
        prefixWeighted += Double(position + 1) * distance
        sums[position] = value
        position += 1
        // The suffix moves to the anchor of the prefix, the prefix behind the suffix's weights.
        let shift = suffixAnchor - anchor
        let suffixSum = sums[position] + older * shift
        let suffixWeighted = weighted[position] + older * (older + 1) / 2 * shift
        let result = (anchor, suffixSum + prefixSum, suffixWeighted + prefixWeighted + older * prefixSum)
        if position == length { turn() }
        return result
    }

    private mutating func turn() {
        suffixAnchor = sums[length - 1]
        var sum = 0.0
        var weight = 0.0
        for index in (0..<length).reversed() {
            // One more value in front raises the weight of all behind it by one.
            sum += sums[index] - suffixAnchor
            weight += sum
            sums[index] = sum
            weighted[index] = weight
        }
        prefixSum = 0
        prefixWeighted = 0
        position = 0
    }
}
