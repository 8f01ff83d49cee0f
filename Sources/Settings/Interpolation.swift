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
        guard text.contains("${") else { return false }
        let signs = ["KEY", "SECRET", "PASSWORD", "TOKEN", "WEBHOOK", "SMTP_URL", "ACCOUNT"]
        return signs.contains { text.contains($0) }
    }

    func fill(_ text: String) -> Outcome {
        guard text.contains("${") else { return .untouched }
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            let offset = text.distance(from: text.startIndex, to: start.lowerBound)
            let before = rest[..<start.lowerBound]
            if before.hasSuffix("$") {
                result += before.dropLast() + "${"
                rest = rest[start.upperBound...]
                continue
            }
            result += before
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                return .bad(message: "a '${' is not closed", hint: "write ${NAME} or ${NAME:-default}", offset: offset)
            }
            switch value(of: rest[start.upperBound..<end]) {
            case .filled(let piece): result += piece
            case .absent(let variable): return .absent(variable: variable)
            case .bad(let message, let hint, _): return .bad(message: message, hint: hint, offset: offset)
            case .untouched: break
            }
            rest = rest[rest.index(after: end)...]
        }
        return .filled(result + rest)
    }

    private func value(of inner: Substring) -> Outcome {
        let split = inner.firstRange(of: ":-")
        let name = String(split.map { inner[..<$0.lowerBound] } ?? inner)
        let isName = name.utf8.allSatisfy { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte) || byte == 95
        }
        guard isName, let first = name.utf8.first, !(48...57).contains(first) else {
            return .bad(
                message: "'${\(name)}' names no variable", hint: "write ${NAME} or ${NAME:-default}", offset: 0)
        }
        if let text = environment[name] ?? dotEnv[name]?.text { return .filled(text) }
        guard let split else { return .absent(variable: name) }
        let standard = String(inner[split.upperBound...])
        return standard.isEmpty ? .absent(variable: name) : .filled(standard)
    }
}
