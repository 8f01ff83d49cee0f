internal import Core
internal import Settings

/// `takt calendar at EXCHANGE [TIME]` with nothing but plain options, read without the parser for the same reason as
/// ``BeatCall``: scripts ask it before everything else they do.
struct CalendarCall: Hashable, Sendable {
    private(set) var exchange = ""
    private(set) var time: String?
    private(set) var options = CallOptions()

    /// `nil` for whatever the parser has to read.
    init?(_ arguments: [String]) {
        guard arguments.starts(with: ["calendar", "at"]) else { return nil }
        var places: [String] = []
        var seen: Set<String> = []
        var rest = arguments.dropFirst(2)
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                places.append(word)
                continue
            }
            guard seen.insert(word).inserted else { return nil }
            if options.takeFlag(word) { continue }
            guard let value = rest.popFirst(), !value.hasPrefix("-"), options.take(word, value) else { return nil }
        }
        guard let exchange = places.first, !exchange.isEmpty, places.count <= 2 else { return nil }
        self.exchange = exchange
        time = places.dropFirst().first
        // What is no time, the parser explains.
        if let time, Instant(rfc3339: time) == nil { return nil }
    }

    func run() throws {
        try CalendarCommand.At.answer(exchange, time, try CommandContext(options))
    }
}
