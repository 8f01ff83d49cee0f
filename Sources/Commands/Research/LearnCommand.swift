internal import ArgumentParser
internal import Core
internal import Cycle
internal import Features
internal import Learning
internal import Policy
internal import Research
internal import Settings
internal import Store

struct LearnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn", abstract: "Changes a challenger along what the profile's policy has lived through.",
        discussion: """
            Looks back on the policy's stored decisions (what it saw, what it did, and what the symbol then brought until \
            nothing was held or the session was over) and, once `learning.update_every` new ones are there, changes a copy of \
            it: NAME-challenger, a policy of its own beside the champion. The champion's files are never written, and no order \
            is ever made to try something out. Does nothing unless `learning.enabled` is true in trading.yaml. Run it from the \
            timer behind the cycle; run again it does nothing until there is more.

            Only what the policy alone has decided counts: as the one agent of the profile with any weight, or inside of \
            `hybrid` where the consultant held nothing back. Nothing is learned by members of an ensemble.

            What a transformer saw before the bar of a decision is computed again; where a bar was corrected since, the \
            decision does not count and is told as `forgotten`.

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
            for agent in context.settings.agents.voters(in: profile.agents) {
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
        let files = try PolicyFiles(named, context.settings)
        do {
            let challenger = try Challenger(
                of: files, for: profile.name, agent, settings: settings, version: TaktVersion.text)
            guard decidesAlone(agent) else { return item(agent, challenger, "in-ensemble", nil, new: 0, nil) }
            try challenger.requireFree(of: asked)
            // A dry run writes nothing, so it stands in nobody's way.
            let lock =
                context.isDryRun ? nil : try challenger.lock("process \(CommandContext.process.pid)")
            defer { lock?.release() }
            return try look(agent, challenger, store)
        } catch let error as LearningError {
            throw StepFailure(
                code: "learning", message: "The challenger of \(files.sidecar) cannot learn: \(error).",
                hint: "The champion is untouched. Remove the challenger's files to begin anew.", isRetryable: false,
                exitCode: .badInput)
        } catch let error as ChallengerRefusal { throw Self.refusal(of: error) }
    }

    private func look(_ agent: AgentName, _ challenger: Challenger, _ store: StateDatabase) throws -> JSONValue {
        let champion = challenger.champion.sidecar
        let cycleContext = try context.cycleContext(store)
        let experience = try store.read { reader in
            try LiveExperience(
                of: champion.digest, agent: agent, actions: champion.actions, profile: profile.name, profile.timeframe,
                history: try history(champion, cycleContext, reader), limit: learning.replayBufferSize,
                // Of a symbol that is no longer configured nobody knows the sessions.
                calendar: { try? cycleContext.barListing(of: $0, profile).1 }, in: reader)
        }
        let through = try challenger.standing().through
        let new = experience.items.count { item in through.map { item.known > $0 } ?? true }
        func told(_ state: String, _ update: IterationRecord.Update? = nil) -> JSONValue {
            item(agent, challenger, state, experience, new: new, update)
        }
        guard new >= learning.updateEvery else { return told("too-few") }
        if context.isDryRun { return told("would-learn") }
        switch try challenger.update(experience) {
        case .learned(let update): return told("learned", update)
        case .restarted(let update): return told("restarted", update)
        case .atBound(let update): return told("at-bound", update)
        case .finished: return told("finished")
        case .nothing: return told("no-spread")
        }
    }

    private func history(
        _ champion: PolicySidecar, _ cycleContext: CycleContext, _ reader: StoreReader
    ) throws -> LivedHistory {
        guard champion.history > 0, let spec = champion.features else { return .none }
        let desk = try FeatureDesk(
            cycleContext, profile: profile, computer: try FeatureComputer(spec, normaliser: champion.normaliser),
            form: .normalised, now: cycleContext.clock.now())
        return LivedHistory(rows: champion.history, desk, in: reader)
    }

    /// Whether the profile asks it itself or through the hybrid agent, and not as one of several.
    private func decidesAlone(_ agent: AgentName) -> Bool {
        let isInHybrid =
            profile.agents.contains(AgentSettings.hybridName) && context.settings.agents.hybrid.policy == agent
        return profile.agents.contains(agent) || isInHybrid
    }

    /// Where the policies lie that agents ask, of whatever profile; one that is not there is asked by nobody.
    private var asked: [AgentName: PolicyFiles] {
        context.settings.agents.policies.compactMapValues { try? PolicyFiles($0, context.settings) }
    }

    private static func refusal(of error: ChallengerRefusal) -> StepFailure {
        let (code, hint, exitCode): (String, String, Cycle.ExitCode) =
            switch error {
            case .busy: ("learning-busy", "Run it again when the other is done.", .busy)
            case .inUse:
                (
                    "challenger-in-use",
                    "What trades does not change under whoever trades it. Copy both files to another folder and name those "
                        + "in `agents:` of trading.yaml.", .configuration
                )
            case .ofAnother:
                (
                    "challenger-of-another",
                    "Give each of the two a policy of its own, or remove the challenger's files to begin anew.",
                    .configuration
                )
            }
        let message = "\(error)"
        return StepFailure(
            code: code, message: "\(message.prefix(1).uppercased())\(message.dropFirst()).",
            hint: "Nothing was learned. \(hint)", isRetryable: exitCode == .busy, exitCode: exitCode)
    }

    /// One pass over what is drawn: live experience is scarce, and a policy soon fits to it. What a look back has no use for
    /// stays as it is by default, so whoever changes it for `takt train` loses no challenger.
    private var settings: TrainingSettings {
        let training = TrainingPlan(learning).settings
        var settings = TrainingSettings()
        (settings.batch, settings.epochs) = (learning.batchSize, 1)
        (settings.clip, settings.learningRate) = (training.clip, training.learningRate)
        (settings.divergenceWeight, settings.entropyWeight) = (training.divergenceWeight, training.entropyWeight)
        return settings
    }

    private func item(
        _ agent: AgentName, _ challenger: Challenger, _ state: String, _ experience: LiveExperience?, new: Int,
        _ update: IterationRecord.Update?
    ) -> JSONValue {
        let standing = try? challenger.standing()
        return [
            "agent": JSONValue(agent), "champion": .string(challenger.champion.sidecar.name),
            "challenger": .string(challenger.files.sidecar), "state": .string(state),
            "experiences": .int(Int64(experience?.items.count ?? 0)),
            "forgotten": .int(Int64(experience?.forgotten ?? 0)),
            "new": .int(Int64(new)),
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
