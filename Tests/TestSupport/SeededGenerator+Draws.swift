public import Core

/// Draws for property tests. The seed is an argument of the test, so that a failure names it.
extension SeededGenerator {
    public mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    public mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    /// One of the items; they must not be empty.
    public mutating func pick<Item>(_ items: [Item]) -> Item { items[int(0...items.count - 1)] }

    /// A number of every order of magnitude up to the limit of ``FixedPoint``, of either sign.
    public mutating func fixedPoint(digits: ClosedRange<Int> = 0...26) throws -> FixedPoint {
        let count = int(digits)
        var units: Int128 = 0
        for _ in 0..<count { units = units * 10 + Int128(int(0...9)) }
        return try FixedPoint(units: chance(0.5) ? units : -units)
    }
}

/// The seeds a property runs with unless it says otherwise.
public let propertySeeds: [UInt64] = [1, 2, 3, 5, 8, 13, 21, 34]
