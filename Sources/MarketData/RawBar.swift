public import Core
public import Sessions

/// The columns of a bar.
public struct BarFields: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let open = BarFields(rawValue: 1)
    public static let high = BarFields(rawValue: 2)
    public static let low = BarFields(rawValue: 4)
    public static let close = BarFields(rawValue: 8)
    public static let volume = BarFields(rawValue: 16)

    /// The names of the columns in the order of the takt layout.
    public var names: [String] {
        let all: [(BarFields, String)] = [
            (.open, "open"), (.high, "high"), (.low, "low"), (.close, "close"), (.volume, "volume"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}

/// One readable row of a bar file, not yet judged. Compact, because a file may have millions.
public struct RawBar: Hashable, Sendable {
    /// The line in its file, from one; zero for a bar that comes from no file.
    public let line: Int32
    public let openAt: Instant
    /// Columns that the file leaves empty; their values read zero.
    public let empty: BarFields
    /// Columns whose number is beyond ±92,233,720,368; their values read zero.
    public let tooLarge: BarFields
    /// In 10^-8 of the instrument's currency, or of a share.
    public let openUnits: Int64
    public let highUnits: Int64
    public let lowUnits: Int64
    public let closeUnits: Int64
    public let volumeUnits: Int64

    init(line: Int32, openAt: Instant, empty: BarFields = [], tooLarge: BarFields = [], values: Values) {
        self.line = line
        self.openAt = openAt
        self.empty = empty
        self.tooLarge = tooLarge
        openUnits = values.open
        highUnits = values.high
        lowUnits = values.low
        closeUnits = values.close
        volumeUnits = values.volume
    }

    struct Values {
        var open: Int64 = 0
        var high: Int64 = 0
        var low: Int64 = 0
        var close: Int64 = 0
        var volume: Int64 = 0
    }

    public func bar(source: BarSourceKind) -> Bar {
        Bar(
            openAt: openAt, open: Price(FixedPoint(int64Units: openUnits)),
            high: Price(FixedPoint(int64Units: highUnits)), low: Price(FixedPoint(int64Units: lowUnits)),
            close: Price(FixedPoint(int64Units: closeUnits)), volume: Quantity(FixedPoint(int64Units: volumeUnits)),
            source: source)
    }

    /// Whether prices and volume are the same.
    func hasValues(of other: RawBar) -> Bool {
        openUnits == other.openUnits && highUnits == other.highUnits && lowUnits == other.lowUnits
            && closeUnits == other.closeUnits && volumeUnits == other.volumeUnits && empty == other.empty
    }
}

/// The bars of one file, in the order of its lines.
public struct ParsedBars: Sendable {
    public let symbol: Symbol
    /// From the instrument or the file's name; `nil` where neither names an exchange with a calendar.
    public let exchange: ExchangeID?
    /// The configured instrument, where the reader was given a list.
    public let instrument: Instrument?
    public let timeframe: Timeframe
    /// The layout that was read: never `auto`.
    public let layout: BarLayout
    /// `raw`, `adj`, `adjdiv` …: what stands behind the timeframe in the file's name.
    public let variant: String?
    public let rows: [RawBar]
    public let warnings: [BarWarning]

    /// The rows of bars that had closed by `now`, and the first of those that had not.
    ///
    /// A file fetched during a session ends with the bar of the running minute or day, as KIS' answers and Yahoo's
    /// downloads do: its numbers are not the bar's yet.
    public func closed(by now: Instant, calendar: ExchangeCalendar?) -> (rows: [RawBar], forming: RawBar?) {
        // Nearly all bars of a file are old: the calendar is asked about those that may be open only.
        let longest = Int64(timeframe.isDaily ? 86_400 : timeframe.seconds)
        let isForming = { (row: RawBar) in
            guard row.openAt.advanced(bySeconds: longest) > now else { return false }
            let slot = calendar?.slot(openingAt: row.openAt, timeframe: timeframe)
            return slot.map { $0.closeAt > now } ?? true
        }
        guard let forming = rows.first(where: isForming) else { return (rows, nil) }
        return (rows.filter { !isForming($0) }, forming)
    }
}

/// Something worth a look that does not keep bars out.
public struct BarWarning: Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case outOfOrder = "out-of-order"
        case zeroVolumeFlat = "zero-volume-flat"
        case tickGrid = "tick-grid"
        case roundedToTick = "rounded-to-tick"
        case roundedTo8Decimals = "rounded-to-8-decimals"
        case outsideCalendar = "outside-calendar"
        case exchangeDiffers = "exchange-differs"
        case corporateAction = "corporate-action"
        case assumedColumns = "assumed-columns"
        case stillForming = "still-forming"
    }

    public let code: Code
    /// The first line concerned.
    public let line: Int?
    /// The open of the first bar concerned, RFC 3339.
    public let openAtText: String?
    /// Bars or values concerned.
    public let count: Int
    public let message: String

    public init(_ code: Code, line: Int?, openAtText: String?, count: Int, message: String) {
        self.code = code
        self.line = line
        self.openAtText = openAtText
        self.count = count
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
