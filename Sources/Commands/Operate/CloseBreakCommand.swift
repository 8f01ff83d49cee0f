internal import ArgumentParser
internal import Core
internal import Cycle
internal import Execution
internal import Store

struct CloseBreakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Closes a break that has been explained.",
        discussion: """
            Nothing is booked and nothing is sent. Two orders under one id, and an account activity that the broker changed, \
            are accepted as they are and stay closed until they look different. Every other break closes by itself once both \
            sides agree, and opens anew with the next reconcile while they do not.

            Example: takt breaks close 7 --reason "second order cancelled in the broker's app"
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("The id that `takt breaks` shows.", valueName: "id")) var id: Int64
    @OptionGroup var why: ReasonOption

    func run() async throws {
        let context = try CommandContext(global)
        let store = try context.openStore()
        let now = context.clock.now()
        let actor = "operator \(CommandContext.process.user)"
        guard let found = try store.read({ try $0.openBreaks().first { $0.id == id } }) else { throw refusal }
        if !context.isDryRun {
            try store.write(durable: true) { writer in
                guard try writer.closeBreak(id, isAccepted: isAcceptable(found), at: now) != nil else {
                    throw refusal
                }
                try writer.appendAudit(
                    at: now, actor: actor, kind: "break.closed", subject: "break \(id)",
                    payload: ["id": .int(id), "reason": .string(why.reason)])
            }
        }
        let document: JSONValue = [
            "schema": "takt.break-close/1", "break_id": .string(String(id)), "kind": .string(found.kind),
            "subject": .string(found.subject), "reason": .string(why.reason), "closed": .bool(!context.isDryRun),
            "dry_run": .bool(context.isDryRun),
        ]
        let subject = "Break \(id) (\(found.kind) \(found.subject) at \(found.broker))"
        try context.output.emit(document) {
            if context.isDryRun { return "\(subject) would be closed." }
            return isAcceptable(found)
                ? "\(subject) is accepted as it is." : "\(subject) is closed; if both sides still differ it opens anew."
        }
    }

    private func isAcceptable(_ found: BookBreak) -> Bool {
        BookDifference.Kind(rawValue: found.kind)?.isAcceptable ?? false
    }

    private var refusal: StepFailure {
        StepFailure(
            code: "no-such-break", message: "There is no open break \(id).",
            hint: "Nothing was changed. `takt breaks --state open` lists them.", isRetryable: false, exitCode: .badInput
        )
    }
}
