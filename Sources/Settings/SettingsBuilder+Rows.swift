internal import Core

extension SettingsBuilder {
    /// One row per key that has an effect, names of blocks written out, in the order of the table.
    mutating func buildRows(paths: Paths) -> [ConfigRow] {
        resolver.setDefault("takt.home", .text(paths.home))
        resolver.setDefault("takt.config", .text(paths.config))
        resolver.setDefault("takt.database", .text(paths.database))
        var rows: [ConfigRow] = []
        for entry in KeyTable.entries {
            guard case .used = entry.use else { continue }
            for path in expand(entry.path) { rows.append(row(entry, path)) }
        }
        return rows
    }

    /// Keys that have a value in the settings but that nothing in this build acts upon: nobody shall rely on them.
    mutating func noteWithoutEffect() {
        let given = resolver.found.values.filter { $0.value.origin != .builtIn && Self.isWithoutEffect($0.key) }
        for (path, value) in given.sorted(by: { Self.place($0.value.origin) < Self.place($1.value.origin) }) {
            resolver.note(value.origin, path, "accepted, without effect in this build")
        }
    }

    private static func isWithoutEffect(_ path: ConfigPath) -> Bool {
        let parts = path.parts
        if parts.count == 4, parts[1] == "profiles" { return parts[3] == "grace_seconds" }
        if parts.count == 3, parts[0] == "brokers" { return parts[2] == "timeout" || parts[2] == "max_retries" }
        // emergency.actions.disconnect_brokers is noted as a declared key already.
        if parts.count == 3, parts[0] == "emergency", parts[1] == "actions" { return parts[2] != "disconnect_brokers" }
        return [
            "testing.disable_limits", "orders.timeout_seconds", "risk_limits.order_timeout",
            "risk_limits.connection_timeout", "risk_limits.max_retry_attempts",
        ].contains(path)
    }

    private static func place(_ origin: Origin) -> (String, Int, Int) {
        (origin.file ?? "", origin.line ?? 0, origin.column ?? 0)
    }

    private func expand(_ path: ConfigPath) -> [ConfigPath] {
        var paths = [ConfigPath([])]
        for part in path.parts {
            let isOpen = part == "*" || part == "[]"
            paths = paths.flatMap { head in
                isOpen ? resolver.names(head).map { head.appending($0) } : [head.appending(part)]
            }
        }
        return paths
    }

    private mutating func row(_ entry: KeyEntry, _ path: ConfigPath) -> ConfigRow {
        let resolved = resolver.resolve(path)
        let text: String
        let isSecret = entry.isSecret || resolved.isMasked
        if isSecret {
            text = resolved.value == nil ? "" : Secret.mask
        } else if entry.type == .clock, case .integer(let seconds)? = resolved.value {
            text = Self.clock(seconds)
        } else {
            text = resolved.value?.description ?? ""
        }
        return ConfigRow(
            key: path.description, value: text, origin: resolved.origin, unit: entry.unit, doc: entry.doc,
            isSecret: isSecret)
    }

    private static func clock(_ seconds: Int) -> String {
        let hour = seconds / 3600
        let minute = seconds / 60 % 60
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    /// Places, formats and the clock say nothing about how is traded; secrets stay out of everything.
    static func digest(of rows: [ConfigRow]) -> Digest {
        let outside = ["takt.home", "takt.config", "takt.database", "takt.profile", "takt.format", "takt.now"]
        let lines = rows.filter { !$0.isSecret && !outside.contains($0.key) && $0.key != "logging.level" }
        return Digest(of: lines.map { "\($0.key)=\($0.value)\n" }.joined())
    }
}
