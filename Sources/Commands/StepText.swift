internal import Core
internal import Cycle

/// Step documents for people: one line a step, its warnings and trouble below.
struct StepText {
    let style: TextStyle

    func cycle(_ document: CycleDocument) -> String {
        let head = style(.bold, document.json["cycle"]?.stringValue ?? "")
        return ([head] + document.steps.map { line($0) }).joined(separator: "\n")
    }

    func step(_ document: StepDocument) -> String {
        let head = style(.bold, document.json["cycle"]?.stringValue ?? "")
        let items = document.items.isEmpty ? "" : "\n" + StepItems.table(document).rendered(style)
        return head + "\n" + line(document) + items
    }

    private func line(_ document: StepDocument) -> String {
        let json = document.json
        let name = (json["step"]?.stringValue ?? "").padding(to: 11)
        let status = json["status"]?.stringValue ?? ""
        let reason = json["reason"]?.stringValue.map { " (\($0))" } ?? ""
        let replayed = document.isReplayed ? style(.dim, " replayed") : ""
        let summary = Self.summary(json["summary"])
        var lines = ["  \(name) \(paint(document, status + reason))\(replayed)  \(style(.dim, summary))"]
        for warning in json["warnings"]?.arrayValue ?? [] {
            lines.append("    " + style(.yellow, warning.stringValue ?? ""))
        }
        if let message = json["error"]?["message"]?.stringValue {
            lines.append("    " + style(.red, message))
            if let hint = json["error"]?["hint"]?.stringValue { lines.append("    " + hint) }
        }
        return lines.joined(separator: "\n")
    }

    private func paint(_ document: StepDocument, _ text: String) -> String {
        switch document.exitCode {
        case .success: style(document.status == .skipped ? .dim : .green, text)
        case .halted, .busy: style(.yellow, text)
        default: style(.red, text)
        }
    }

    /// Plain numbers only: what is nested is for machines.
    private static func summary(_ value: JSONValue?) -> String {
        guard case .object(let members)? = value else { return "" }
        return members.compactMap { member -> String? in
            if case .object = member.value { return nil }
            return "\(member.key.replacing("_", with: " ")) \(TextTable.plain(member.value))"
        }.joined(separator: ", ")
    }
}

/// The items of a step as a table.
enum StepItems {
    static func table(_ document: StepDocument) -> TextTable {
        let columns: [TextTable.Column] =
            switch document.json["step"]?.stringValue.flatMap(StepName.init(rawValue:)) {
            case .fetchBars:
                [
                    .init("symbol", "symbol"), .init("open at", "open_at"), .init("close", "close", numeric: true),
                    .init("volume", "volume", numeric: true), .init("source", "source"),
                ]
            case .decide:
                [
                    .init("symbol", "symbol"), .init("action", "action"),
                    .init("confidence", "confidence", numeric: true),
                    .init("intent", "intent_id"),
                ]
            case .riskCheck, .submit:
                [
                    .init("symbol", "symbol"), .init("purpose", "purpose"), .init("side", "side"),
                    .init("quantity", "quantity", numeric: true), .init("type", "type"), .init("state", "state"),
                    .init("why") { item in
                        (item["reasons"]?.arrayValue ?? []).compactMap { $0["message"]?.stringValue }.joined(
                            separator: "; ")
                    },
                ]
            case .reconcile:
                [
                    .init("kind", "kind"), .init("subject", "subject"), .init("ours", "ours", numeric: true),
                    .init("theirs", "theirs", numeric: true),
                ]
            case .report: [.init("file", "path")]
            case .alert: [.init("severity", "severity"), .init("title", "title"), .init("channel", "channel")]
            case nil: []
            }
        return TextTable(columns: columns, items: document.items, empty: "")
    }
}

extension String {
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }
}
