internal import Broker
internal import Core
internal import Settings
internal import Store

/// Asks brokers what proposed entries would come to, where they are configured to be asked, before risk approves them: no
/// transaction waits for a network. Exits are not asked about.
struct OrderPreviews {
    private let context: CycleContext

    init(_ context: CycleContext) { self.context = context }

    /// For all of a beat together. What is not answered by then waits for the next run.
    private static let patience = Duration.seconds(30)

    /// Whether risk waits for what the intent's broker says of it.
    func isAsked(_ intent: OrderIntent) -> Bool {
        !intent.purpose.reducesRisk && context.brokers[intent.broker]?.asksBeforeOrders == true
    }

    /// What came of the asking.
    struct Answers {
        var known: [IntentID: OrderPreview] = [:]
        /// Entries that stay proposed, and why.
        var missing: [(intent: OrderIntent, detail: String)] = []

        /// Says what waits, and that the step is to be run again.
        func tell(in result: inout StepResult) {
            guard let first = missing.first, result.status == .succeeded else { return }
            result.status = .partial
            result.exitCode = .unavailable
            result.warnings += missing.map {
                "\($0.intent.id) waits for what \($0.intent.broker) says of it: \($0.detail)"
            }
            result.failure = StepFailure(
                code: "no-preview",
                message:
                    "\(first.intent.broker) did not say what \(missing.count == 1 ? "an entry" : "\(missing.count) entries") "
                    + "would come to: \(first.detail).",
                hint:
                    "They stay proposed, and nothing of them is sent: run risk-check and submit again within this bar.",
                isRetryable: true, exitCode: .unavailable)
        }
    }

    /// After the first question that a broker leaves open it is asked no more.
    func ask(_ beat: Beat) async throws -> Answers {
        let proposed = try context.store.read {
            try $0.intents(cycle: beat.cycle).filter { $0.state == .proposed && isAsked($0) }
        }
        var answers = Answers()
        var silent: [BrokerID: String] = [:]
        let end = beat.now.advanced(by: Self.patience)
        for intent in proposed where context.clock.now() < intent.expiresAt {
            try context.stop.checkpoint()
            guard let broker = context.brokers[intent.broker],
                let (instrument, _) = try? context.listing(of: intent.symbol)
            else { continue }
            if silent[intent.broker] == nil, context.clock.now() >= end {
                silent[intent.broker] = "there was no time left to ask"
            }
            if let detail = silent[intent.broker] {
                answers.missing.append((intent, detail))
                continue
            }
            let preview = await broker.preview(OrderRequest(intent, of: instrument))
            if case .unknown(let detail) = preview {
                silent[intent.broker] = detail
                answers.missing.append((intent, detail))
            } else {
                answers.known[intent.id] = preview
            }
        }
        return answers
    }
}
