/// A table as the report means it; Markdown and HTML are made from the same one.
public struct ReportTable: Hashable, Sendable {
    public enum Alignment: Hashable, Sendable { case left, right }

    public struct Column: Hashable, Sendable {
        public let title: String
        public let alignment: Alignment
    }

    public enum Tone: String, Hashable, Sendable { case plain, good, bad, warning, muted }

    public struct Cell: Hashable, Sendable {
        public let text: String
        public let tone: Tone
        /// A second, quieter line: a name under a symbol, an age under a price.
        public let note: String?
        /// 0 is nothing, 1 the whole limit: drawn as a bar.
        public let gauge: Double?

        init(_ text: String, _ tone: Tone = .plain, note: String? = nil, gauge: Double? = nil) {
            self.text = text
            self.tone = tone
            self.note = note
            self.gauge = gauge
        }

        /// Both lines as one.
        var plain: String { note.map { text.isEmpty ? $0 : "\(text) (\($0))" } ?? text }
    }

    public let title: String
    public let columns: [Column]
    public private(set) var rows: [[Cell]] = []
    /// What is said when there are no rows: a sentence, since an empty table can be good news.
    public let empty: String

    /// A title that begins with `>` heads a column of numbers, set to the right.
    init(_ title: String, _ titles: [String], empty: String) {
        self.title = title
        columns = titles.map { text in
            text.hasPrefix(">")
                ? Column(title: String(text.dropFirst()), alignment: .right) : Column(title: text, alignment: .left)
        }
        self.empty = empty
    }

    /// The row is cut or filled up to the number of columns.
    mutating func add(_ cells: [Cell]) {
        rows.append(columns.indices.map { $0 < cells.count ? cells[$0] : Cell("") })
    }
}

extension ReportTable.Cell: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}
