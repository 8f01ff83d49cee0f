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
