import Core
import Testing

@testable import Settings

struct KeyTableTests {
    @Test("Every default is a value of its key's type")
    func defaults() {
        let reader = ValueReader(
            known: KnownNames(exchanges: ["XNAS"], zones: ["UTC", "America/New_York"], extended: []))
        for entry in KeyTable.entries {
            guard let standard = entry.standard else { continue }
            #expect(throws: Never.self, "\(entry.path)") {
                try reader.read(standard, isPlain: true, as: entry.type)
            }
        }
    }

    @Test("No key stands in the table twice, and every alias leads to a key that counts")
    func unique() {
        var seen: Set<ConfigPath> = []
        for entry in KeyTable.entries
        where entry.path != "risk_limits.connection_timeout"
            && entry.path != "risk_limits.max_retry_attempts"
        {
            #expect(seen.insert(entry.path).inserted, "\(entry.path)")
        }
        for target in KeyTable.aliases.keys {
            #expect(KeyTable.entry(at: target)?.path == target)
        }
    }

    @Test("No two places of the index share a hash, and every key is found by its whole path and part by part")
    func index() throws {
        let places = KeyTable.index.places
        #expect(Set(places.map(\.hash)).count == places.count)
        #expect(Set(places.map { String($0.text) }).count == places.count)
        for entry in KeyTable.entries {
            #expect(KeyTable.entry(at: entry.path)?.path == entry.path)
            guard entry.file != nil else { continue }
            var node: KeyNode? = KeyTable.root
            for part in entry.path.parts { node = part == "[]" ? node?.item : node?.named(part) }
            #expect(node?.entry?.path == entry.path)
            #expect(try #require(node).belongs(in: try #require(entry.file)))
        }
    }

    @Test(
        "A concrete path leads to its pattern, a strange one nowhere",
        arguments: [
            ("trading.profiles.us-5m.symbols", "trading.profiles.*.symbols"),
            ("routing.rules.[3].broker", "routing.rules.[].broker"),
            ("symbols.NVDA.broker_symbols.kis", "symbols.*.broker_symbols.*"),
            ("symbols.NVDA.nam", nil), ("paper.fx", nil), ("takt", nil), ("nothing.at.all", nil),
        ])
    func concrete(path: String, pattern: String?) {
        #expect(KeyTable.entry(at: ConfigPath(pattern: path))?.path.text == pattern)
    }

    @Test("A dot in a name is the name's own")
    func dots() throws {
        let path = ConfigPath(["symbols", "BRK.B", "exchange"])
        #expect(path.parts == ["symbols", "BRK.B", "exchange"])
        #expect(path.description == "symbols.BRK.B.exchange")
        #expect(KeyTable.entry(at: path)?.path == "symbols.*.exchange")
        #expect(ConfigPath(["routing", "rules", "[0]"]).description == "routing.rules[0]")
        let settings = try load(
            ConfigurationTexts(trading: "trading: {symbols: [BRK.B]}", symbols: "symbols: {BRK.B: {exchange: NYSE}}"))
        #expect(settings.row("symbols.BRK.B.exchange")?.value == "XNYS")
    }

    @Test("Every environment name that is a setting has its key")
    func environment() {
        let bound = Set(KeyTable.entries.compactMap(\.environment))
        let elsewhere: Set<EnvironmentName> = [.failpoint, .noColor]
        #expect(bound.union(elsewhere) == Set(EnvironmentName.allCases))
    }

    @Test(
        "Distances count single edits",
        arguments: [
            ("kitten", "sitting", 3), ("", "abc", 3), ("ab", "ba", 1), ("same", "same", 0), ("fast", "fst", 1),
        ])
    func distance(left: String, right: String, edits: Int) { #expect(Nearest.distance(left, right) == edits) }

    @Test("A key with one slip of the pen is led back to the key that was meant", arguments: UInt64(1)...8)
    func slips(seed: UInt64) throws {
        var random = TestRandom(state: seed)
        let candidates = KeyTable.entries.filter { entry in
            entry.file != nil && !entry.path.parts.contains("*") && !entry.path.parts.contains("[]")
        }
        for _ in 0..<25 {
            let entry = try #require(candidates.randomElement(using: &random))
            let last = try #require(entry.path.parts.last)
            let block = Array(entry.path.parts.dropLast())
            let siblings = Self.siblings(of: block, in: entry.file)
            let slip = Self.mutate(last, &random)
            // Where the slip hits another key, or lies as near to one, there is no telling what was meant.
            let near = siblings.filter { Nearest.distance(slip, $0) <= 1 }
            guard near == [last], slip != last, KeyTable.entry(at: ConfigPath(block + [slip])) == nil else { continue }
            var text = ""
            for (depth, part) in block.enumerated() { text += String(repeating: " ", count: depth) + "\(part):\n" }
            text += String(repeating: " ", count: block.count) + "\(slip): 1\n"
            var texts = ConfigurationTexts()
            texts[try #require(entry.file)] = Array(text.utf8)
            let found = errors(texts).first { $0.key == ConfigPath(block + [slip]).description }
            #expect(found?.hint == "did you mean \(entry.path)?", "\(text) seed \(seed)")
            #expect(found?.origin.line == block.count + 1)
            #expect(found?.origin.column == block.count + 1)
        }
    }

    private static func siblings(of block: [String], in file: ConfigFile?) -> [String] {
        var node: KeyNode? = KeyTable.root
        for part in block { node = node?.child(part) }
        guard let node, let file else { return [] }
        return node.names.filter { node.children[$0]?.belongs(in: file) == true }
    }

    private static func mutate(_ text: String, _ random: inout TestRandom) -> String {
        var letters = Array(text)
        let letter = Array("abcdefghijklmnopqrstuvwxyz_")[Int.random(in: 0..<27, using: &random)]
        let place = Int.random(in: 0..<letters.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: letters.insert(letter, at: place)
        case 1 where letters.count > 3: letters.remove(at: place)
        case 2 where place + 1 < letters.count: letters.swapAt(place, place + 1)
        default: letters[place] = letter
        }
        return String(letters)
    }
}
