/// Fills `${NAME}` and `${NAME:-default}` in the values of YAML files from the environment, then from `.env`.
///
/// A variable that is not set, or set to nothing, and has no default makes the whole value absent, as if the key were
/// not written: the original files name `${IB_HOST}` and the like for brokers that are not used, and must load with
/// nothing set. Whether an absent value is needed is checked where it is needed. `$${` stands for `${` itself.
struct Interpolation: Sendable {
    let environment: Environment
    let dotEnv: DotEnv

    enum Outcome: Hashable {
        /// The text as written: nothing was to be filled in.
        case untouched
        case filled(String)
        case absent(variable: String)
        /// What is wrong, at so many characters into the text.
        case bad(message: String, hint: String, offset: Int)
    }

    /// Whether a text takes a variable whose name says that it holds a secret.
    static func namesSecret(_ text: String) -> Bool {
        guard opening(in: text[...]) != nil else { return false }
        let signs = ["KEY", "SECRET", "PASSWORD", "TOKEN", "WEBHOOK", "SMTP_URL", "ACCOUNT"]
        return signs.contains { start(of: $0, in: text[...]) != nil }
    }

    /// Where the next `${` stands. Every value is asked, so by bytes.
    private static func opening(in text: Substring) -> String.Index? {
        text.utf8.contains(UInt8(ascii: "$")) ? start(of: "${", in: text) : nil
    }

    private static func start(of wanted: String, in text: Substring) -> String.Index? {
        guard let first = wanted.utf8.first else { return nil }
        var rest = text.utf8
        while let next = rest.firstIndex(of: first) {
            rest = rest[next...]
            if rest.starts(with: wanted.utf8) { return next }
            rest = rest.dropFirst()
        }
        return nil
    }

    func fill(_ text: String) -> Outcome {
        guard Self.opening(in: text[...]) != nil else { return .untouched }
        var result = ""
        var rest = text[...]
        while let start = Self.opening(in: rest) {
            let inside = rest.utf8.index(start, offsetBy: 2)
            let before = rest[..<start]
            if before.utf8.last == UInt8(ascii: "$") {
                result += String(before.dropLast()) + "${"
                rest = rest[inside...]
                continue
            }
            result += String(before)
            var offset: Int { text.distance(from: text.startIndex, to: start) }
            guard let end = rest[inside...].utf8.firstIndex(of: UInt8(ascii: "}")) else {
                return .bad(message: "a '${' is not closed", hint: "write ${NAME} or ${NAME:-default}", offset: offset)
            }
            switch value(of: rest[inside..<end]) {
            case .filled(let piece): result += piece
            case .absent(let variable): return .absent(variable: variable)
            case .bad(let message, let hint, _): return .bad(message: message, hint: hint, offset: offset)
            case .untouched: break
            }
            rest = rest[rest.utf8.index(after: end)...]
        }
        return .filled(result + String(rest))
    }

    private func value(of inner: Substring) -> Outcome {
        let split = Self.start(of: ":-", in: inner)
        let name = String(split.map { inner[..<$0] } ?? inner)
        let isName = name.utf8.allSatisfy { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte) || byte == 95
        }
        guard isName, let first = name.utf8.first, !(48...57).contains(first) else {
            // What stands inside is not repeated: somebody may have put the secret itself there.
            return .bad(
                message: "the text in '${…}' names no variable", hint: "write ${NAME} or ${NAME:-default}", offset: 0)
        }
        if let text = environment[name] ?? dotEnv[name]?.text { return .filled(text) }
        guard let split else { return .absent(variable: name) }
        let standard = String(inner[split...].dropFirst(2))
        return standard.isEmpty ? .absent(variable: name) : .filled(standard)
    }
}
