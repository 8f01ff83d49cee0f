internal import Core
internal import Decision

/// What others wrote about symbols, from a file that something else keeps: one JSON object a line,
/// `{"symbol", "source", "text", "at"}`. Told to a consultant as the words of strangers.
struct ConsultationNews {
    private(set) var texts: [Symbol: [OutsideText]] = [:]
    /// What could not be taken; goes on from nothing.
    private(set) var lacking: String?

    /// Of the last day before the bar's close. What came later was not known then.
    static let horizon: Duration = .seconds(86_400)
    static let bytesLimit = 8 << 20

    static let none = ConsultationNews()

    private init() {}

    /// Newest first, of each symbol. A file that cannot be read, and lines that are none, are told, and stop nothing.
    init(file path: String, barClose: Instant) {
        let content: [UInt8]
        do { content = try FileWriting.readRegular(path, limit: Self.bytesLimit) } catch {
            lacking = "the consultant is told no news: \((error as? StepFailure)?.message ?? "\(error)")"
            return
        }
        var found: [Symbol: [(at: Instant, line: Int, text: OutsideText)]] = [:]
        var refused: [Int] = []
        for (index, line) in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where line.contains(where: { $0 > 0x20 }) {
            guard let item = Self.item(Array(line)) else {
                refused.append(index + 1)
                continue
            }
            let age = barClose.duration(since: item.at)
            if age >= .zero, age < Self.horizon { found[item.symbol, default: []].append((item.at, index, item.text)) }
        }
        texts = found.mapValues { items in items.sorted { ($0.at, $0.line) > ($1.at, $1.line) }.map(\.text) }
        guard let first = refused.first else { return }
        lacking =
            "\(refused.count) line(s) of \(path) are no news, the first is line \(first); write "
            + #"{"symbol": "NVDA", "source": "…", "text": "…", "at": "2026-11-27T14:30:00Z"}"#
    }

    private static func item(_ line: [UInt8]) -> (symbol: Symbol, at: Instant, text: OutsideText)? {
        guard let json = try? JSONValue(parsing: line), let symbol = json["symbol"]?.stringValue,
            let source = json["source"]?.stringValue, let text = json["text"]?.stringValue,
            let at = json["at"]?.stringValue.flatMap({ Instant(rfc3339: $0) })
        else { return nil }
        return (Symbol(symbol), at, OutsideText(source: source, text: text))
    }
}
