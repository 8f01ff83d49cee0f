/// The blocks of ``WindowMoments`` over whole columns: the same operations in the same order.
enum BlockMoments {
    /// - Parameter result: takes row, mean and summed squared deviations; right once `length` rows have come.
    @inline(__always)
    static func run(
        rows: Int, length: Int, value: (Int) -> Double, result: (Int, Double, Double) -> Void
    ) {
        // What depends on a place in the block only is divided once.
        let inverses = (0...length).map { 1 / Double($0) }
        let shares = (0...length).map { Double(length &- $0) / Double(length) }
        BlockFold.withSlots(length, 0) { means in
            BlockFold.withSlots(length, 0) { squares in
                BlockFold.blocks(rows, length) { base, end in
                    var prefix = PrefixMoments()
                    prefix.begin(value(base))
                    for index in 0..<end {
                        let new = value(base &+ index)
                        prefix.add(new)
                        means[index] = new
                        let next = index &+ 1
                        let whole = prefix.joined(
                            means[next], squares[next], Double(next), inverses[next], shares[next])
                        result(base &+ index, whole.mean, whole.squares)
                    }
                    if end == length { SuffixMoments.make(means, squares, length) }
                }
            }
        }
    }
}

enum SuffixMoments {
    /// Turns the values of a block into the means and summed squares of its suffixes, about its last value.
    @inline(__always)
    static func make(_ means: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>, _ length: Int) {
        let anchor = means[length &- 1]
        var sum = 0.0
        var squared = 0.0
        var index = length &- 1
        while index >= 0 {
            let distance = means[index] - anchor
            sum += distance
            squared += distance * distance
            let mean = sum * (1 / Double(length &- index))
            means[index] = anchor + mean
            squares[index] = Branchless.positive(squared - sum * mean)
            index &-= 1
        }
    }
}
