public import Core

/// What the risk check says about one intent, with the numbers that led there.
public struct IntentVerdict: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case approved
        /// Every rule that failed, in the order of the rules.
        case rejected([Reason])
    }

    public enum RuleOutcome: String, Hashable, Sendable {
        case passed, failed
        /// The rule guards against new risk only, and the intent reduces risk.
        case skipped
    }

    public struct RuleVerdict: Hashable, Sendable {
        public let code: RiskCode
        public let outcome: RuleOutcome
    }

    public let intentID: IntentID
    public let outcome: Outcome
    /// One entry for each rule, in order.
    public let rules: [RuleVerdict]
    /// Order, equity, exposure and counts as the rules saw them; amounts in base currency are decimal strings.
    public let numbers: JSONValue

    public var isApproved: Bool { outcome == .approved }
    public var reasons: [Reason] {
        switch outcome {
        case .approved: []
        case .rejected(let reasons): reasons
        }
    }

    /// The document kept as evidence.
    public var json: JSONValue {
        [
            "intent_id": JSONValue(intentID),
            "verdict": isApproved ? "approved" : "rejected",
            "reasons": .array(reasons.map { ["code": .string($0.code), "message": .string($0.message)] }),
            "rules": .object(
                rules.filter(Self.isWritten).map {
                    JSONValue.Member($0.code.rawValue, .string($0.outcome.rawValue))
                }),
            "numbers": numbers,
        ]
    }

    /// Rules that came later are written only where they object: the verdicts of before keep their bytes.
    private static func isWritten(_ rule: RuleVerdict) -> Bool {
        rule.outcome == .failed || ![.unsupportedHandling, .brokerPreview].contains(rule.code)
    }
}

extension RiskCheck {
    /// Checks intents in their canonical order and returns a verdict for each, in that order; each approved intent
    /// counts for those after it. Protective exits of the account check belong in the same call.
    ///
    /// An input whose numbers leave the exact range is refused as a whole, with `not-calculable` on every intent.
    public func intents(_ intents: [OrderIntent]) -> [IntentVerdict] {
        let ordered = Self.canonical(intents)
        do {
            var running = try projection(without: Set(intents.map(\.id)))
            return ordered.map { intent($0, running: &running) }
        } catch {
            let reason = Self.notCalculable(error, of: "the account")
            return ordered.map {
                IntentVerdict(intentID: $0.id, outcome: .rejected([reason]), rules: [], numbers: .object([]))
            }
        }
    }

    /// Exits before entries (flatten, stop-loss, exit, take-profit, manual, entry), then by symbol, broker, leg and id.
    public static func canonical(_ intents: [OrderIntent]) -> [OrderIntent] {
        intents.sorted { left, right in
            let (first, second) = (rank(left.purpose), rank(right.purpose))
            if first != second { return first < second }
            return (left.symbol, left.broker, left.leg, left.id) < (right.symbol, right.broker, right.leg, right.id)
        }
    }

    private static func rank(_ purpose: OrderPurpose) -> Int {
        switch purpose {
        case .flatten: 0
        case .stopLoss: 1
        case .exit: 2
        case .takeProfit: 3
        case .manual: 4
        case .entry: 5
        }
    }

    /// The verdict on one intent on top of what is held, live and approved; an approved one is added to `running`.
    public func intent(_ intent: OrderIntent, running: inout Projection) -> IntentVerdict {
        do {
            let context = try IntentContext(intent: intent, check: self, before: running)
            let (rules, reasons) = Self.judge(context)
            if reasons.isEmpty { running = context.after }
            return IntentVerdict(
                intentID: intent.id, outcome: reasons.isEmpty ? .approved : .rejected(reasons), rules: rules,
                numbers: try context.numbers())
        } catch {
            let reason = Self.notCalculable(error, of: "intent \(intent.id)")
            return IntentVerdict(
                intentID: intent.id, outcome: .rejected([reason]), rules: [], numbers: .object([]))
        }
    }

    private static func judge(_ context: IntentContext) -> ([IntentVerdict.RuleVerdict], [Reason]) {
        var rules: [IntentVerdict.RuleVerdict] = []
        var reasons: [Reason] = []
        for rule in IntentRule.table {
            if rule.scope == .newRisk, context.reducesRisk {
                rules.append(IntentVerdict.RuleVerdict(code: rule.code, outcome: .skipped))
                continue
            }
            do {
                guard let message = try rule.refusal(context) else {
                    rules.append(IntentVerdict.RuleVerdict(code: rule.code, outcome: .passed))
                    continue
                }
                reasons.append(Reason(code: rule.code.rawValue, message: message))
            } catch {
                reasons.append(notCalculable(error, of: "rule \(rule.code.rawValue) of intent \(context.intent.id)"))
            }
            rules.append(IntentVerdict.RuleVerdict(code: rule.code, outcome: .failed))
        }
        return (rules, reasons)
    }

    private static func notCalculable(_ error: ArithmeticError, of what: String) -> Reason {
        Reason(
            code: RiskCode.notCalculable.rawValue,
            message: "The numbers of \(what) cannot be calculated exactly (\(error)); nothing is sent on them.")
    }
}
