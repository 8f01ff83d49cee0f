/// How far each value of a column is from the mean of its window, and how far the window's values are on average.
///
/// The means are those of ``WindowMean``, in the same order of operations. The distances of a block's windows are added
/// up in four lanes, one window each: the windows of neighbouring rows lie side by side in memory, so no lane ever
/// waits for another. Their sum may differ in the last bits from the incremental form's, which adds in slot order.
enum BlockDistance {
    private typealias Lanes = SIMD4<Double>

    /// - Parameter result: takes row, distance from the mean and mean distance; right once `length` rows have come.
    @inline(__always)
    static func run(rows: Int, length: Int, value: (Int) -> Double, result: (Int, Double, Double) -> Void) {
        // The block before, this block, and room for the lanes that reach beyond.
        withMemory(2 * length + 4) { values in
            withMemory(length + 4) { means in
                withMemory(length + 1) { suffixes in
                    var suffixAnchor = 0.0
                    BlockFold.blocks(rows, length) { base, end in
                        let block = values + length
                        for index in 0..<end { block[index] = value(base &+ index) }
                        average(block, end, length, suffixes, suffixAnchor, means)
                        deviate(values, means, end, length) { index, deviation in
                            result(base &+ index, block[index] - means[index], deviation)
                        }
                        guard end == length else { return }
                        suffixAnchor = block[length &- 1]
                        var sum = 0.0
                        for index in stride(from: length &- 1, through: 0, by: -1) {
                            sum += block[index] - suffixAnchor
                            suffixes[index] = sum
                            values[index] = block[index]
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func average(
        _ block: BlockFold.Slots, _ end: Int, _ length: Int, _ suffixes: BlockFold.Slots, _ suffixAnchor: Double,
        _ means: BlockFold.Slots
    ) {
        let anchor = block[0]
        let apart = suffixAnchor - anchor
        let inverse = 1 / Double(length)
        var prefix = 0.0
        for index in 0..<end {
            prefix += block[index] - anchor
            let rest = Double(length &- index &- 1) * apart
            means[index] = anchor + (prefix + suffixes[index &+ 1] + rest) * inverse
        }
    }

    /// The window of a block's row `index` is `values[index + 1 ... index + length]`.
    @inline(__always)
    private static func deviate(
        _ values: BlockFold.Slots, _ means: BlockFold.Slots, _ end: Int, _ length: Int, _ result: (Int, Double) -> Void
    ) {
        let inverse = 1 / Double(length)
        var first = 0
        while first < end {
            let centre = lanes(means + first)
            var sum = Lanes.zero
            let window = values + first + 1
            for offset in 0..<length { sum += (lanes(window + offset) - centre).magnitudes }
            sum *= inverse
            for lane in 0..<min(4, end &- first) { result(first &+ lane, sum[lane]) }
            first &+= 4
        }
    }

    @inline(__always)
    private static func lanes(_ start: BlockFold.Slots) -> Lanes {
        UnsafeRawPointer(start).loadUnaligned(as: Lanes.self)
    }

    @inline(__always)
    private static func withMemory(_ count: Int, _ body: (BlockFold.Slots) -> Void) {
        BlockFold.withSlots(count - 1, 0, body)
    }
}

extension SIMD4<Double> {
    /// The absolute values, by clearing the sign bits.
    @inline(__always)
    var magnitudes: SIMD4<Double> {
        let bits = unsafeBitCast(self, to: SIMD4<UInt64>.self) & SIMD4<UInt64>(repeating: 0x7FFF_FFFF_FFFF_FFFF)
        return unsafeBitCast(bits, to: SIMD4<Double>.self)
    }
}
