/// The table's patterns and the blocks above them, found by their texts.
///
/// Every command builds it, so it is a plain hash table over bytes whose hash grows with the path: a block's hash falls
/// out on the way to its key's, and a key below a block is found without joining their texts. The general dictionary
/// takes ten times as long.
struct KeyIndex: Sendable {
    /// What the table says about one pattern.
    struct Place: Sendable {
        let text: Substring
        let hash: UInt64
        /// Its own entry; `nil` for a mere block.
        var entry: (section: Int16, row: Int16)?
        /// The file in which the block or key belongs.
        let home: ConfigFile
        /// The files in which anything at or below it belongs; `logging` and `alerts` stand in several.
        var files: UInt8 = 0
        /// What may stand below it.
        var below: Below = []
    }

    struct Below: OptionSet, Sendable {
        let rawValue: UInt8
        static let names = Below(rawValue: 1)
        static let anyName = Below(rawValue: 2)
        static let items = Below(rawValue: 4)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The kind of key whose part next to the block begins with this byte.
        init(_ first: UInt8) {
            self = first == UInt8(ascii: "*") ? .anyName : first == UInt8(ascii: "[") ? .items : .names
        }
    }

    /// The block of all blocks.
    static let root = 0

    private(set) var places: [Place] = []
    /// The number of a place, at its hash or behind it; negative where none is. Their count is a power of two.
    private var slots = [Int16](repeating: -1, count: 2048)

    init(_ sections: [[KeyEntry]]) {
        places.reserveCapacity(512)
        _ = insert("", Hash.empty, .trading)
        for section in sections.indices {
            // Most entries follow one of the same block: what that told the blocks above need not be told again.
            var (toldBlock, toldFiles, toldBelow) = (UInt64(0), UInt8(0), Below())
            for row in sections[section].indices {
                let text = sections[section][row].path.text
                let file = sections[section][row].file
                let (whole, block, below) = Hash.ends(of: text)
                if let file, block != toldBlock || file.bit != toldFiles || below != toldBelow {
                    (toldBlock, toldFiles, toldBelow) = (block, file.bit, below)
                    tellBlocks(above: text, file)
                }
                let own = insert(text[...], whole, file ?? .trading)
                places[own].entry = (Int16(section), Int16(row))
                places[own].files |= file?.bit ?? 0
            }
        }
    }

    /// Adds the blocks above a key and what they learn from it.
    private mutating func tellBlocks(above text: String, _ file: ConfigFile) {
        let bytes = text.utf8
        var end = bytes.startIndex
        var hash = Hash.empty
        while true {
            let block = insert(text[..<end], hash, file)
            let part = end == bytes.startIndex ? end : bytes.index(after: end)
            places[block].files |= file.bit
            places[block].below.formUnion(Below(bytes[part]))
            guard let next = bytes[part...].firstIndex(of: UInt8(ascii: ".")) else { return }
            hash = Hash.below(hash, bytes[part..<next])
            end = next
        }
    }

    /// The place of a pattern, a new one if there is none. That no two of the table share a hash is tested.
    private mutating func insert(_ text: Substring, _ hash: UInt64, _ file: ConfigFile) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            if places[Int(slots[slot])].hash == hash { return Int(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int16(places.count)
        places.append(Place(text: text, hash: hash, home: file))
        return places.count - 1
    }

    private func number(_ hash: UInt64) -> Int? {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            if places[Int(slots[slot])].hash == hash { return Int(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The number of a whole pattern.
    func find(_ pattern: Substring) -> Int? {
        number(Hash.below(Hash.empty, pattern.utf8)).flatMap { places[$0].text == pattern ? $0 : nil }
    }

    /// The number of a part below a block.
    func find(_ part: Substring, below block: Int) -> Int? {
        number(Hash.below(places[block].hash, part.utf8)).flatMap { found in
            let text = places[found].text
            return text.utf8.count == places[block].text.utf8.count + part.utf8.count + (block == Self.root ? 0 : 1)
                && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8) ? found : nil
        }
    }
}

/// FNV-1a over the bytes of a path.
private enum Hash {
    static let empty: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

    /// The hash of a part, or of several, below a block with the hash given.
    static func below(_ block: UInt64, _ part: Substring.UTF8View) -> UInt64 {
        var hash = block == empty ? empty : step(block, UInt8(ascii: "."))
        for byte in part { hash = step(hash, byte) }
        return hash
    }

    /// The hash of a path, that of its block, and the kind of its last part.
    static func ends(of path: String) -> (whole: UInt64, block: UInt64, below: KeyIndex.Below) {
        var path = path
        return path.withUTF8 { bytes in
            var (hash, block, first) = (empty, empty, 0)
            for index in bytes.indices {
                if bytes[index] == UInt8(ascii: ".") { (block, first) = (hash, index + 1) }
                hash = step(hash, bytes[index])
            }
            return (hash, block, KeyIndex.Below(bytes.isEmpty ? 0 : bytes[first]))
        }
    }
}
