internal import Core

/// A table for people: columns as wide as their widest cell, numbers to the right.
struct TextTable {
    struct Column: Sendable {
        let title: String
        let isNumeric: Bool
        let cell: @Sendable (JSONValue) -> String

        init(_ title: String, numeric: Bool = false, _ cell: @escaping @Sendable (JSONValue) -> String) {
            self.title = title
            isNumeric = numeric
            self.cell = cell
        }

        /// The member of that name.
        init(_ title: String, _ key: String, numeric: Bool = false) {
            self.init(title, numeric: numeric) { $0[key].map(TextTable.plain) ?? "" }
        }
    }

    /// An amount of money, rounded to its currency's minor unit for people; documents carry every digit.
    static func money(_ title: String, _ key: String, currency: String = "currency") -> Column {
        Column(title, numeric: true) { item in
            guard let text = item[key]?.stringValue, let amount = try? FixedPoint(text) else { return "-" }
            let digits = item[currency]?.stringValue.flatMap { Currency($0) }?.minorDigits ?? 2
            return amount.formatted(digits: digits)
        }
    }

    /// A time without what every line shares: day and clock in UTC.
    static func time(_ title: String, _ key: String) -> Column {
        Column(title) { item in
            guard let text = item[key]?.stringValue, text.count >= 19 else { return "-" }
            return String(text.prefix(19).dropFirst(5).replacing("T", with: " "))
        }
    }

    /// What stands behind the last dash of an id that is too long for a screen, with the number of a later attempt.
    static func short(_ title: String, _ key: String) -> Column {
        Column(title) { item in
            guard let parts = item[key]?.stringValue?.split(separator: "-"), let last = parts.last else { return "-" }
            return Int(last) == nil || parts.count < 2 ? String(last) : parts.suffix(2).joined(separator: "-")
        }
    }

    let columns: [Column]
    let items: [JSONValue]
    /// Said instead of an empty table.
    let empty: String

    func rendered(_ style: TextStyle) -> String {
        guard !items.isEmpty else { return empty }
        let rows = items.map { item in columns.map { $0.cell(item) } }
        let widths = columns.indices.map { index in
            max(columns[index].title.displayWidth, rows.map { $0[index].displayWidth }.max() ?? 0)
        }
        let head = style(.bold, line(columns.map(\.title), widths))
        return ([head] + rows.map { line($0, widths) }).joined(separator: "\n")
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = columns.indices.map { index -> String in
            let space = String(repeating: " ", count: max(0, widths[index] - cells[index].displayWidth))
            return columns[index].isNumeric ? space + cells[index] : cells[index] + space
        }
        var text = padded.joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return text
    }

    static func plain(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .bool(let flag): flag ? "yes" : "no"
        case .int(let number): String(number)
        case .double(let number): "\((number * 10_000).rounded() / 10_000)"
        case .string(let text): text
        case .array(let items): items.map(plain).joined(separator: ", ")
        case .object: value.text
        }
    }
}

extension String {
    /// Columns on a terminal: East Asian wide characters take two, combining marks none.
    var displayWidth: Int {
        unicodeScalars.reduce(0) { width, scalar in
            if scalar.properties.generalCategory == .nonspacingMark { return width }
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x20000...0x3FFFD:
                return width + 2
            default: return width + 1
            }
        }
    }
}
