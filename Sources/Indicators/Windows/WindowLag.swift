/// The value so many bars ago.
struct WindowLag: Codable, Equatable, Sendable {
    @Exact private var ring: [Double]
    private var position = 0

    init(_ bars: Int) { ring = [Double](repeating: .nan, count: bars) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        _ring = try container.decode(Exact<[Double]>.self, forKey: .ring)
        position = try container.decode(Int.self, forKey: .position)
        try WindowPosition.check(position, length: ring.count, decoder)
    }

    var length: Int { ring.count }

    /// Takes in a value and returns the one N bars ago, NaN if there was none.
    @inline(__always)
    mutating func push(_ value: Double) -> Double {
        let old = ring[position]
        ring[position] = value
        position &+= 1
        if position == ring.count { position = 0 }
        return old
    }

    /// The sum of the distances of the values that are kept from a centre.
    ///
    /// One pass over the window: there is no exact way to move a sum of absolute deviations to another centre. Four
    /// sums side by side, because the processor waits for each addition before it can begin the next to the same sum.
    func distance(from centre: Double) -> Double {
        ring.withUnsafeBufferPointer { values in
            var first = SIMD2<Double>.zero
            var second = SIMD2<Double>.zero
            let centres = SIMD2(repeating: centre)
            var index = 0
            while index &+ 4 <= values.count {
                first += (SIMD2(values[index], values[index &+ 1]) - centres).magnitudes
                second += (SIMD2(values[index &+ 2], values[index &+ 3]) - centres).magnitudes
                index &+= 4
            }
            first += second
            var sum = first[0] + first[1]
            while index < values.count {
                sum += (values[index] - centre).magnitude
                index &+= 1
            }
            return sum
        }
    }
}

extension SIMD2<Double> {
    /// The absolute values, by clearing the sign bits.
    @inline(__always)
    var magnitudes: SIMD2<Double> {
        let bits = unsafeBitCast(self, to: SIMD2<UInt64>.self) & SIMD2<UInt64>(repeating: 0x7FFF_FFFF_FFFF_FFFF)
        return unsafeBitCast(bits, to: SIMD2<Double>.self)
    }
}
