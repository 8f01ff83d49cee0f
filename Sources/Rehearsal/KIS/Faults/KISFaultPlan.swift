public import Core

/// Something that goes wrong in the simulator.
public enum KISFault: String, Hashable, Sendable, CaseIterable {
    /// The connection closes before the call is looked at.
    case dropBeforeAccept = "drop-before-accept"
    /// The call is carried out, and the connection closes without an answer.
    case dropAfterAccept = "drop-after-accept"
    /// HTTP 500 and EGW00002, the call not carried out.
    case serverError = "server-error"
    /// The same, and the call carried out.
    case serverErrorAfterAccept = "server-error-after-accept"
    /// HTTP 500 and EGW00201, the call not carried out.
    case rateLimit = "rate-limit"
    /// Every token of the environment is void from now on.
    case tokenExpiry = "token-expiry"
    /// The answer comes late, by `milliseconds`.
    case slow
    /// The call is carried out; its answer is no JSON.
    case malformedBody = "malformed-body"
    /// The call is carried out; the connection closes in the middle of its answer.
    case halfAnswer = "half-answer"
    /// The order is taken, and the exchange refuses it afterwards.
    case lateRefusal = "late-refusal"
    /// The order lists show the order only `seconds` later.
    case lateVisibility = "late-visibility"

    // Of the stream; its endpoints are the transaction ids of the frames.

    /// A frame breaks off in its middle, and the next one follows.
    case halfFrame = "half-frame"
    /// A message comes in several WebSocket frames; a correct receiver does not notice.
    case fragmentedFrame = "fragmented-frame"
    /// A record has a value too many or too few.
    case wrongWidth = "wrong-width"
    case duplicateNotice = "duplicate-notice"
    /// A notice comes `seconds` later, after others.
    case lateNotice = "late-notice"
    case lostNotice = "lost-notice"
    /// The session closes, without a close frame.
    case disconnect

    var isOfStream: Bool {
        switch self {
        case .halfFrame, .fragmentedFrame, .wrongWidth, .duplicateNotice, .lateNotice, .lostNotice, .disconnect: true
        case .dropBeforeAccept, .dropAfterAccept, .serverError, .serverErrorAfterAccept, .rateLimit, .tokenExpiry,
            .slow, .malformedBody, .halfAnswer, .lateRefusal, .lateVisibility:
            false
        }
    }
}

/// What goes wrong, where and how often: the same faults at the same calls for the same seed.
public struct KISFaultPlan: Hashable, Sendable {
    public enum Trigger: Hashable, Sendable {
        /// Of so many calls of the endpoint, on the average, 0 … 1.
        case rate(Double)
        /// At these calls of the endpoint, counted from one.
        case calls(Set<Int>)
    }

    public struct Rule: Hashable, Sendable {
        public let fault: KISFault
        /// The end of the path (`order-cash`, `overseas-stock/v1/trading/order`), the transaction id of a stream
        /// (`H0STCNI9`), or `*`.
        public let endpoint: String
        public let trigger: Trigger
        public let seconds: Int
        public let milliseconds: Int

        public init(
            _ fault: KISFault, at endpoint: String, _ trigger: Trigger, seconds: Int = 30, milliseconds: Int = 1500
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

    public static let none = KISFaultPlan(seed: 0, rules: [])

    /// Reads `{"seed": 7, "rules": [{"fault": "drop-after-accept", "endpoint": "order-cash", "calls": [1]}, …]}`; instead
    /// of `calls` there may be `rate`, and `seconds` and `milliseconds` where they mean something.
    public init(json: JSONValue) throws(KISFaultPlanError) {
        var rules: [Rule] = []
        for (index, item) in (json["rules"]?.arrayValue ?? []).enumerated() {
            guard let fault = item["fault"]?.stringValue.flatMap({ KISFault(rawValue: $0) }) else {
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
public enum KISFaultPlanError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownFault(rule: Int, String)
    case noTrigger(rule: Int)

    public var description: String {
        switch self {
        case .unknownFault(let rule, let name):
            "rule \(rule): there is no fault '\(name)'; known: "
                + KISFault.allCases.map(\.rawValue).joined(separator: ", ")
        case .noTrigger(let rule): "rule \(rule): give 'rate' between 0 and 1, or 'calls', the numbers of the calls"
        }
    }
}

/// One fault that happened.
public struct InjectedFault: Hashable, Sendable {
    public let fault: KISFault
    public let endpoint: String
    /// The call, or the frame, of the endpoint.
    public let call: Int
    public let at: Instant
}

/// Counts the calls and says what goes wrong with each.
struct FaultDesk: Sendable {
    var plan: KISFaultPlan {
        didSet { counts = [:] }
    }
    private(set) var log: [InjectedFault] = []
    private var counts: [String: Int] = [:]

    init(_ plan: KISFaultPlan) { self.plan = plan }

    /// The rules that strike at the next call of the endpoint. Each rule draws from a stream of its own for every call, so
    /// the order in which calls of different endpoints come does not matter.
    mutating func draw(_ endpoint: String, ofStream: Bool, at now: Instant) -> [KISFaultPlan.Rule] {
        let call = (counts[endpoint] ?? 0) + 1
        counts[endpoint] = call
        var struck: [KISFaultPlan.Rule] = []
        for (index, rule) in plan.rules.enumerated() where rule.fault.isOfStream == ofStream && rule.matches(endpoint) {
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
