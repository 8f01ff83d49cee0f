internal import Core
internal import Synchronization

/// Every effective value, for `config show` and for the digest. Few commands ask, so rows are made when one does.
///
/// It holds the texts that rows mask: a dump of the settings shows nothing of it.
final class EffectiveValues: Sendable, CustomReflectable {
    private let resolver: Resolver
    private let settled = Mutex<Digest?>(nil)

    init(resolver: Resolver) { self.resolver = resolver }

    var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }

    func rows() -> [ConfigRow] {
        var maker = RowMaker(resolver: resolver)
        return maker.rows()
    }

    /// Made once: every decision is kept together with it.
    func digest() -> Digest {
        settled.withLock { digest in
            if let digest { return digest }
            let made = RowMaker.digest(of: rows())
            digest = made
            return made
        }
    }
}

/// One row per key that has an effect, names of blocks written out, in the order of the table.
private struct RowMaker {
    var resolver: Resolver

    mutating func rows() -> [ConfigRow] {
        var rows: [ConfigRow] = []
        for entry in KeyTable.entries {
            guard case .used = entry.use else { continue }
            for path in expand(entry.path) { rows.append(row(entry, path)) }
        }
        return rows
    }

    private func expand(_ pattern: ConfigPath) -> [ConfigPath] {
        var paths = [ConfigPath.root]
        for part in pattern.parts {
            let isOpen = part == "*" || part == "[]"
            paths = paths.flatMap { head in
                isOpen ? resolver.names(head).map { head.appending($0) } : [head.appending(part)]
            }
        }
        return paths
    }

    private mutating func row(_ entry: KeyEntry, _ path: ConfigPath) -> ConfigRow {
        let resolved = resolver.resolve(path)
        return ConfigRow(
            key: path.description, value: Self.text(entry, resolved), origin: resolved.origin, unit: entry.unit,
            doc: entry.doc, isSecret: entry.isSecret || resolved.isMasked)
    }

    private static func text(_ entry: KeyEntry, _ resolved: Found) -> String {
        guard let value = resolved.value else { return "" }
        switch (entry.type, value) {
        case (.account, .text(let number)): return Secret.maskedAccount(number)
        case (let type, _) where type.isSecret || resolved.isMasked: return Secret.mask
        case (.clock, .integer(let seconds)): return clock(seconds)
        default: return value.description
        }
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
