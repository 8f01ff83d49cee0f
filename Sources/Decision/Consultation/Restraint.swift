public import Core

/// How far a consultant holds a policy back. Each case only takes risk away, whatever it carries.
public enum Restraint: Hashable, Sendable {
    case none
    /// What an entry would add is sized by the factor: 0 to 1.
    case shrink(Fraction)
    /// Nothing is added to the position, none is opened.
    case noEntry
    /// As no entry, and only this share of the position is kept: 0 to 1.
    case reduce(keep: Fraction)
    /// As no entry, and the position is closed.
    case exit

    /// `none`, `shrink`, `no-entry`, `reduce`, `exit`.
    public var name: String {
        switch self {
        case .none: "none"
        case .shrink: "shrink"
        case .noEntry: "no-entry"
        case .reduce: "reduce"
        case .exit: "exit"
        }
    }

    /// Whether something of a position is to go.
    var closes: Bool {
        switch self {
        case .reduce, .exit: true
        case .none, .shrink, .noEntry: false
        }
    }

    /// `{"name", "factor"}`.
    var json: JSONValue {
        let factor: Fraction? =
            switch self {
            case .shrink(let factor): factor
            case .reduce(let keep): keep
            case .none, .noEntry, .exit: nil
            }
        return ["name": .string(name), "factor": JSONValue(factor)]
    }

    /// The position to aim at, with its sign, where the policy alone would aim at `rl`.
    ///
    /// For every position: the result has the sign of `rl` or is zero, and is never further from zero than `rl`. So no
    /// restraint can open, enlarge or reverse what the policy would not, and a policy's own exit always stands. Rounded
    /// towards zero at the eighth decimal; lots are the caller's.
    ///
    /// - Throws: ``ArithmeticError/overflow(_:)``, for amounts beyond the range of ``FixedPoint`` only.
    public func target(rl: Quantity, position: Quantity) throws(ArithmeticError) -> Quantity {
        // What the policy keeps of the position, and what it wants in all; both without sign.
        let isSameSide = rl.isNegative == position.isNegative
        let wanted = rl.magnitude
        let kept = isSameSide ? min(wanted, position.magnitude) : .zero
        let size: Quantity
        switch self {
        case .none: size = wanted
        case .shrink(let factor): size = max(kept, try Self.part(wanted, factor))
        case .noEntry: size = kept
        case .reduce(let keep): size = try Self.part(kept, keep)
        case .exit: size = .zero
        }
        return rl.isNegative ? -size : size
    }

    /// A factor that is out of range counts as the nearest sound one.
    private static func part(_ quantity: Quantity, _ factor: Fraction) throws(ArithmeticError) -> Quantity {
        let sound = min(max(factor, .zero), .one)
        return Quantity(try quantity.value.multiplied(by: sound.value, rounding: .towardZero))
    }

    /// The stricter of two; of two that shrink or reduce, the one that leaves less.
    func stricter(_ other: Restraint) -> Restraint {
        switch (self, other) {
        case (.shrink(let left), .shrink(let right)): .shrink(min(left, right))
        case (.reduce(let left), .reduce(let right)): .reduce(keep: min(left, right))
        default: rank >= other.rank ? self : other
        }
    }

    static func strictest(of votes: [Vote]) -> Restraint {
        votes.reduce(Restraint.none) { $0.stricter($1.restraint) }.settled
    }

    private var rank: Int {
        switch self {
        case .none: 0
        case .shrink: 1
        case .noEntry: 2
        case .reduce: 3
        case .exit: 4
        }
    }

    /// The same without cases that say less than their name: nothing left of a size is no entry, everything kept of a
    /// position is no reduction.
    var settled: Restraint {
        switch self {
        case .shrink(let factor) where !factor.isPositive: .noEntry
        case .shrink(let factor) where factor >= .one: .none
        case .reduce(let keep) where keep >= .one: .noEntry
        case .reduce(let keep) where !keep.isPositive: .exit
        case .none, .shrink, .noEntry, .reduce, .exit: self
        }
    }
}
