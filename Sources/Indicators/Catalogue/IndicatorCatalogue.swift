/// All indicators by name, for the command line, the settings and a feature list.
///
/// An indicator is added by its type and by one entry in one of the lists; nothing else names it.
public enum IndicatorCatalogue {
    /// Every entry, grouped by kind, in the order they are listed to a person.
    public static let entries: [IndicatorEntry] = averages + momentum + trend + volatility + volume + presets

    private static let byName = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The entry of a name, in upper or lower case.
    ///
    /// - Throws: ``IndicatorError/unknownName(_:nearest:)`` with up to three similar names.
    public static func entry(_ name: String) throws(IndicatorError) -> IndicatorEntry {
        if let entry = byName[name] ?? byName[name.uppercased()] { return entry }
        throw .unknownName(name, nearest: nearest(to: name.uppercased()))
    }

    /// Names that differ by few letters, or that contain the given one; best first.
    static func nearest(to name: String) -> [String] {
        let ranked = entries.compactMap { entry -> (name: String, distance: Int)? in
            let distance = editDistance(Array(name.utf8.prefix(40)), Array(entry.name.utf8))
            let isClose = distance <= max(1, (min(name.utf8.count, entry.name.utf8.count) + 1) / 2)
            let isPart = name.utf8.count >= 3 && (entry.name.hasPrefix(name) || name.hasPrefix(entry.name))
            // The same letters in another order come before other letters.
            let isSwapped = name.utf8.sorted() == entry.name.utf8.sorted()
            return isClose || isPart ? (entry.name, isPart || isSwapped ? min(distance, 1) : distance) : nil
        }
        return ranked.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    /// The number of letters to insert, delete or replace (Levenshtein).
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
