/// The layouts of bar files.
///
/// A new one is a case here, a line in `LayoutRecognition`, and a file that reads it.
public enum BarLayout: String, Hashable, Sendable, CaseIterable {
    /// Told from the content; refused where the content fits several.
    case auto
    /// `ts,open,high,low,close,volume`; `ts` is the bar's start, RFC 3339.
    case takt
    /// `Date` or `Datetime` and `Open,High,Low,Close,Volume` in any order. Intraday times carry an offset.
    case yahoo
    /// Daily bars: raw prices, adjusted ones beside them (left out), and the columns `divCash` and `splitFactor`.
    case tiingo
    /// `datetime,open,high,low,close,volume` in any order; the times are the exchange's local ones, without an offset.
    case localTime = "local_time"
    /// `Time,Open,High,Low,Close,Volume`; times are `DD.MM.YYYY HH:MM:SS.mmm` in UTC.
    case dukascopy
    /// No header: `date,"open","high","low","close","volume"`, daily, with thousands separators.
    case korean
    /// The zip archives of QuantConnect's LEAN engine.
    case lean
    /// The JSON answers of Korea Investment & Securities' chart calls.
    case kis

    /// Reads the name; `local-time` is as good as `local_time`.
    public init?(name: String) {
        self.init(rawValue: name.split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_"))
    }

    /// The names for messages and help: `auto, takt, …`.
    public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
