/// The nearest of some names, for hints.
public enum Nearest {
    /// Edits (insert, delete, replace, swap neighbours) that lead from one text to the other.
    public static func distance(_ left: String, _ right: String) -> Int {
        let from = Array(left.utf8)
        let to = Array(right.utf8)
        if from.isEmpty || to.isEmpty { return max(from.count, to.count) }
        var before: [Int] = []
        var previous = Array(0...to.count)
        for row in 1...from.count {
            var current = [row] + Array(repeating: 0, count: to.count)
            for column in 1...to.count {
                let same = from[row - 1] == to[column - 1]
                var best = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1))
                if row > 1, column > 1, from[row - 1] == to[column - 2], from[row - 2] == to[column - 1] {
                    best = min(best, before[column - 2] + 1)
                }
                current[column] = best
            }
            before = previous
            previous = current
        }
        return previous[to.count]
    }

    /// The nearest candidate, if it is near enough to be what was meant. Case and `-`/`_` do not count.
    public static func match(_ text: String, in candidates: some Sequence<String>) -> String? {
        let wanted = plain(text)
        let ranked = candidates.map { (name: $0, edits: distance(wanted, plain($0))) }
        guard let best = ranked.min(by: { ($0.edits, $0.name) < ($1.edits, $1.name) }) else { return nil }
        return best.edits <= max(1, min(3, best.name.utf8.count / 3)) ? best.name : nil
    }

    private static func plain(_ text: String) -> String {
        String(text.lowercased().map { $0 == "_" ? "-" : $0 })
    }
}
