/// The mean of the last N values, formed of their distances from one of them: a constant window has its value as mean,
/// to the last bit.
struct WindowMean: Codable, Equatable, Sendable {
    /// Behind `position` the raw values of this block; from it on the suffix sums of the block before, about its last.
    @Exact private var slots: [Double]
    @Exact private var anchor = 0.0
    @Exact private var suffixAnchor = 0.0
    @Exact private var prefix = 0.0
    private var position = 0

    var length: Int { slots.count - 1 }

    init(_ length: Int) { slots = [Double](repeating: 0, count: length + 1) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        _slots = try container.decode(Exact<[Double]>.self, forKey: .slots)
        _anchor = try container.decode(Exact<Double>.self, forKey: .anchor)
        _suffixAnchor = try container.decode(Exact<Double>.self, forKey: .suffixAnchor)
        _prefix = try container.decode(Exact<Double>.self, forKey: .prefix)
        position = try container.decode(Int.self, forKey: .position)
        try WindowPosition.check(position, length: length, decoder)
    }

    /// Takes in a value; the mean of the last N is right once N values have come.
    @inline(__always)
    mutating func push(_ value: Double) -> Double {
        if position == 0 { anchor = value }
        prefix += value - anchor
        slots[position] = value
        position &+= 1
        let length = slots.count &- 1
        let rest = Double(length &- position) * (suffixAnchor - anchor)
        let mean = anchor + (prefix + slots[position] + rest) * (1 / Double(length))
        if position == length { turn() }
        return mean
    }

    private mutating func turn() {
        suffixAnchor = slots[length - 1]
        var sum = 0.0
        var index = length - 1
        while index >= 0 {
            sum += slots[index] - suffixAnchor
            slots[index] = sum
            index -= 1
        }
        prefix = 0
        position = 0
    }
}
