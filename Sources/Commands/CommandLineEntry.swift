internal import ArgumentParser
internal import Broker
internal import BrokerPaper
internal import Core
internal import Cycle
internal import Glibc
internal import Settings
internal import Store

/// The way in: arguments to exit code. Nothing escapes it but a documented code.
public enum CommandLineEntry {
    /// - Parameter arguments: Without the program's name.
    /// - Returns: The exit code of the process; see ``ExitCode``.
    public static func run(_ arguments: [String]) async -> Int32 {
        // A reader that closes its end early must not kill us half-way through a step: writes report it instead.
        signal(SIGPIPE, SIG_IGN)
        // Answered before any parser is built: monitors ask for nothing else.
        if arguments == ["--version"] {
            FileWriting.writeAll(Array((TaktVersion.text + "\n").utf8), to: STDOUT_FILENO)
            return Cycle.ExitCode.success.rawValue
        }
        return await OpenConnections.closing { await answer(arguments) }
    }

    private static func answer(_ arguments: [String]) async -> Int32 {
        do {
            if let beat = BeatCall(arguments) {
                try await beat.run()
                return Cycle.ExitCode.success.rawValue
            }
            if let call = CalendarCall(arguments) {
                try call.run()
                return Cycle.ExitCode.success.rawValue
            }
            var command = try parse(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return Cycle.ExitCode.success.rawValue
        } catch {
            let code = report(error)
            if code == Cycle.ExitCode.internalError.rawValue { leaveTrouble(error, arguments) }
            return code
        }
    }

    private static func leaveTrouble(_ error: any Error, _ arguments: [String]) {
        // A dry run leaves nothing behind.
        guard !arguments.contains("--dry-run") else { return }
        let message = (error as? CommandEnd).map { $0.said ?? "nothing beyond its document" } ?? "\(error)"
        let path = TroubleReport.write(message, arguments, at: SystemClock().now())
        let place =
            path.map { "What happened is in \($0); keep it and report it." } ?? "No report file could be written."
        FileWriting.writeAll(Array("takt: \(place)\n".utf8), to: STDERR_FILENO)
    }

    /// Parses with only the subcommand that is asked for: building the whole tree of commands costs every start some
    /// milliseconds, and a timer pays them at every beat. Whatever is not plainly a subcommand goes through the whole tree,
    /// and so does what does not fit, for a message that names the whole command.
    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        guard let name = arguments.first, let type = TaktCommand.subcommand(named: name) else {
            return try TaktCommand.parseAsRoot(arguments)
        }
        let asksForHelp = arguments.contains { ["--help", "-h", "--help-hidden", "help"].contains($0) }
        if !asksForHelp, let command = try? type.parseAsRoot(Array(arguments.dropFirst())) { return command }
        return try type.parsedAlone(arguments)
    }

    private static func report(_ error: any Error) -> Int32 {
        switch error {
        case let ended as CommandEnd: return ended.code.rawValue
        case let failure as StepFailure: return complain(failure.description, failure.exitCode)
        case let errors as SettingsErrors:
            // A flag that does not fit is a call to fix, not a file.
            let isCall = errors.all.allSatisfy { if case .flag = $0.origin { true } else { false } }
            return complain(errors.description, isCall ? .usage : .configuration)
        case let error as StoreError: return complain(error.description, exitCode(of: error))
        case let error as PaperError: return complain(error.description, exitCode(of: error))
        case let error as BrokerError:
            let failure = StepFailure(reading: error)
            return complain(failure.description, failure.exitCode)
        default: return parsing(error)
        }
    }

    /// Help and version requests, and arguments that do not fit.
    private static func parsing(_ error: any Error) -> Int32 {
        let code = TaktCommand.exitCode(for: error)
        let text = TaktCommand.fullMessage(for: error)
        if !text.isEmpty {
            FileWriting.writeAll(Array((text + "\n").utf8), to: code.isSuccess ? STDOUT_FILENO : STDERR_FILENO)
        }
        if code.isSuccess { return 0 }
        return code == .validationFailure ? Cycle.ExitCode.usage.rawValue : Cycle.ExitCode.internalError.rawValue
    }

