internal import Core
internal import Decision
internal import Features
internal import Programs
internal import Settings
internal import Store

/// Gathers the votes of a profile's agents that are learned policies or programs of the user's, before anything is decided and
/// outside of the transaction that decides. Nothing of it is durable: a decide that is killed asks again.
struct OutsideVotes {
    let beat: Beat

    struct Gathered {
        /// In the order of the profile's agents.
        var votes: [Symbol: [Vote]] = [:]
        var warnings: [String] = []
    }

    private var agents: AgentSettings { beat.context.settings.agents }

    private var programs: [(name: AgentName, program: AgentSettings.Program)] {
        agents.voters(in: beat.profile.agents).compactMap { name in agents.programs[name].map { (name, $0) } }
    }

    private var policies: [(name: AgentName, policy: AgentSettings.Policy)] {
        agents.voters(in: beat.profile.agents).compactMap { name in agents.policies[name].map { (name, $0) } }
    }

    /// Whether programs are asked, which takes its time.
    var isNeeded: Bool { !programs.isEmpty }

    /// One run of each program, all at the same time, for all symbols that are to be decided.
    ///
    /// - Throws: ``StepFailure`` where the features cannot be computed, a policy does not fit, or a signal asks to stop.
    func gather(_ members: [Beat.SessionMember]) async throws -> Gathered {
        var gathered = try await policyVotes(of: members)
        guard isNeeded, !members.isEmpty else { return gathered }
        let records = try records(of: members)
        let runs = await withTaskGroup(of: (AgentName, Heard).self) { group in
            for (name, program) in programs {
                group.addTask { (name, await hear(name, program, records)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        try beat.context.stop.checkpoint()
        for (name, _) in programs {
            guard let heard = runs[name] else { continue }
            for (symbol, vote) in heard.votes { gathered.votes[symbol, default: []].append(vote) }
            gathered.warnings += heard.remarks.map { "agent '\(name)': \($0)" }
            if beat.isDryRun, heard.wasRun {
                gathered.warnings.append("agent '\(name)': its program was run, as without --dry-run")
            }
        }
        return gathered
    }

    private func policyVotes(of members: [Beat.SessionMember]) async throws -> Gathered {
        var gathered = Gathered()
        guard !policies.isEmpty, !members.isEmpty else { return gathered }
        let symbols = Set(members.map(\.instrument.symbol))
        // What is computed needs the database no more.
        let asked = try beat.context.store.read { reader in
            try policies.map { name, policy in
                let votes = try PolicyVotes(name, policy, beat)
                return (votes, try votes.questions(on: symbols, in: reader))
            }
        }
        for (votes, questions) in asked {
            for (symbol, vote) in try await votes.votes(on: questions) {
                gathered.votes[symbol, default: []].append(vote)
            }
        }
        return gathered
    }

    /// What came of one program.
    private struct Heard {
        var votes: [(symbol: Symbol, vote: Vote)] = []
        var remarks: [String] = []
        var wasRun = false
    }

    // MARK: Features

    private func records(of members: [Beat.SessionMember]) throws -> [FeatureRecord] {
        do {
            let computer = try FeatureList(settings: beat.context.settings, for: .decision)
                .computer(normaliser: nil, isRaw: false)
            let desk = try FeatureDesk(
                beat.context, profile: beat.profile, computer: computer, form: .normalised, now: beat.now)
            let symbols = Set(members.map(\.instrument.symbol))
            return try beat.context.store.read { try desk.records(of: beat.cycle, symbols: symbols, in: $0) }
        } catch let error as FeatureError {
            throw StepFailure(
                code: "bad-features",
                message: "The features for the programs of the profile cannot be computed: \(error).",
                hint: "Nothing was decided. Correct `features:` in trading.yaml; `takt features` shows what they give.",
                isRetryable: false, exitCode: .configuration)
        }
    }

    /// Why a program is not asked for a symbol.
    private static func unready(_ gap: FeatureRecord.Gap) -> String {
        switch gap {
        case .warmingUp(let bars): "its features are not ready: \(bars) bar(s) are missing"
        case .noValue: "its features are not ready: one of them has no value"
        case .noBar, .splitSuspected, .mixedBars, .scaleDoubted: "its features are not ready: \(gap.detail ?? gap.code)"
        }
    }

    // MARK: One program

    private func hear(_ name: AgentName, _ program: AgentSettings.Program, _ records: [FeatureRecord]) async -> Heard {
        var heard = Heard()
        var asked: [FeatureRecord] = []
        for record in records {
            if let gap = record.gap {
                heard.votes.append(
                    (record.symbol, .none(name, reason: "features-not-ready", message: Self.unready(gap))))
            } else {
                asked.append(record)
            }
        }
        guard !asked.isEmpty else { return heard }
        let lines = asked.map { $0.json.setting("agent", JSONValue(name)).text + "\n" }
        let stop = beat.context.stop
        let started = ContinuousClock.now
        let outcome = await OutsideProgram.run(
            ProgramCall(
                command: program.command,
                environment: beat.context.environment.handedOn(besides: program.environment),
                folder: beat.context.settings.paths.home, input: Array(lines.joined().utf8),
                deadline: .seconds(program.deadlineSeconds),
                outputLimit: Self.slack + asked.count * Self.bytesPerSymbol)
        ) { stop.isRaised }
        log(outcome, name)
        let answers = OutsideAnswers(
            outcome.output, from: name, asked: asked.map(\.symbol), Self.standing(outcome.end, program))
        let run = Self.json(outcome.end, program, ContinuousClock.now - started)
        for (symbol, vote) in answers.votes {
            guard let index = asked.firstIndex(where: { $0.symbol == symbol }) else { continue }
            heard.votes.append((symbol, vote.asked(asked[index], line: lines[index], run)))
        }
        heard.remarks = answers.remarks
        if case .notStarted = outcome.end {} else { heard.wasRun = true }
        return heard
    }

    /// Room for a line of the allowed length for each symbol, and for lines that are refused.
    private static let bytesPerSymbol = 65_536 + 1
    private static let slack = 1 << 20

    private static func standing(_ end: ProgramOutcome.End, _ program: AgentSettings.Program) -> OutsideAnswers.Standing
    {
        switch end {
        case .exited(status: 0): .complete
        case .exited(let status): .void(reason: "failed", message: "its program ended with status \(status)")
        case .signalled(let signal): .void(reason: "crashed", message: "its program was ended by signal \(signal)")
        case .deadline:
            .cutOff(
                reason: "deadline", message: "its program did not answer it within \(program.deadlineSeconds) s")
        case .tooMuchOutput:
            .void(reason: "too-much-output", message: "its program wrote more than its symbols have room for")
        case .notStarted(let reason): .void(reason: "not-started", message: "its program could not be run: \(reason)")
        case .stopped: .void(reason: "stopped", message: "takt was asked to stop")
        case .lost: .void(reason: "lost", message: "the keeper of its program was killed")
        }
    }

    /// How the program was run, for the detail of its votes. It names no secret: the settings refuse one in a command.
    private static func json(
        _ end: ProgramOutcome.End, _ program: AgentSettings.Program, _ duration: Duration
    ) -> JSONValue {
        [
            "command": .array(program.command.map { .string($0) }), "end": .string(end.name),
            "duration_ms": .double(Double(duration.wholeMicroseconds) / 1000),
        ]
    }

    /// What the program says on its standard error is its story, and goes where ours goes.
    private func log(_ outcome: ProgramOutcome, _ name: AgentName) {
        let isGood = outcome.end == .exited(status: 0)
        guard !isGood || !outcome.errors.isEmpty else { return }
        var fields: [JSONValue.Member] = [
            .init("agent", JSONValue(name)), .init("cycle", JSONValue(beat.cycle)),
            .init("end", .string("\(outcome.end)")),
        ]
        if !outcome.errors.isEmpty {
            let lines = String(decoding: outcome.errors, as: UTF8.self).split(whereSeparator: \.isNewline)
            fields.append(.init("stderr", .array(lines.map { .string(String($0).plain(limit: Self.lineShown)) })))
        }
        if outcome.droppedErrors > 0 { fields.append(.init("dropped_bytes", .int(Int64(outcome.droppedErrors)))) }
        beat.context.log(
            isGood ? .info : .warning,
            isGood ? "the program of an agent wrote to stderr" : "the program of an agent failed",
            fields)
    }

    /// Characters of one line of standard error.
    private static let lineShown = 1_000
}

extension ProgramOutcome.End {
    /// Kebab-case, with the number where there is one.
    fileprivate var name: String {
        switch self {
        case .exited(let status): "exited \(status)"
        case .signalled(let signal): "signalled \(signal)"
        case .deadline: "deadline"
        case .tooMuchOutput: "too-much-output"
        case .stopped: "stopped"
        case .notStarted: "not-started"
        case .lost: "lost"
        }
    }
}

extension Vote {
    /// The same with what the program was asked, and how it was run: without them nobody could ask it again.
    ///
    /// - Parameter line: as it was written to the program, of which the digest is kept.
    fileprivate func asked(_ record: FeatureRecord, line: String, _ run: JSONValue) -> Vote {
        let asked: JSONValue = [
            "schema_hash": JSONValue(record.vector.schemaHash), "bar": JSONValue(record.bar),
            "form": .string(record.vector.form.rawValue),
            "values": .array(record.vector.values.map { .double($0) }), "line": JSONValue(Digest(of: line)),
        ]
        return Vote(
            agent: agent, action: action, probabilities: probabilities, confidence: confidence,
            detail: detail.setting("asked", asked).setting("run", run))
    }

    /// The votes of a decision, and those inside of hybrid agents and ensembles.
    static func all(in votes: JSONValue) -> [JSONValue] {
        (votes.arrayValue ?? []).flatMap { vote -> [JSONValue] in
            let inner =
                [vote["detail"]?["policy_vote"]].compactMap { $0 } + (vote["detail"]?["votes"]?.arrayValue ?? [])
            return [vote] + all(in: .array(inner))
        }
    }

    /// Why an agent outside, or the consultant of one, has no opinion; `nil` for a vote, and for agents of takt's own.
    static func missingOpinion(_ vote: JSONValue) -> String? {
        if let error = vote["detail"]?["claude_error"] {
            return "the consultant: \(error["reason"]?.stringValue ?? "-"): \(error["message"]?.stringValue ?? "-")"
        }
        guard vote["detail"]?["program"] == nil, vote["detail"]?["reason"] != nil else { return nil }
        return vote["detail"]?["message"]?.stringValue
    }
}
