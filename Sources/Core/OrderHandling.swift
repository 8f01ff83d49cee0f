/// How an order is worked beside its type and its time in force: what few orders ask for, and few brokers take.
public struct OrderHandling: Hashable, Sendable {
    /// When an order that is good till a date ends (``TimeInForce/goodTillDate``).
    public var goodUntil: Instant?
    /// It may be executed before the opening and after the close as well.
    public var outsideRegularHours: Bool
    /// The broker works it by a program of its own.
    public var algorithm: ExecutionAlgorithm?
    /// What closes the position that an entry opens, given with it.
    public var bracket: Bracket?
    /// The entry to whose bracket it belongs: it waits for that one's execution, and was given with it.
    public var protects: IntentID?

    public init(
        goodUntil: Instant? = nil, outsideRegularHours: Bool = false, algorithm: ExecutionAlgorithm? = nil,
        bracket: Bracket? = nil, protects: IntentID? = nil
    ) {
        self.goodUntil = goodUntil
        self.outsideRegularHours = outsideRegularHours
        self.algorithm = algorithm
        self.bracket = bracket
        self.protects = protects
    }

    /// Nothing is asked for.
    public static let plain = OrderHandling()

    /// What is asked for, in words that brokers' capabilities have as well: `outside-regular-hours`, `bracket`, and the name of
    /// the algorithm.
    public var wishes: Set<String> {
        var wishes: Set<String> = []
        if outsideRegularHours { wishes.insert(Self.outsideRegularHoursName) }
        if let algorithm { wishes.insert(algorithm.name) }
        if bracket != nil { wishes.insert(Bracket.name) }
        return wishes
    }

    public static let outsideRegularHoursName = "outside-regular-hours"

    /// `nil` if nothing is asked for.
    public var json: JSONValue? {
        guard self != .plain else { return nil }
        var members: [JSONValue.Member] = []
        if let goodUntil { members.append(.init("good_until", JSONValue(goodUntil))) }
        if outsideRegularHours { members.append(.init("outside_regular_hours", true)) }
        if let algorithm { members.append(.init("algorithm", algorithm.json)) }
        if let bracket { members.append(.init("bracket", bracket.json)) }
        if let protects { members.append(.init("protects", JSONValue(protects))) }
        return .object(members)
    }

    public init<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) {
        goodUntil = try reader.instant("good_until", orElse: nil)
        outsideRegularHours =
            reader.value["outside_regular_hours"] == nil ? false : try reader.bool("outside_regular_hours")
        algorithm =
            reader.value["algorithm"] == nil ? nil : try ExecutionAlgorithm(try reader.object("algorithm"))
        bracket = reader.value["bracket"] == nil ? nil : try Bracket(try reader.object("bracket"))
        protects = reader.value["protects"] == nil ? nil : IntentID(try reader.string("protects"))
    }
}

/// A broker's own program that cuts an order up and sends the pieces.
public enum ExecutionAlgorithm: Hashable, Sendable {
    public enum Urgency: String, Hashable, Sendable, CaseIterable { case patient, normal, urgent }

    /// Between the two sides of the market, and the more eagerly the more urgent it is.
    case adaptive(Urgency)
    /// Evenly over a time; `nil` leaves the beginning to now and the end to the close.
    case timeWeighted(from: Instant?, until: Instant?)
    /// With the market's volume over a time, never more than a share of it.
    case volumeWeighted(maximumShare: Fraction?, from: Instant?, until: Instant?)

    /// `adaptive`, `twap`, `vwap`.
    public var name: String {
        switch self {
        case .adaptive: "adaptive"
        case .timeWeighted: "twap"
        case .volumeWeighted: "vwap"
        }
    }

    public static let names = ["adaptive", "twap", "vwap"]

    public var json: JSONValue {
        var members: [JSONValue.Member] = [.init("name", .string(name))]
        func add(_ key: String, _ instant: Instant?) {
            if let instant { members.append(.init(key, JSONValue(instant))) }
        }
        switch self {
        case .adaptive(let urgency): members.append(.init("urgency", .string(urgency.rawValue)))
        case .timeWeighted(let from, let until):
            add("from", from)
            add("until", until)
        case .volumeWeighted(let share, let from, let until):
            if let share { members.append(.init("maximum_share", JSONValue(share))) }
            add("from", from)
            add("until", until)
        }
        return .object(members)
    }

    public init<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) {
        let name = try reader.string("name")
        func time(_ key: String) throws(Failure) -> Instant? { try reader.instant(key, orElse: nil) }
        switch name {
        case "adaptive": self = .adaptive(try reader.read("urgency") { Urgency(rawValue: $0) })
        case "twap": self = .timeWeighted(from: try time("from"), until: try time("until"))
        case "vwap":
            self = .volumeWeighted(
                maximumShare: try reader.decimal("maximum_share", orElse: nil).map { Fraction($0) },
                from: try time("from"), until: try time("until"))
        default:
            throw Failure.evidence(
                path: "\(reader.path).name",
                problem: "is '\(name)', which is no algorithm; known are \(Self.names.joined(separator: ", "))")
        }
    }
}
