internal import Alerting
internal import ArgumentParser
internal import Core
internal import Cycle
internal import Settings

struct AlertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert", abstract: "Delivers the outbox to Slack, e-mail and the log.",
        discussion:
            "What cannot be delivered stays in the outbox and is tried again with growing pauses. Example: takt alert; takt alert test",
        subcommands: [Deliver.self, Test.self], defaultSubcommand: Deliver.self)

    struct Deliver: StepCommand {
        static let step = StepName.alert
        static let configuration = CommandConfiguration(abstract: "Delivers what is due (the step; the default).")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var cycle: CycleOption
        @Flag(name: .long, help: "Run again though the step has succeeded for this cycle.") var again = false
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends one test alert of each severity to every channel, at once and past the outbox.",
            discussion: "Exit code 69 when a channel did not take its messages. Example: takt alert test --format table"
        )
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let context = try CommandContext(global)
            let origin = AlertOrigin(host: CommandContext.process.host, mode: context.settings.mode.rawValue)
            let channels = try AlertChannels.make(
                context.settings, log: context.log, clock: context.clock, host: CommandContext.process.host)
            let messages = AlertMessage.tests(
                firstID: context.clock.now().epochSeconds, now: context.clock.now(), origin: origin)
            let due = channels.flatMap { channel in
                messages.filter { channel.levels.contains($0.severity) }
                    .map { PendingDelivery(message: $0, channel: channel.name, attempts: 0) }
            }
            let records =
                context.isDryRun
                ? [] : await AlertDispatcher(clock: context.clock).deliver(due: due, channels: channels)
            let items = context.isDryRun ? due.map(Self.planned) : records.map(Self.item)
            let failed = records.filter { if case .attempted(.done) = $0.result { false } else { true } }
            let document: JSONValue = [
                "schema": "takt.alert-test/1", "sent": .int(Int64(records.count - failed.count)),
                "failed": .int(Int64(failed.count)), "dry_run": .bool(context.isDryRun), "items": .array(items),
            ]
            try context.output.emit(document) {
                TextTable(
                    columns: [
                        .init("channel", "channel"), .init("severity", "severity"), .init("result", "result"),
                        .init("detail", "detail"),
                    ], items: items, empty: "No channel takes any message."
                ).rendered(context.output.style)
            }
            try CommandEnd.check(failed.isEmpty ? .success : .unavailable)
        }

        private static func planned(_ pending: PendingDelivery) -> JSONValue {
            [
                "channel": .string(pending.channel), "severity": .string(pending.message.severity.rawValue),
                "result": "would be sent", "detail": .null,
            ]
        }

        private static func item(_ record: DeliveryRecord) -> JSONValue {
            let (result, detail): (String, String?) =
                switch record.result {
                case .attempted(.done): ("delivered", nil)
                case .attempted(.retry(_, let detail)): ("failed", detail)
                case .attempted(.dead(let detail)): ("refused", detail)
                case .notAttempted(let detail): ("not attempted", detail)
                }
            return [
                "channel": .string(record.pending.channel),
                "severity": .string(record.pending.message.severity.rawValue),
                "result": .string(result), "detail": JSONValue(detail),
            ]
        }
    }
}
