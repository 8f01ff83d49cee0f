internal import ArgumentParser
internal import Core
internal import Cycle
internal import Settings
internal import Store

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Walks from a fill, order or intent back to everything that led to it.",
        discussion: """
            Takes an intent id, a client order id, a fill id (broker:account:execution), an execution id, or the end of an id as \
            the lists show it. Shows the fills, \
            the messages to and from the broker, the risk verdict with its numbers, the votes and filters, what a consultant \
            was asked and said, the bars, and \
            whether the decision comes out the same when it is made again from its evidence.

            Example: takt explain NVDA-entry-8c2k1x0zq4ab
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("What to explain.", valueName: "id")) var id: String
    @Option(name: .long, help: .init("How many bars to show.", valueName: "count")) var bars = 12

    func run() async throws {
        let context = try CommandContext(global)
        let document = try context.openStoreForReading().read { try Explanation(reader: $0, bars: bars).explain(id) }
        try context.output.emit(document) { ExplanationText(style: context.output.style, document: document).text }
    }
}

/// Gathers the story of one intent or foreign order.
private struct Explanation {
    let reader: StoreReader
    let bars: Int

    func explain(_ id: String) throws -> JSONValue {
        if let intent = try reader.intent(IntentID(id)) { return try story(intent) }
        if let order = try reader.order(ClientOrderID(id)) { return try story(order) }
        if let fill = try fill(id) {
            if let order = try reader.order(fill.clientOrderID) { return try story(order) }
        }
        // Of a later attempt the lists show its number too.
        let tail = id.split(separator: "-").first.map(String.init) ?? id
        let ended = try reader.intents(endingWith: tail)
        if let only = ended.first, ended.count == 1 { return try story(only) }
        guard ended.isEmpty else {
            throw StepFailure(
                code: "ambiguous-id", message: "\(ended.count) intents end with '\(id)'.",
                hint: "Nothing was shown. They are: \(ended.map(\.id.text).joined(separator: ", ")).",
                isRetryable: false,
                exitCode: .badInput)
        }
        throw StepFailure(
            code: "unknown-id", message: "There is no intent, order or fill '\(id)'.",
            hint: "See `takt orders` and `takt fills` for ids.", isRetryable: false, exitCode: .badInput)
    }

    private func fill(_ id: String) throws -> Fill? {
        let parts = id.split(separator: ":", maxSplits: 2).map(String.init)
        if parts.count == 3 {
            return try reader.fill(
                broker: BrokerID(parts[0]), account: AccountID(parts[1]), executionID: ExecutionID(parts[2]))
        }
        return try reader.fills().last { $0.executionID.text == id }
    }

    private func story(_ order: ManagedOrder) throws -> JSONValue {
        if let intent = try order.intentID.flatMap({ try reader.intent($0) }) { return try story(intent) }
        return [
            "schema": "takt.explain/1", "intent": .null, "orders": [DocumentItems.order(order)],
            "fills": .array(try reader.fills(order: order.clientOrderID).map(DocumentItems.fill)),
            "messages": .array(try reader.orderMessages(order: order.clientOrderID).map(Self.message)),
            "audit": .array(try audit([order.clientOrderID.text])),
        ]
    }

    private func story(_ intent: OrderIntent) throws -> JSONValue {
        let orders = try reader.orders(intent: intent.id)
        // What protects an entry was decided and judged with it.
        let decided = try intent.handling.protects.flatMap { try reader.intent($0) } ?? intent
        let decision = try reader.decision(of: decided) ?? reader.decision(intent.cycle, intent.symbol)
        let verdict = try reader.riskVerdict(decided.id)
        let checks = try RiskEvidence.recompute(intent.cycle, in: reader)
        let key = decision?.key ?? StoredDecision.Key(intent.cycle, intent.symbol, .decide)
        let subjects = [intent.id.text, key.description] + orders.map(\.clientOrderID.text)
        return [
            "schema": "takt.explain/1", "intent": DocumentItems.intent(intent),
            "orders": .array(orders.map(DocumentItems.order)),
            "fills": .array(try reader.fills(intent: intent.id).map(DocumentItems.fill)),
            "messages": .array(try reader.orderMessages(intent: intent.id).map(Self.message)),
            "risk": verdict.map { verdict in
                [
                    "verdict": .string(verdict.verdict.rawValue), "reasons": DocumentItems.reasons(verdict.reasons),
                    "decided_at": JSONValue(verdict.decidedAt), "detail": verdict.numbers,
                    "recomputed": checks.isEmpty ? .null : .bool(checks.allSatisfy(\.agrees)),
                ]
            } ?? .null,
            "decision": decision.map(DocumentItems.decision) ?? .null, "evidence": try evidence(decision),
            "consultations": .array(try consultations(decision)),
            "bars": .array(try recentBars(intent, decision)), "audit": .array(try audit(subjects)),
        ]
    }

    private func evidence(_ decision: StoredDecision?) throws -> JSONValue {
        guard let decision else { return .null }
        let body = try decision.inputDigest.flatMap { try reader.evidence($0)?.body }
        let outcome = try DecisionEvidence.recompute(decision.cycle, in: reader)
            .last { $0.key == decision.key }?.outcome
        let recomputed: JSONValue
        var reason: String?
        switch outcome {
        case .same: recomputed = true
        case .different(let why): (recomputed, reason) = (false, why)
        case .beyondRetention, nil: recomputed = .null
        }
        return [
            "input_digest": JSONValue(decision.inputDigest), "version": body?["version"] ?? .null,
            "config_digest": body?["config"] ?? .null, "bars_as_of": body?["bars_as_of"] ?? .null,
            "beyond_retention": .bool(outcome == .beyondRetention), "recomputed": recomputed,
            "reason": JSONValue(reason),
        ]
    }

    private func consultations(_ decision: StoredDecision?) throws -> [JSONValue] {
        guard let decision, let digest = decision.inputDigest else { return [] }
        return try ConsultationItems.items(of: decision.symbol, in: try reader.evidence(digest)?.body, reader)
    }

    private func recentBars(_ intent: OrderIntent, _ decision: StoredDecision?) throws -> [JSONValue] {
        let body = try decision?.inputDigest.flatMap { try reader.evidence($0)?.body }
        guard let text = body?["input"]?["timeframe"]?.stringValue, let timeframe = Timeframe(text) else { return [] }
        let asOf = body?["bars_as_of"]?.intValue.map { Int($0) }
        do {
            let stored = try reader.bars(
                intent.symbol, timeframe,
                from: intent.cycle.barClose.advanced(bySeconds: -Int64(timeframe.seconds * 400)),
                until: intent.cycle.barClose, asOf: asOf
            ).suffix(bars)
            return try DecisionEvidence.asSeen(Array(stored), of: intent.symbol, in: body).map {
                DocumentItems.bar(intent.symbol, timeframe, $0)
            }
        } catch StoreError.damagedRow(_, _) {
            // The evidence says so, with its reason; the rest of the story is told all the same.
            return []
        }
    }

    private func audit(_ subjects: [String]) throws -> [JSONValue] {
        // An intent and its first order carry the same id.
        try Set(subjects).flatMap { try reader.auditEntries(subject: $0) }.sorted { $0.sequence < $1.sequence }.map {
            entry in
            [
                "seq": .int(entry.sequence), "at": JSONValue(entry.at), "actor": .string(entry.actor),
                "kind": .string(entry.kind), "subject": .string(entry.subject), "payload": entry.payload,
            ]
        }
    }

    private static func message(_ message: OrderMessage) -> JSONValue {
        [
            "at": JSONValue(message.at), "client_order_id": JSONValue(message.clientOrderID),
            "attempt": .int(Int64(message.attempt)), "direction": .string(message.direction.rawValue),
            "body": message.body,
        ]
    }
}

/// The story for people, newest cause last.
private struct ExplanationText {
    let style: TextStyle
    let document: JSONValue

    var text: String {
        var parts = [
            section("Fills", "fills", fillLine), section("Orders", "orders", orderLine),
            section("Messages", "messages", messageLine),
        ]
        if let risk = document["risk"], risk != .null {
            parts.append(
                heading("Risk") + "\n  \(word(risk["verdict"])) at \(word(risk["decided_at"]))"
                    + reasons(risk["reasons"]) + "\n  \(checkedAgain(risk))")
        }
        if let decision = document["decision"], decision != .null {
            let votes = (decision["votes"]?.arrayValue ?? []).map { vote in
                "  \(word(vote["agent"])) votes \(word(vote["action"])) with confidence \(word(vote["confidence"])): \(detail(vote["detail"]))"
            }
            let filters = (decision["filters"]?.arrayValue ?? []).map { filter in
                "  filter \(word(filter["name"])) \(filter["passed"]?.boolValue == true ? "passed" : "held back"): \(word(filter["reason"]))"
            }
            let head =
                "\(heading("Decision")) \(word(decision["cycle"])): \(word(decision["action"])) \(word(decision["symbol"]))"
            parts.append(([head] + votes + filters).joined(separator: "\n"))
        }
        if let evidence = document["evidence"], evidence != .null {
            parts.append(
                "\(heading("Evidence")) \(word(evidence["input_digest"]))\n  takt \(word(evidence["version"])), configuration \(word(evidence["config_digest"]))\n  \(madeAgain(evidence))"
            )
        }
        parts.append(section("Consultant", "consultations", consultationLine))
        parts.append(section("Bars", "bars", barLine))
        parts.append(section("Audit trail", "audit", auditLine))
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func checkedAgain(_ risk: JSONValue) -> String {
        switch risk["recomputed"]?.boolValue {
        case true: style(.green, "made again from its evidence, it says the same")
        case false: style(.red, "made again from its evidence, it no longer says the same")
        case nil: "no evidence is recorded to make it again from"
        }
    }

    private func madeAgain(_ evidence: JSONValue) -> String {
        switch (evidence["recomputed"]?.boolValue, evidence["beyond_retention"]?.boolValue) {
        case (true, _): style(.green, "made again from its evidence, it comes out the same")
        case (false, _): style(.red, "not as recorded: \(word(evidence["reason"]))")
        case (nil, true): "cannot be made again: db prune has taken its bars away"
        case (nil, _): "no entry of the audit trail is there to compare it with"
        }
    }

    /// What a program outside says of its vote is shown as it is, but steers no terminal.
    private func detail(_ value: JSONValue?) -> String {
        let text = value?.text ?? ""
        let shown = text.plain(limit: Self.detailShown)
        return text.unicodeScalars.count > Self.detailShown ? shown + "…" : shown
    }

    /// Characters.
    private static let detailShown = 2_000

    private func word(_ value: JSONValue?) -> String { value.map(TextTable.plain) ?? "-" }
    private func heading(_ text: String) -> String { style(.bold, text) }

    private func section(_ title: String, _ key: String, _ line: (JSONValue) -> String) -> String {
        let items = document[key]?.arrayValue ?? []
        guard !items.isEmpty else { return "" }
        return heading(title) + "\n" + items.map { "  " + line($0) }.joined(separator: "\n")
    }

    private func reasons(_ value: JSONValue?) -> String {
        (value?.arrayValue ?? []).map { "\n  \(word($0["code"])): \(word($0["message"]))" }.joined()
    }

    private func fillLine(_ fill: JSONValue) -> String {
        "\(word(fill["filled_at"])) \(word(fill["side"])) \(word(fill["quantity"])) \(word(fill["symbol"])) at \(word(fill["price"])) \(word(fill["currency"])), fee \(word(fill["fee"])), tax \(word(fill["tax"])), execution \(word(fill["execution_id"]))"
    }

    private func orderLine(_ order: JSONValue) -> String {
        "\(word(order["sent_at"])) \(word(order["client_order_id"])) → \(word(order["broker"])) \(word(order["broker_order_id"])): \(word(order["side"])) \(word(order["quantity"])) \(word(order["type"])), filled \(word(order["filled_quantity"])), \(word(order["state"]))"
    }

    private func messageLine(_ message: JSONValue) -> String {
        "\(word(message["at"])) \(word(message["direction"])) \(message["body"]?.text ?? "")"
    }

    private func auditLine(_ entry: JSONValue) -> String {
        // What an entry says beyond its kind is told above, but for what was found out about a doubt.
        let finding = entry["payload"]?["finding"].map { ": \(word($0))" } ?? ""
        return "\(word(entry["at"])) \(word(entry["actor"])) \(word(entry["kind"]))\(finding)"
    }

    private func consultationLine(_ item: JSONValue) -> String {
        let head =
            "\(word(item["sent_at"])) \(word(item["model"])) attempt \(word(item["attempt"])): \(word(item["outcome"])), \(word(item["cost_usd"])) USD"
        return
            "\(head)\n    \(detail(item["advice"]))\n    request \(word(item["request_digest"])), answer \(word(item["answer_digest"]))"
    }

    private func barLine(_ bar: JSONValue) -> String {
        "\(word(bar["open_at"])) \(word(bar["timeframe"])) o \(word(bar["open"])) h \(word(bar["high"])) l \(word(bar["low"])) c \(word(bar["close"])) v \(word(bar["volume"]))"
    }
}
