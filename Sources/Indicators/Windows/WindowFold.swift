/// How the values of a window are combined: an associative operation with a neutral element.
protocol WindowOperation: Sendable {
    static var neutral: Double { get }
    static func combine(_ left: Double, _ right: Double) -> Double
}

enum Adding: WindowOperation {
    static var neutral: Double { 0 }
    @inline(__always) static func combine(_ left: Double, _ right: Double) -> Double { left + right }
}

enum Highest: WindowOperation {
    static var neutral: Double { -.infinity }
    @inline(__always) static func combine(_ left: Double, _ right: Double) -> Double { left > right ? left : right }
}

enum Lowest: WindowOperation {
    static var neutral: Double { .infinity }
    @inline(__always) static func combine(_ left: Double, _ right: Double) -> Double { left < right ? left : right }
}

/// The sum, the highest or the lowest of the last N values, without ever taking a value out again.
///
/// Time is cut into blocks of N bars. A window that ends inside a block is the rest of the block before (a suffix) and
/// the beginning of this one (a prefix). The prefix grows by one operation a bar; all suffixes of a block are made in
/// one backward pass when it is full (van Herk 1992; Gil and Werman 1993). So a bar costs two operations and, on
/// average, one step of the backward pass.
///
/// Adding and subtracting instead would be one operation cheaper and would drift: a sum that once held 10^20 has lost
/// its small digits for ever, and one that met a NaN stays NaN. Here each result is made of the window's own values
/// only, so nothing needs correcting and what has left the window is forgotten to the last bit.
struct WindowFold<Operation: WindowOperation>: Codable, Equatable, Sendable {
    /// Behind `position` the raw values of this block, from it on the suffixes of the block before; the last slot
    /// stays neutral.
    @Exact private var slots: [Double]
    @Exact private var prefix: Double
    private var position: Int

    var length: Int { slots.count - 1 }

    init(_ length: Int) {
        slots = [Double](repeating: Operation.neutral, count: length + 1)
        prefix = Operation.neutral
        position = 0
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        _slots = try container.decode(Exact<[Double]>.self, forKey: .slots)
        _prefix = try container.decode(Exact<Double>.self, forKey: .prefix)
        position = try container.decode(Int.self, forKey: .position)
        try WindowPosition.check(position, length: slots.count - 1, decoder)
    }

    /// Takes in a value and returns the result over the last N of them, or over all while there are fewer.
    @inline(__always)
    mutating func push(_ value: Double) -> Double {
        prefix = Operation.combine(prefix, value)
        slots[position] = value
        position &+= 1
        let result = Operation.combine(slots[position], prefix)
        if position == slots.count &- 1 { turn() }
        return result
    }

    /// A full block: its values become the suffixes that the next block's windows begin with.
    private mutating func turn() {
        var index = slots.count - 2
        while index > 0 {
            slots[index - 1] = Operation.combine(slots[index - 1], slots[index])
            index -= 1
        }
        prefix = Operation.neutral
        position = 0
    }
}

typealias WindowSum = WindowFold<Adding>
typealias WindowHighest = WindowFold<Highest>
typealias WindowLowest = WindowFold<Lowest>

enum WindowPosition {
    /// Refuses a stored window that would be read beyond its end.
    static func check(_ position: Int, length: Int, _ decoder: any Decoder) throws {
        guard length > 0, position >= 0, position < length else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "position \(position) in a window of \(length)"))
        }
    }
}
