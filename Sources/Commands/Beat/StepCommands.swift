internal import ArgumentParser
internal import Core
internal import Cycle
internal import Sessions
internal import Settings

/// What the seven step commands share: pick the cycle, run the step, print its document.
protocol StepCommand: AsyncParsableCommand {
    static var step: StepName { get }
    var global: GlobalOptions { get }
    var cycle: CycleOption { get }
    var again: Bool { get }
}

extension StepCommand {
    func run() async throws {
        let context = try CommandContext(global)
        try await BeatRunner(context: context, cycle: cycle.cycle, isForced: again).run(Self.step)
    }
}

/// Runs steps for one cycle and prints what they say.
struct BeatRunner {
    let context: CommandContext
    let cycle: String?
    let isForced: Bool

    func run(_ step: StepName) async throws {
        let signals = Signals()
        let (beat, id) = try await prepare(signals)
        let document = await beat.run(step, cycle: id)
        try context.output.emit(document.json) { StepText(style: context.output.style).step(document) }
        complain(document)
        try CommandEnd.check(document.exitCode, said: document.json["error"]?.text)
    }

    func run(from first: StepName, until last: StepName) async throws {
        let signals = Signals()
        let (beat, id) = try await prepare(signals)
        let document = await beat.run(from: first, until: last, cycle: id)
        try context.output.emit(document.json) { StepText(style: context.output.style).cycle(document) }
        for step in document.steps { complain(step) }
        let said = document.steps.compactMap { $0.json["error"] }.filter { $0 != .null }.map(\.text)
        try CommandEnd.check(document.exitCode, said: said.isEmpty ? nil : said.joined(separator: "\n"))
    }

    private func prepare(_ signals: Signals) async throws -> (TradingCycle, CycleID) {
        if !context.isDryRun { try FileWriting.createFolder(context.settings.paths.state) }
        let store = try context.openStore(creates: true)
        let cycleContext = try await context.tradingContext(store, stop: signals.stop)
        let (profile, id) = try CycleTarget(context: context, named: cycle).resolve(cycleContext)
        let beat = TradingCycle(
            context: cycleContext, profile: profile, isDryRun: context.isDryRun, isForced: isForced)
        return (beat, id)
    }

    /// A failure is said on stderr as well, where cron mails it and a person looks.
    private func complain(_ document: StepDocument) {
        guard document.exitCode != .success, document.exitCode != .halted, document.exitCode != .busy,
            let message = document.json["error"]?["message"]?.stringValue
        else { return }
        let hint = document.json["error"]?["hint"]?.stringValue ?? ""
        let step = document.json["step"]?.stringValue ?? "step"
        FileWriting.writeAll(Array("takt \(step): \(message) \(hint)\n".utf8), to: 2)
    }
}

struct FetchBarsCommand: StepCommand {
    static let step = StepName.fetchBars
    static let configuration = CommandConfiguration(
        commandName: "fetch-bars", abstract: "Brings every symbol's bars up to the last closed bar.",
        discussion: """
            Finds and fills gaps, validates every bar and names each one it rejects. On the first run it also opens the \
            account at the broker in the books.

            Example: takt fetch-bars --profile us-5m | jq .summary
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var cycle: CycleOption
    @Flag(name: .long, help: "Run again though the step has succeeded for this cycle.") var again = false
}

struct DecideCommand: StepCommand {
    static let step = StepName.decide
    static let configuration = CommandConfiguration(
        commandName: "decide", abstract: "Turns bars into votes, votes into decisions, decisions into order intents.",
        discussion: """
            Nothing is sent. Votes, filter verdicts and everything the decision was made from are recorded. --verify makes \
            the recorded decisions of a cycle again from that, without bars, models, programs or the consultant; exit \
            code 65 says that one comes out different.

            Example: takt decide --format ndjson | jq -r 'select(.symbol) | [.symbol, .action, .confidence] | @tsv'
            Example: takt decide --cycle us-5m/2026-11-20T15:35:00Z --verify
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var cycle: CycleOption
    @Flag(name: .long, help: "Run again though the step has succeeded for this cycle.") var again = false
    @Flag(name: .long, help: "Decide nothing; make the recorded decisions again and compare them to the byte.")
    var verify = false

    func validate() throws {
        if verify, again { throw ValidationError("--verify looks at what was decided; --again decides once more.") }
    }

    func run() async throws {
        let context = try CommandContext(global)
        guard !verify else { return try VerifyDecision(context: context, cycle: cycle.cycle).run() }
        try await BeatRunner(context: context, cycle: cycle.cycle, isForced: again).run(Self.step)
    }
}

struct RiskCheckCommand: StepCommand {
    static let step = StepName.riskCheck
    static let configuration = CommandConfiguration(
        commandName: "risk-check", abstract: "Checks the account, then gives a verdict on every proposed intent.",
        discussion: """
            Loss limits set durable halts, stop-losses and a pending flatten become exit intents, every refusal is recorded \
            with its code and numbers. Exit code 10 means that trading is halted.

            Example: takt risk-check | jq '.items[] | select(.state == "rejected") | .reasons'
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var cycle: CycleOption
    @Flag(name: .long, help: "Run again though the step has succeeded for this cycle.") var again = false
}

struct SubmitCommand: StepCommand {
    static let step = StepName.submit
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Sends approved intents to their brokers, written ahead, each once.",
        discussion: """
            An order whose fate is unknown is never sent again; exit code 12 says that there is one, and `takt reconcile` \
            settles it from the broker's own lists.

            Example: takt submit || test $? -eq 10
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var cycle: CycleOption
    @Flag(name: .long, help: "Run again though the step has succeeded for this cycle.") var again = false
}

struct ReconcileCommand: StepCommand {
    static let step = StepName.reconcile
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Compares orders, fills, positions and cash with every broker.",
        discussion: """
            Books new fills, settles orders in doubt, and records every difference as a break (exit code 11); nothing is \
            ever adjusted. Between the beats use --again to look now.

            Example: takt reconcile --again
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var cycle: CycleOption
    @Flag(name: .long, help: "Run again though the step has succeeded for this cycle.") var again = false
}
