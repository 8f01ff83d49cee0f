internal import ArgumentParser
internal import Core
internal import Cycle
internal import Glibc
internal import Settings

struct ProposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propose",
        abstract: "Reads order intents from stdin, one JSON object a line, and decides on them.",
        discussion: """
            The door for a model of your own, beside the agents of the profile. A line is an order intent:

              {"symbol": "NVDA", "action": "buy"}          sized as configured
              {"symbol": "NVDA", "target": "-50"}          the position aimed at, in units; short is negative

            and may have confidence (0 to 1, else 1), probabilities ({"hold", "buy", "sell"}, together 1), reason (a text for \
            people) and cycle (refused if it is another one than --cycle). Quantities and prices are strings. A hold is \
            recorded and orders nothing; a target on the other side of zero closes the position first, and one beyond the \
            configured sizing is cut down to it.

            What the line does not say of its order, the configuration does. Prices say the type: limit_price, stop_price, \
            both, or trail_amount or trail_share (a stop that follows the market, 0.02 is two per cent; with stop_price and \
            limit_offset a limit behind it). order_type names the others: market, market-to-limit, conditional-limit (with \
            limit_price), best-own-side. Limits are rounded to the tick on the passive side, stops away from the market. \
            time_in_force is day, gtc, ioc, fok, at-open, at-close, or gtd with good_until (a time). at-open is proposed in \
            the last cycle before, and may be sent until the opening. outside_regular_hours (true) and algorithm \
            ({"name": "adaptive", "urgency": "patient|normal|urgent"}, {"name": "twap"}, {"name": "vwap", "maximum_share": \
            "0.1"}, the last two with from and until) are for brokers that have them. take_profit and stop_loss, one of them or \
            both, protect what an entry opens: orders that go with it, rest at the broker good till cancelled, and of which one \
            that is executed ends the other. What the broker has not, risk-check refuses. An exit at the market takes \
            back first what rests to protect the position, and goes out at the next bar if it is still wanted then: propose \
            it again. Beside what rests no other exit is taken.

            A proposal passes the same filters, rounding, halts and risk check as a decision of takt's own; `takt cycle \
            --from risk-check` carries its order on. There is one per symbol and cycle: the same line again changes \
            nothing, another one is refused, and so is a symbol that has an order in the cycle already. Lines that cannot \
            be taken are refused one by one with their number, key and reason, and the code is 65; all others are stored, \
            in one transaction. The lines are waited for as long as a bar of the profile takes.

            Example: takt features --format ndjson | ./model | takt propose --format ndjson
                     takt features --format ndjson | jq -c 'select(.symbol and .ready) | {symbol, cycle, action: \
            (if .values[0] > 0 then "buy" else "hold" end)}' | takt propose
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var cycle: CycleOption

    func run() async throws {
        let context = try CommandContext(global)
        let store = try context.openStore()
        let cycleContext = try await context.tradingContext(store)
        // Settled before the lines have come: in a pipe the features were made for the same bar.
        let (profile, id) = try CycleTarget(context: context, named: cycle.cycle).resolve(cycleContext)
        let input = try Self.input(within: .seconds(profile.timeframe.seconds), cycleContext.stop)
        let desk = ProposalDesk(context: cycleContext, profile: profile, isDryRun: context.isDryRun)
        let document = await desk.take(input, for: id)
        try context.output.emit(document.json) { ProposalText(style: context.output.style).text(document) }
        if document.exitCode != .success, let error = document.json["error"] {
            let words = [error["message"], error["hint"]].compactMap { $0?.stringValue }.joined(separator: " ")
            FileWriting.writeAll(Array("takt propose: \(words)\n".utf8), to: STDERR_FILENO)
        }
        try CommandEnd.check(document.exitCode, said: document.json["error"]?.text)
    }

    /// Bytes: far more than the lines of any profile.
    private static let inputLimit = 16 << 20

    /// - Parameter limit: in real time and not a replay's: whoever writes the lines runs in it too. Later than a bar nothing is
    ///   decided for the cycle any more.
    private static func input(within limit: Duration, _ stop: StopSignal) throws -> [UInt8] {
        let end = ContinuousClock.now.advanced(by: limit)
        do {
            return try FileWriting.read(STDIN_FILENO, named: "standard input", limit: inputLimit) {
                try stop.checkpoint()
                guard ContinuousClock.now >= end else { return }
                throw StepFailure(
                    code: "input-late",
                    message: "its end did not come within a bar (\(limit.components.seconds) s).", hint: "",
                    isRetryable: true, exitCode: .badInput)
            }
        } catch let error as StepFailure where error.exitCode == .terminated || error.exitCode == .interrupted {
            throw error
        } catch let error as StepFailure {
            throw StepFailure(
                code: "bad-input", message: "The proposals on standard input cannot be taken: \(error.message)",
                hint: "Nothing was stored. Hand in one JSON object a line, at most one for each symbol.",
                isRetryable: false, exitCode: .badInput)
        }
    }
}

/// Answers to proposals for people.
struct ProposalText {
    let style: TextStyle

    func text(_ document: ProposalDocument) -> String {
        let json = document.json
        let items = json["items"]?.arrayValue ?? []
        let table = TextTable(
            columns: [
                .init("line", "line", numeric: true), .init("symbol", "symbol"), .init("status", "status"),
                .init("action", "action"), .init("intent", "intent_id"), .init("why", Self.why),
            ], items: items, empty: "No lines.")
        let warnings = (json["warnings"]?.arrayValue ?? []).compactMap(\.stringValue).map { style(.yellow, $0) }
        let head = style(.bold, json["cycle"]?.stringValue ?? "")
        return ([head, table.rendered(style)] + warnings).joined(separator: "\n")
    }

    /// The reason of a refusal, or what held an order back.
    private static func why(_ item: JSONValue) -> String {
        if let reason = item["reason"]?.stringValue {
            return [item["key"]?.stringValue.map { "'\($0)'" }, reason].compactMap { $0 }.joined(separator: " ")
        }
        return (item["filters"]?.arrayValue ?? []).filter { $0["passed"]?.boolValue == false }
            .compactMap { $0["reason"]?.stringValue }.joined(separator: " ")
    }
}
