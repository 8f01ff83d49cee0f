internal import ArgumentParser
internal import Core
internal import Cycle
internal import Learning
internal import Policy
internal import Research
internal import Settings
internal import Store

struct LearnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn", abstract: "Changes a challenger along what the profile's policy has lived through.",
        discussion: """
            Looks back on the policy's stored decisions (what it saw, what it did, what equity was at the next one) and, once \
            `learning.update_every` new ones are there, changes a copy of it: NAME-challenger, a policy of its own beside the \
            champion. The champion's files are never written, and no order is ever made to try something out. Does nothing \
            unless `learning.enabled` is true in trading.yaml. Run it from the timer behind the cycle; run again it does \
            nothing until there is more.

            Example: takt learn --profile us-5m
            """)
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let context = try CommandContext(global)
        let document = try LearningCall(context).run()
        try context.output.emit(document) { LearningCall.text(document) }
    }
}

/// One call of `takt learn`: every agent of the profile that asks a policy has its challenger.
private struct LearningCall {
    private let context: CommandContext
    private let profile: Profile
    private var learning: LearningSettings { context.settings.learning }

    init(_ context: CommandContext) throws {
        self.context = context
        profile = try context.profile()
    }

    func run() throws -> JSONValue {
        var items: [JSONValue] = []
        if learning.isEnabled {
            let store = try context.openStoreForReading()
            for agent in profile.agents {
                guard let named = context.settings.agents.policies[agent] else { continue }
                items.append(try look(agent, named, store))
            }
        }
        return [
            "schema": "takt.learn/1", "profile": JSONValue(profile.name), "enabled": .bool(learning.isEnabled),
            "items": .array(items),
        ]
    }

    private func look(_ agent: AgentName, _ named: AgentSettings.Policy, _ store: StateDatabase) throws -> JSONValue {
        let home = context.settings.paths.home
        let isPlace = named.path.contains("/") && !named.path.hasPrefix("/") && home != "."
        let files = try PolicyFiles(isPlace ? "\(home)/\(named.path)" : named.path, home: home)
        do {
            let challenger = try Challenger(of: files, settings: settings, version: TaktVersion.text)
            let champion = challenger.champion.sidecar
            guard champion.history == 0 else {
                return item(agent, challenger, "no-history-in-evidence", 0, new: 0, nil)
            }
            let experience = try store.read { reader in
                try LiveExperience(
                    of: champion.digest, agent: agent, actions: champion.actions, profile: profile.name,
                    limit: learning.replayBufferSize, in: reader)
            }
            let through = try challenger.standing().through
            let new = experience.items.count { item in through.map { item.cycle > $0 } ?? true }
            guard new >= learning.updateEvery else {
                return item(agent, challenger, "too-few", experience.items.count, new: new, nil)
            }
            if context.isDryRun { return item(agent, challenger, "would-learn", experience.items.count, new: new, nil) }
            switch try challenger.update(experience) {
            case .learned(let update):
                return item(agent, challenger, "learned", experience.items.count, new: new, update)
            case .finished: return item(agent, challenger, "finished", experience.items.count, new: new, nil)
            case .nothing: return item(agent, challenger, "no-spread", experience.items.count, new: new, nil)
            }
        } catch let error as LearningError {
            throw StepFailure(
                code: "learning", message: "The challenger of \(files.sidecar) cannot learn: \(error).",
                hint: "The champion is untouched. Remove the challenger's files to begin anew.", isRetryable: false,
                exitCode: .badInput)
        }
    }

    /// One pass over what is drawn: live experience is scarce, and a policy soon fits to it.
    private var settings: TrainingSettings {
        var settings = TrainingPlan(learning).settings
        (settings.batch, settings.epochs) = (learning.batchSize, 1)
        return settings
    }

    private func item(
        _ agent: AgentName, _ challenger: Challenger, _ state: String, _ count: Int, new: Int,
        _ update: IterationRecord.Update?
    ) -> JSONValue {
        let standing = try? challenger.standing()
        return [
            "agent": JSONValue(agent), "champion": .string(challenger.champion.sidecar.name),
            "challenger": .string(challenger.files.sidecar), "state": .string(state),
            "experiences": .int(Int64(count)), "new": .int(Int64(new)),
            "updates": .int(Int64(standing?.updates ?? 0)), "through": JSONValue(standing?.through),
            "divergence": update.map { .double($0.divergence) } ?? .null,
        ]
    }

    static func text(_ document: JSONValue) -> String {
        guard document["enabled"] == true else {
            return "Learning is off: set learning.enabled: true in trading.yaml. Nothing was done."
        }
        let table = TextTable(
            columns: [
                .init("agent", "agent"), .init("state", "state"), .init("experiences", "experiences", numeric: true),
                .init("new", "new", numeric: true), .init("updates", "updates", numeric: true),
                .init("challenger", "challenger"),
            ], items: document["items"]?.arrayValue ?? [], empty: "No agent of the profile asks a policy.")
        return table.rendered(TextStyle(isColored: false))
    }
}