    private static func complain(_ text: String, _ code: Cycle.ExitCode) -> Int32 {
        let lines = text.split(separator: "\n").map { "takt: \($0)\n" }.joined()
        FileWriting.writeAll(Array(lines.utf8), to: STDERR_FILENO)
        return code.rawValue
    }

    private static func exitCode(of error: StoreError) -> Cycle.ExitCode {
        switch error {
        case .busy: .unavailable
        case .inUse: .busy
        case .missing, .newerDatabase, .needsMigration, .foreignDatabase, .cannotOpen, .readOnly: .configuration
        case .restoreRefused, .notFound, .backupFailed, .corrupt, .damagedRow: .badInput
        default: .internalError
        }
    }
}

extension CommandLineEntry {
    private static func exitCode(of error: PaperError) -> Cycle.ExitCode {
        switch error {
        case .damaged: .badInput
        case .newerDatabase, .otherAccount: .configuration
        case .database, .feed: .unavailable
        case .arithmetic: .internalError
        }
    }
}

/// Ends a command with a code after its answer is out.
struct CommandEnd: Error {
    let code: Cycle.ExitCode
    /// What the answer says of a failure.
    var said: String?

    /// Nothing to do for success: the command simply returns.
    static func check(_ code: Cycle.ExitCode, said: String? = nil) throws {
        guard code != .success else { return }
        throw CommandEnd(code: code, said: said)
    }
}

extension ParsableCommand {
    /// Parses `takt NAME …` as if the command were the only one.
    fileprivate static func parsedAlone(_ arguments: [String]) throws -> any ParsableCommand {
        try SingleCommand<Self>.parseAsRoot(arguments)
    }
}

/// The program with one subcommand.
private struct SingleCommand<Command: ParsableCommand>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "takt", version: TaktVersion.text, subcommands: [Command.self])
    }
}

struct TaktCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "takt",
        abstract: "Systematic trading on 5 to 15 minute bars: short steps, one state file, rerun anything.",
        discussion: """
            One cycle is one closed bar of one profile. Its steps are fetch-bars, decide, risk-check, submit, reconcile, \
            report and alert; `takt cycle` runs them in order. Every command can be run again at any time: what is done \
            is replayed, what was interrupted is carried on.

            Exit codes: 0 done, 10 halted, 11 breaks, 12 orders in doubt, 64 usage, 65 bad data, 69 unavailable, \
            70 internal, 75 busy, 77 credentials, 78 configuration, 130/143 stopped by a signal.
            """,
        version: TaktVersion.text,
        groupedSubcommands: groups)

    /// The subcommand of that name, looked up without building the tree.
    static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
        groups.lazy.flatMap(\.subcommands).first { $0.configuration.commandName == name }
    }

    private static var groups: [CommandGroup] {
        [
            CommandGroup(
                name: "The beat",
                subcommands: [
                    FetchBarsCommand.self, DecideCommand.self, RiskCheckCommand.self, SubmitCommand.self,
                    ReconcileCommand.self, ReportCommand.self, AlertCommand.self, CycleCommand.self,
                    ProposeCommand.self,
                ]),
            CommandGroup(
                name: "Operate",
                subcommands: [
                    InitCommand.self, DemoCommand.self, ImportBarsCommand.self, ImportActionsCommand.self,
                    HaltCommand.self,
                    ResumeCommand.self, FlattenCommand.self, ConfigCommand.self, DatabaseCommand.self,
                    AuditCommand.self,
                    ScheduleCommand.self,
                ]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    StatusCommand.self, OrdersCommand.self, PositionsCommand.self, PortfolioCommand.self,
                    FillsCommand.self, BarsCommand.self, ActionsCommand.self, CyclesCommand.self, DecisionsCommand.self,
                    BreaksCommand.self,
                    AlertsCommand.self, ExplainCommand.self, FeaturesCommand.self, IndicatorsCommand.self,
                    CalendarCommand.self,
                    StreamCommand.self, BrokerCommand.self, PaperCommand.self,
                ]),
            CommandGroup(name: "Research", subcommands: [TrainCommand.self, LearnCommand.self, PolicyCommand.self]),
        ]
    }
}

/// The version of the binary, as `--version` prints it and evidence records it.
enum TaktVersion {
    static let text = "0.1.0"
}
