public import Core

/// An alert as a Slack message in Block Kit: header, text, fields, context.
///
/// Limits are those of Slack's reference (docs.slack.dev, "Block Kit: blocks"): one character too many and Slack refuses
/// the whole message, so everything is cut to fit. Lengths are counted in UTF-16 units, the strictest reading of "characters".
public enum SlackPayload {
    static let headerLimit = 150
    static let textLimit = 3000
    static let fieldLimit = 2000
    static let fieldsPerSection = 10
    static let contextElementLimit = 10
    static let blockLimit = 50
    /// For notifications and old clients; Slack recommends at most 4000.
    static let fallbackLimit = 4000

    public static func json(_ message: AlertMessage, origin: AlertOrigin) -> JSONValue {
        let title = clipped("\(icon(message.severity)) \(message.headline)", headerLimit)
        let header: JSONValue = [
            "type": "header", "text": ["type": "plain_text", "text": .string(title), "emoji": true],
        ]
        var blocks = [header]
        let body = trimmed(message.body)
        if !body.isEmpty { blocks.append(["type": "section", "text": markdown(escaped(body, limit: textLimit))]) }
        // The header, the body and the context are kept; fields take what is left.
        let room = blockLimit - blocks.count - 1
        blocks += fieldSections(message.fields).prefix(room)
        blocks.append(["type": "context", "elements": .array(context(message, origin: origin))])
        let fallback = "[\(message.severity.rawValue)] \(message.headline)"
        return [
            "text": .string(escaped(fallback, limit: fallbackLimit)),
            "blocks": .array(blocks),
            "unfurl_links": false,
        ]
    }

    private static func icon(_ severity: Severity) -> String {
        switch severity {
        case .info: "ℹ️"
        case .warning: "⚠️"
        case .error: "❌"
        case .critical: "🚨"
        }
    }

    private static func fieldSections(_ fields: [AlertMessage.Field]) -> [JSONValue] {
        stride(from: 0, to: fields.count, by: fieldsPerSection).map { start in
            let group = fields[start..<min(start + fieldsPerSection, fields.count)]
            return ["type": "section", "fields": .array(group.map(field))]
        }
    }

    private static func field(_ field: AlertMessage.Field) -> JSONValue {
        // An empty text is refused; the name gets a small share so that the value always shows.
        let name = escaped(field.name.isEmpty ? "–" : field.name, limit: 200)
        let value = escaped(field.value.isEmpty ? "–" : field.value, limit: fieldLimit - 203)
        return markdown("*\(name)*\n\(value)")
    }

    private static func context(_ message: AlertMessage, origin: AlertOrigin) -> [JSONValue] {
        var parts = ["\(message.createdAt)", "\(origin.host) (\(origin.mode))"]
        if let profile = message.profile { parts.append("profile \(profile)") }
        if let cycle = message.cycle { parts.append("cycle \(cycle)") }
        parts.append("\(message.kind) #\(message.id)")
        if let note = message.suppressedNote { parts.append(note) }
        return parts.prefix(contextElementLimit).map { markdown(escaped($0, limit: fieldLimit)) }
    }

    private static func markdown(_ text: String) -> JSONValue { ["type": "mrkdwn", "text": .string(text)] }

    /// `&`, `<` and `>` as entities, so that nothing in a text becomes a link or a mention (`<!channel>`); cut before an
    /// entity, never inside.
    static func escaped(_ text: String, limit: Int) -> String {
        fitted(text, limit) { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            default: String(character)
            }
        }
    }

    static func clipped(_ text: String, _ limit: Int) -> String { fitted(text, limit) { String($0) } }

    /// As many whole characters as fit, with an ellipsis if any are left out.
    private static func fitted(_ text: String, _ limit: Int, _ spelling: (Character) -> String) -> String {
        var output = ""
        var length = 0
        // Where to cut back to, should more follow than fits: one unit is kept for the ellipsis.
        var cut = output.endIndex
        for character in text {
            let piece = spelling(character)
            length += piece.utf16.count
            guard length <= limit else { return output[..<cut] + "…" }
            output += piece
            if length <= limit - 1 { cut = output.endIndex }
        }
        return output
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
        let end = text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? start
        return String(text[start..<end])
    }
}
