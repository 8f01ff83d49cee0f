internal import ArgumentParser
internal import Cycle

struct CycleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cycle", abstract: "Runs the seven steps in order, for one cycle.",
        discussion: """
            The result is the same rows that the steps leave when timers run them one by one. A step that fails does not \
            stop the later ones: protection and reconciliation are owed most of all when something went wrong.

            Examples: takt cycle --profile us-5m
                      takt cycle --from reconcile --until report
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var cycle: CycleOption
    @Option(name: .long, help: .init("The first step to run.", valueName: "step"), transform: StepArgument.parse)
    var from: StepName = .fetchBars
    @Option(name: .long, help: .init("The last step to run.", valueName: "step"), transform: StepArgument.parse)
    var until: StepName = .alert
    @Flag(name: .long, help: "Run again the steps that have succeeded for this cycle.") var again = false

    func validate() throws {
        guard from <= until else {
            throw ValidationError("--from \(from.rawValue) comes after --until \(until.rawValue).")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        try await BeatRunner(context: context, cycle: cycle.cycle, isForced: again).run(from: from, until: until)
    }
}

/// Reads a step's name from the command line.
private enum StepArgument {
    static func parse(_ text: String) throws -> StepName {
        guard let step = StepName(rawValue: text) else {
            let known = StepName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is no step; the steps are \(known).")
        }
        return step
    }
}
