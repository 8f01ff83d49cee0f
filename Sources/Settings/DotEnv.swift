/// The variables of a `.env` file.
///
/// One `NAME=value` a line, with or without `export `. A value may stand in single quotes (taken literally) or double
/// quotes (`\n`, `\t`, `\"`, `\\`, `\$` are understood). Outside quotes a `#` after a blank begins a comment, so
/// `IB_PORT=7497   # 7496 live` is 7497, while `pass#word` is kept. A name given twice is an error.
struct DotEnv: Sendable {
    struct Entry: Hashable, Sendable {
        let text: String
        /// From 1.
        let line: Int
    }

    private(set) var entries: [String: Entry] = [:]

    static let empty = DotEnv()

    /// The text of a variable; one set to nothing counts as not set.
    subscript(name: String) -> Entry? {
        guard let entry = entries[name], !entry.text.isEmpty else { return nil }
        return entry
    }

    subscript(name: EnvironmentName) -> String? { self[name.rawValue]?.text }

    /// Reads a file's text. What is wrong is added to `errors`; values never appear in them.
    static func read(_ text: String, file: String, errors: inout [SettingsError]) -> DotEnv {
        var result = DotEnv()
        // By bytes: CR LF is one Character in Swift. The CR is a blank at the end of its line.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, raw) in lines.enumerated() {
            let line = index + 1
            switch DotEnvLine.parse(Substring(raw)) {
            case .nothing: continue
            case .bad(let key, let message, let hint):
                errors.append(
                    SettingsError(origin: .dotEnv(file: file, line: line), key: key, message: message, hint: hint))
            case .variable(let name, let value):
                if let first = result.entries[name] {
                    let hint = "it stands first at line \(first.line); keep one of them"
                    errors.append(
                        SettingsError(
                            origin: .dotEnv(file: file, line: line), key: name,
                            message: "the name stands here a second time", hint: hint))
                }
                result.entries[name] = Entry(text: value, line: line)
            }
        }
        return result
    }
}

/// What one line of a `.env` file says.
private enum DotEnvLine {
    case nothing
    case variable(name: String, value: String)
    case bad(key: String, message: String, hint: String)

    static func parse(_ raw: Substring) -> DotEnvLine {
        var text = trimmed(raw)
        if text.isEmpty || text.hasPrefix("#") { return .nothing }
        if text.hasPrefix("export ") || text.hasPrefix("export\t") { text = trimmed(text.dropFirst(7)) }
        guard let equals = text.firstIndex(of: "=") else {
            return .bad(key: "", message: "the line has no '='", hint: "write NAME=value")
        }
        let name = String(trimmed(text[..<equals]))
        guard isName(name) else {
            return .bad(
                key: "", message: "what stands before '=' is no variable name",
                hint: "use letters, digits and '_', not beginning with a digit")
        }
        let rest = trimmed(text[text.index(after: equals)...])
        switch rest.first {
        case "'": return quoted(rest.dropFirst(), by: "'", name)
        case "\"": return quoted(rest.dropFirst(), by: "\"", name)
        default: return .variable(name: name, value: withoutComment(rest))
        }
    }

    private static func quoted(_ text: Substring, by quote: Character, _ name: String) -> DotEnvLine {
        var value = ""
        var escaped = false
        for index in text.indices {
            let letter = text[index]
            if escaped {
                switch letter {
                case "n": value.append("\n")
                case "t": value.append("\t")
                case "\"", "\\", "$": value.append(letter)
                default: value += "\\\(letter)"
                }
                escaped = false
            } else if letter == "\\", quote == "\"" {
                escaped = true
            } else if letter == quote {
                let after = trimmed(text[text.index(after: index)...])
                guard after.isEmpty || after.hasPrefix("#") else {
                    return .bad(
                        key: name, message: "text follows the closing quote", hint: "only a # comment may follow it")
                }
                return .variable(name: name, value: value)
            } else {
                value.append(letter)
            }
        }
        return .bad(key: name, message: "the quote is not closed on this line", hint: "add a closing \(quote)")
    }

    private static func withoutComment(_ text: Substring) -> String {
        if text.hasPrefix("#") { return "" }
        var previous: Character = "="
        for index in text.indices {
            if text[index] == "#", previous == " " || previous == "\t" { return String(trimmed(text[..<index])) }
            previous = text[index]
        }
        return String(text)
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte) || byte == 95
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 }
        var bytes = text.utf8.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return Substring(bytes)
    }
}
