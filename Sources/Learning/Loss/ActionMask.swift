/// Which actions are possible: no buying at the largest position, no selling without one, nothing while halted.
public struct ActionMask: Hashable, Sendable {
    /// Bit i stands for action i.
    public let bits: UInt64

    public init(bits: UInt64) { self.bits = bits }

    /// - Parameter actions: at most 64.
    public init(_ actions: some Sequence<Int>) { bits = actions.reduce(0) { $0 | 1 << UInt64($1) } }

    /// The first so many, without exception.
    public static func all(_ count: Int) -> ActionMask { ActionMask(bits: count >= 64 ? .max : 1 << UInt64(count) - 1) }

    public func allows(_ action: Int) -> Bool { bits >> UInt64(action) & 1 == 1 }

    /// How many are possible.
    public var count: Int { bits.nonzeroBitCount }
}

/// Probabilities of the possible actions, and their logarithms. The others have a probability of zero.
enum Distribution {
    /// ln π from logits; −∞ for what is impossible.
    static func logarithms<Number: TrainingNumber>(
        of logits: UnsafePointer<Number>, count: Int, _ allowed: ActionMask, to target: UnsafeMutablePointer<Number>
    ) {
        var highest = -Number.infinity
        for action in 0..<count where allowed.allows(action) { highest = max(highest, logits[action]) }
        var total: Number = 0
        for action in 0..<count where allowed.allows(action) { total += Number.exponential(logits[action] - highest) }
        let shift = highest + Number.logarithm(total)
        for action in 0..<count { target[action] = allowed.allows(action) ? logits[action] - shift : -.infinity }
    }

    /// The action that a uniform number in [0, 1) falls on.
    static func draw(
        _ uniform: Double, logarithms: UnsafePointer<Float>, count: Int, _ allowed: ActionMask
    ) -> Int {
        var left = Float(uniform)
        var last = 0
        for action in 0..<count where allowed.allows(action) {
            left -= Float.exponential(logarithms[action])
            last = action
            if left < 0 { return action }
        }
        // Rounding has left a crumb: it belongs to the last that is possible.
        return last
    }
}
