/// Numbers that survive storage to the last bit.
///
/// JSON has no NaN and no infinity, and readers disagree on negative zero; these are stored as the texts `nan`, `inf`,
/// `-inf` and `-0`. Every other number is stored as a number, whose shortest decimal form reads back exactly. Two
/// values are equal when their bits are, so a NaN equals itself here.
protocol ExactlyStored: Sendable {
    static func same(_ left: Self, _ right: Self) -> Bool
    func store(to encoder: any Encoder) throws
    init(storedIn decoder: any Decoder) throws
}

/// Marks the state of an indicator that is stored exactly.
@propertyWrapper
struct Exact<Value: ExactlyStored>: Codable, Equatable, Sendable {
    var wrappedValue: Value

    init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
    init(from decoder: any Decoder) throws { wrappedValue = try Value(storedIn: decoder) }
    func encode(to encoder: any Encoder) throws { try wrappedValue.store(to: encoder) }
    static func == (left: Self, right: Self) -> Bool { Value.same(left.wrappedValue, right.wrappedValue) }
}

extension Double: ExactlyStored {
    static func same(_ left: Double, _ right: Double) -> Bool {
        left.bitPattern == right.bitPattern || (left.isNaN && right.isNaN)
    }

    func store(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let name = exactName { try container.encode(name) } else { try container.encode(self) }
    }

    init(storedIn decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            self = number
        } else {
            let name = try container.decode(String.self)
            guard let number = Self.exactNames[name] else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(name)' is not a number")
            }
            self = number
        }
    }

    /// The text that stands for a number JSON cannot hold.
    var exactName: String? {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        return self == 0 && sign == .minus ? "-0" : nil
    }

    static let exactNames: [String: Double] = ["nan": .nan, "inf": .infinity, "-inf": -.infinity, "-0": -0.0]
}

extension SIMD2<Double>: ExactlyStored {
    static func same(_ left: Self, _ right: Self) -> Bool {
        Double.same(left[0], right[0]) && Double.same(left[1], right[1])
    }

    func store(to encoder: any Encoder) throws { try [self[0], self[1]].store(to: encoder) }

    init(storedIn decoder: any Decoder) throws {
        let lanes = try [Double](storedIn: decoder)
        guard lanes.count == 2 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "\(lanes.count) numbers instead of 2"))
        }
        self.init(lanes[0], lanes[1])
    }
}

extension [Double]: ExactlyStored {
    static func same(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { Double.same($0, $1) }
    }

    func store(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for value in self { try container.encode(Exact(wrappedValue: value)) }
    }

    init(storedIn decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        self = []
        while !container.isAtEnd { append(try container.decode(Exact<Double>.self).wrappedValue) }
    }
}
