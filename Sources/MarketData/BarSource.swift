public import Core

/// Where bars come from: a generator, a broker, the store.
public protocol BarSource: Sendable {
    /// Stored with each bar.
    var kind: BarSourceKind { get }

    /// The bars with `from` <= openAt < `until`, ascending: closed ones and, where known, the one still forming.
    ///
    /// An empty answer means that the source was asked and has none. A source that could not be asked throws.
    func bars(
        _ instrument: Instrument, _ timeframe: Timeframe, from: Instant, until: Instant
    ) async throws(BarSourceError) -> [Bar]
}

/// Why a source has no answer.
public enum BarSourceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The source cannot serve this instrument or timeframe, now or later.
    case unsupported(Symbol, reason: String)
    /// The source could not be reached or answered with an error; a later attempt may succeed.
    case unavailable(Symbol, reason: String)
    /// The answer covers only part of the range asked for.
    case incomplete(Symbol, reason: String)
    /// The answer cannot be read.
    case malformed(Symbol, reason: String)

    /// Whether asking again may help.
    public var isRetryable: Bool {
        switch self {
        case .unavailable, .incomplete: true
        case .unsupported, .malformed: false
        }
    }

    public var description: String {
        switch self {
        case .unsupported(let symbol, let reason): "\(symbol): this source has no such bars: \(reason)"
        case .unavailable(let symbol, let reason):
            "\(symbol): bars could not be fetched: \(reason); those held so far are unchanged, the next run tries again"
        case .incomplete(let symbol, let reason):
            "\(symbol): the source sent only part of the bars: \(reason); the next run asks for the rest"
        case .malformed(let symbol, let reason):
            "\(symbol): the source's answer cannot be read: \(reason); nothing of it was kept"
        }
    }
}
