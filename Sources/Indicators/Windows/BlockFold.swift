/// The blocks of ``WindowFold`` over whole columns: the same operations in the same order, with the bookkeeping of a
/// single bar taken out of the loop.
enum BlockFold {
    typealias Slots = UnsafeMutablePointer<Double>

    /// Folds one series.
    /// - Parameters:
    ///   - value: the value of a row, asked for once, in rising order.
    ///   - result: takes the fold of the last `length` rows; of the rows so far while there are fewer.
    @inline(__always)
    static func run<Operation: WindowOperation>(
        _: Operation.Type, rows: Int, length: Int, value: (Int) -> Double, result: (Int, Double) -> Void
    ) {
        withSlots(length, Operation.neutral) { slots in
            blocks(rows, length) { base, end in
                var prefix = Operation.neutral
                for index in 0..<end {
                    let new = value(base &+ index)
                    prefix = Operation.combine(prefix, new)
                    slots[index] = new
                    result(base &+ index, Operation.combine(slots[index &+ 1], prefix))
                }
                if end == length { turn(Operation.self, slots, length) }
            }
        }
    }

    /// Folds two series side by side: the processor works on one while it waits for the other.
    @inline(__always)
    static func run<First: WindowOperation, Second: WindowOperation>(
        _: First.Type, _: Second.Type, rows: Int, length: Int, value: (Int) -> (Double, Double),
        result: (Int, Double, Double) -> Void
    ) {
        withSlots(length, First.neutral) { first in
            withSlots(length, Second.neutral) { second in
                blocks(rows, length) { base, end in
                    var firstPrefix = First.neutral
                    var secondPrefix = Second.neutral
                    for index in 0..<end {
                        let (left, right) = value(base &+ index)
                        firstPrefix = First.combine(firstPrefix, left)
                        secondPrefix = Second.combine(secondPrefix, right)
                        first[index] = left
                        second[index] = right
                        result(
                            base &+ index, First.combine(first[index &+ 1], firstPrefix),
                            Second.combine(second[index &+ 1], secondPrefix))
                    }
                    if end == length {
                        turn(First.self, first, length)
                        turn(Second.self, second, length)
                    }
                }
            }
        }
    }

    /// Calls the body for each block with its first row and its number of rows.
    @inline(__always)
    static func blocks(_ rows: Int, _ length: Int, _ body: (Int, Int) -> Void) {
        var base = 0
        while base < rows {
            body(base, min(length, rows &- base))
            base &+= length
        }
    }

    /// Lends memory for one block and the neutral slot behind it.
    @inline(__always)
    static func withSlots(_ length: Int, _ neutral: Double, _ body: (Slots) -> Void) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: length + 1) { memory in
            memory.initialize(repeating: neutral)
            if let slots = memory.baseAddress { body(slots) }
        }
    }

    @inline(__always)
    static func turn<Operation: WindowOperation>(_: Operation.Type, _ slots: Slots, _ length: Int) {
        var fold = slots[length &- 1]
        var index = length &- 2
        while index >= 0 {
            fold = Operation.combine(slots[index], fold)
            slots[index] = fold
            index &-= 1
        }
    }
}
