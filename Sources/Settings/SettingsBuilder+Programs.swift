internal import Core

extension SettingsBuilder {
    /// The agents that are programs of the user's: what stands under `agents` by a name that takt does not know.
    mutating func buildPrograms() -> [AgentName: AgentSettings.Program] {
        let agents: ConfigPath = "agents"
        var programs: [AgentName: AgentSettings.Program] = [:]
        for name in resolver.names(agents) {
            let path = agents.appending(name)
            checkName(name, path)
            programs[AgentName(name)] = AgentSettings.Program(
                command: command(path), deadlineSeconds: resolver.integer(path.appending("deadline_seconds")),
                environment: variables(path.appending("environment")))
        }
        return programs
    }

    private mutating func checkName(_ name: String, _ path: ConfigPath) {
        if name == AgentName.propose.text {
            resolver.fail(
                resolver.origin(ofBlock: path), path, "the name is taken by the command propose",
                hint: "choose another name")
        }
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
                || byte == 95
        }
        guard !isPlain || name.isEmpty || name.utf8.count > 40 else { return }
        resolver.fail(
            resolver.origin(ofBlock: path), path, "the agent's name is no plain word",
            hint: "use letters, digits, '-' and '_', at most 40")
    }

    private mutating func command(_ path: ConfigPath) -> [String] {
        let key = path.appending("command")
        let given = resolver.resolve(key)
        let command = resolver.texts(key)
        guard !resolver.hasError(below: key) else { return command }
        let origin = given.value == nil ? resolver.origin(ofBlock: path) : given.origin
        let hint = "write command: [program, argument, …], as a shell would find them"
        if command.first?.isEmpty ?? true {
            resolver.fail(origin, key, "the agent has no program", hint: hint)
        } else if given.isMasked {
            resolver.fail(
                origin, key, "a secret stands in the command, where every user of the machine can read it",
                hint: "name its variable in environment: [NAME] and let the program read it")
        } else if let index = command.firstIndex(where: { $0.utf8.contains(0) }) {
            resolver.fail(given.items[index], key, "a null character stands in the command", hint: "remove it")
        }
        return command
    }

    private mutating func variables(_ key: ConfigPath) -> [String] {
        let names = resolver.texts(key)
        let places = resolver.resolve(key).items
        for (name, place) in zip(names, places) {
            if EnvironmentName(rawValue: name)?.isSecret == true {
                resolver.fail(
                    place, key, "\(name) is a secret of takt's and is given to no program", hint: "remove it")
            } else if !Self.isVariable(name) {
                resolver.fail(
                    place, key, "'\(name)' is no name of a variable", hint: "write names alone: [CUDA_VISIBLE_DEVICES]")
            }
        }
        return names
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
        }
    }

    /// A vote that comes after the next bar's close is of no use.
    mutating func checkDeadlines(_ profiles: [Profile], _ agents: AgentSettings) {
        for profile in profiles {
            for name in agents.voters(in: profile.agents) {
                guard let program = agents.programs[name], program.deadlineSeconds >= profile.timeframe.seconds else {
                    continue
                }
                let key = ConfigPath(["agents", name.text, "deadline_seconds"])
                resolver.fail(
                    resolver.resolve(key).origin, key,
                    "the deadline of \(program.deadlineSeconds) s is not shorter than a bar of profile "
                        + "'\(profile.name)' (\(profile.timeframe))",
                    hint: "choose a deadline that leaves the beat time to trade")
            }
        }
    }
}
