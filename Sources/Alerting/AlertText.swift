internal import Core

/// An alert written out for people: the two bodies of an e-mail.
enum AlertText {
    static func plain(_ message: AlertMessage, origin: AlertOrigin) -> String {
        var lines = [message.headline, ""]
        if !message.body.isEmpty { lines += [message.body, ""] }
        let width = message.fields.map(\.name.count).max() ?? 0
        lines += message.fields.map { field in
            field.name + ":" + String(repeating: " ", count: width - field.name.count + 1) + field.value
        }
        if !message.fields.isEmpty { lines.append("") }
        lines.append("-- ")
        lines += facts(message, origin: origin).map { "\($0.name): \($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Inline styles and a table, since mail programs drop style sheets. Colours keep their contrast on a dark ground.
    static func html(_ message: AlertMessage, origin: AlertOrigin) -> String {
        let rows = message.fields.map { field in
            "<tr><th align=\"left\" style=\"padding:2px 12px 2px 0;vertical-align:top\">\(escaped(field.name))</th>"
                + "<td style=\"padding:2px 0\">\(lines(field.value))</td></tr>"
        }
        let footer = facts(message, origin: origin).map { "\(escaped($0.name)): \(escaped($0.value))" }
        var parts = [
            "<!DOCTYPE html>",
            "<html><head><meta charset=\"utf-8\"><title>\(escaped(message.headline))</title></head>",
            "<body style=\"font-family:system-ui,sans-serif;line-height:1.4\">",
            "<h2 style=\"border-left:6px solid \(colour(message.severity));padding-left:10px;margin:0 0 12px\">",
            "\(escaped(message.headline))</h2>",
        ]
        if !message.body.isEmpty { parts.append("<p>\(lines(message.body))</p>") }
        if !rows.isEmpty { parts += ["<table style=\"border-collapse:collapse\">"] + rows + ["</table>"] }
        parts.append("<p style=\"color:#777;font-size:small\">\(footer.joined(separator: "<br>\n"))</p>")
        parts.append("</body></html>")
        return parts.joined(separator: "\n") + "\n"
    }

    private static func facts(_ message: AlertMessage, origin: AlertOrigin) -> [AlertMessage.Field] {
        var facts = [
            AlertMessage.Field("Time", "\(message.createdAt)"),
            AlertMessage.Field("Host", "\(origin.host) (\(origin.mode))"),
        ]
        if let profile = message.profile { facts.append(.init("Profile", profile.text)) }
        if let cycle = message.cycle { facts.append(.init("Cycle", cycle.text)) }
        facts.append(.init("Alert", "\(message.kind) #\(message.id), \(message.severity.rawValue)"))
        if let note = message.suppressedNote { facts.append(.init("Note", note)) }
        return facts
    }

    private static func colour(_ severity: Severity) -> String {
        switch severity {
        case .info: "#3b82f6"
        case .warning: "#d97706"
        case .error: "#dc2626"
        case .critical: "#b91c1c"
        }
    }

    private static func lines(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { escaped(String($0)) }.joined(separator: "<br>\n")
    }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { output, character in
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            default: output.append(character)
            }
        }
    }
}
