/// How many bars ago the highest or lowest of the last N values was; of equal ones the latest counts.
///
/// The blocks of ``WindowFold``, each value with its place: a suffix remembers where in its block the extreme was.
struct WindowAge<Operation: WindowOperation>: Codable, Equatable, Sendable {
    @Exact private var values: [Double]
    private var places: [Int]
    @Exact private var prefix = Operation.neutral
    private var prefixPlace = 0
    private var position = 0

    var length: Int { values.count - 1 }

    init(_ length: Int) {
        values = [Double](repeating: Operation.neutral, count: length + 1)
        places = [Int](repeating: 0, count: length + 1)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        _values = try container.decode(Exact<[Double]>.self, forKey: .values)
        places = try container.decode([Int].self, forKey: .places)
        _prefix = try container.decode(Exact<Double>.self, forKey: .prefix)
        prefixPlace = try container.decode(Int.self, forKey: .prefixPlace)
        position = try container.decode(Int.self, forKey: .position)
        try WindowPosition.check(position, length: values.count == places.count ? length : 0, decoder)
        for place in places + [prefixPlace] { try WindowPosition.check(place, length: length, decoder) }
    }

    /// Takes in a value; the age, from 0 to N - 1 bars, is right once N values have come.
    mutating func push(_ value: Double) -> Int {
        if Operation.combine(value, prefix) == value {
            prefix = value
            prefixPlace = position
        }
        values[position] = value
        position += 1
        let now = position - 1
        // The suffix is older, so it must be strictly more extreme.
        let isInPrefix = Operation.combine(values[position], prefix) == prefix
        let age = isInPrefix ? now - prefixPlace : now + length - places[position]
        if position == length { turn() }
        return age
    }

    private mutating func turn() {
        places[length - 1] = length - 1
        for index in (0..<(length - 1)).reversed() {
            let isLater = Operation.combine(values[index], values[index + 1]) == values[index + 1]
            places[index] = isLater ? places[index + 1] : index
            if isLater { values[index] = values[index + 1] }
        }
        prefix = Operation.neutral
        prefixPlace = 0
        position = 0
    }
}
