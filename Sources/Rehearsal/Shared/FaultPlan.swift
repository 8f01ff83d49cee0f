public import Core

/// Something that can go wrong in a stand-in; its raw value is its name in fault plans.
public protocol RehearsedFault: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == String {}

/// What goes wrong, where and how often: the same faults at the same calls for the same seed.
public struct FaultPlan<Fault: RehearsedFault>: Hashable, Sendable {
    public enum Trigger: Hashable, Sendable {
        /// Of so many calls of the endpoint, on the average, 0 … 1.
        case rate(Double)
        /// At these calls of the endpoint, counted from one.
        case calls(Set<Int>)
    }

    public struct Rule: Hashable, Sendable {
        public let fault: Fault
        /// Where, in the broker's own names: at KIS the end of a path (`order-cash`, `overseas-stock/v1/trading/order`) or
        /// the transaction id of a stream (`H0STCNI9`), at a gateway the name of a message (`placeOrder`); `*` is all.
        public let endpoint: String
        public let trigger: Trigger
        public let seconds: Int
        public let milliseconds: Int

        public init(
            _ fault: Fault, at endpoint: String, _ trigger: Trigger, seconds: Int = 30, milliseconds: Int = 1500
        ) {
            self.fault = fault
            self.endpoint = endpoint
            self.trigger = trigger
            self.seconds = seconds
            self.milliseconds = milliseconds
        }

        func matches(_ name: String) -> Bool { endpoint == "*" || name == endpoint || name.hasSuffix("/" + endpoint) }
    }

    public let seed: UInt64
    public let rules: [Rule]

    public init(seed: UInt64, rules: [Rule]) {
        self.seed = seed
        self.rules = rules
    }

    public static var none: FaultPlan { FaultPlan(seed: 0, rules: []) }

    /// Reads `{"seed": 7, "rules": [{"fault": "drop-after-accept", "endpoint": "order-cash", "calls": [1]}, …]}`; instead
    /// of `calls` there may be `rate`, and `seconds` and `milliseconds` where they mean something.
    public init(json: JSONValue) throws(FaultPlanError<Fault>) {
        var rules: [Rule] = []
        for (index, item) in (json["rules"]?.arrayValue ?? []).enumerated() {
            guard let fault = item["fault"]?.stringValue.flatMap({ Fault(rawValue: $0) }) else {
                throw .unknownFault(rule: index, item["fault"]?.stringValue ?? "")
            }
            let trigger: Trigger
            if let rate = item["rate"]?.doubleValue, (0...1).contains(rate) {
                trigger = .rate(rate)
            } else if let calls = item["calls"]?.arrayValue?.compactMap({ $0.intValue }), !calls.isEmpty {
                trigger = .calls(Set(calls.map { Int($0) }))
            } else {
                throw .noTrigger(rule: index)
            }
            rules.append(
                Rule(
                    fault, at: item["endpoint"]?.stringValue ?? "*", trigger,
                    seconds: item["seconds"]?.intValue.map { Int($0) } ?? 30,
                    milliseconds: item["milliseconds"]?.intValue.map { Int($0) } ?? 1500))
        }
        self.init(seed: UInt64(bitPattern: json["seed"]?.intValue ?? 0), rules: rules)
    }
}

/// What is wrong with the text of a fault plan.
public enum FaultPlanError<Fault: RehearsedFault>: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownFault(rule: Int, String)
    case noTrigger(rule: Int)

    public var description: String {
        switch self {
        case .unknownFault(let rule, let name):
            "rule \(rule): there is no fault '\(name)'; known: "
                + Fault.allCases.map(\.rawValue).joined(separator: ", ")
        case .noTrigger(let rule): "rule \(rule): give 'rate' between 0 and 1, or 'calls', the numbers of the calls"
        }
    }
}

/// One fault that happened.
public struct InjectedFault<Fault: RehearsedFault>: Hashable, Sendable {
    public let fault: Fault
    public let endpoint: String
    /// The call, or the frame, of the endpoint.
    public let call: Int
    public let at: Instant
}

/// Counts the calls and says what goes wrong with each.
struct FaultDesk<Fault: RehearsedFault>: Sendable {
    var plan: FaultPlan<Fault> {
        didSet { counts = [:] }
    }
    private(set) var log: [InjectedFault<Fault>] = []
    private var counts: [String: Int] = [:]

    init(_ plan: FaultPlan<Fault>) { self.plan = plan }

    /// The rules that strike at the next call of the endpoint. Each rule draws from a stream of its own for every call, so
    /// the order in which calls of different endpoints come does not matter.
    ///
    /// - Parameter concerns: Whether a fault can happen there at all; nothing is drawn for others.
    mutating func draw(
        _ endpoint: String, at now: Instant, concerns: (Fault) -> Bool
    ) -> [FaultPlan<Fault>.Rule] {
        guard !plan.rules.isEmpty else { return [] }
        let call = (counts[endpoint] ?? 0) + 1
        counts[endpoint] = call
        var struck: [FaultPlan<Fault>.Rule] = []
        for (index, rule) in plan.rules.enumerated() where concerns(rule.fault) && rule.matches(endpoint) {
            let strikes: Bool
            switch rule.trigger {
            case .calls(let calls): strikes = calls.contains(call)
            case .rate(let rate):
                var random = SeededGenerator(seed: plan.seed, stream: "fault|\(index)|\(endpoint)|\(call)")
                strikes = random.uniform() < rate
            }
            guard strikes else { continue }
            struck.append(rule)
            log.append(InjectedFault(fault: rule.fault, endpoint: endpoint, call: call, at: now))
        }
        return struck
    }
}
