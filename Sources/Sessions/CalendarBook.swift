public import Core

/// An operator's correction of one day: exchanges decree closures and hours faster than calendars are released.
public struct CalendarOverride: Hashable, Sendable {
    public enum Change: Hashable, Sendable {
        case closed
        /// A session without a break, in local seconds of the day (09:30 is 34,200).
        case hours(openSecondOfDay: Int, closeSecondOfDay: Int)
    }

    public let exchange: ExchangeID
    public let date: CivilDate
    public let change: Change

    public init(exchange: ExchangeID, date: CivilDate, change: Change) {
        self.exchange = exchange
        self.date = date
        self.change = change
    }
}

/// The calendars takt knows, with the operator's overrides.
///
/// A new exchange is one file under `Exchanges` and one line in ``table``. Text is parsed at the first use of its
/// exchange, so a command pays only for the markets it trades.
public struct CalendarBook: Sendable {
    /// The built-in calendars, as they are.
    public static let embedded = CalendarBook(changed: [:])

    private static let table: [(exchange: String, calendar: @Sendable () -> ExchangeCalendar?)] = [
        ("XASX", { XASX.calendar }),
        ("XETR", { XETR.calendar }),
        ("XHKG", { XHKG.calendar }),
        ("XKRX", { XKRX.calendar }),
        ("XLON", { XLON.calendar }),
        // Nasdaq keeps the hours of the New York Stock Exchange on every day from 2005 to 2027.
        ("XNAS", { XNYS.calendar?.renamed(ExchangeID("XNAS"), "Nasdaq Stock Market") }),
        ("XNYS", { XNYS.calendar }),
        ("XPAR", { XPAR.calendar }),
        ("XSHG", { XSHG.calendar }),
        ("XTKS", { XTKS.calendar }),
    ]

    /// Venues that follow the hours, and the overrides, of another exchange.
    private static let venues: [(exchange: String, name: String, follows: String)] = [
        ("ARCX", "NYSE Arca", "XNYS"),
        ("BATS", "Cboe BZX", "XNYS"),
        ("XASE", "NYSE American", "XNYS"),
    ]

    /// Calendars that differ from the built-in ones.
    private let changed: [ExchangeID: ExchangeCalendar]

    /// Every exchange with a calendar, in alphabetical order.
    public var exchanges: [ExchangeID] {
        (Self.table.map(\.exchange) + Self.venues.map(\.exchange)).sorted().map { ExchangeID($0) }
    }

    /// The calendar of an exchange, or `nil` if there is none.
    public func calendar(_ exchange: ExchangeID) -> ExchangeCalendar? {
        if let own = changed[exchange] { return own }
        if let venue = Self.venues.first(where: { $0.exchange == exchange.text }) {
            return calendar(ExchangeID(venue.follows))?.renamed(exchange, venue.name)
        }
        return Self.table.first { $0.exchange == exchange.text }?.calendar()
    }

    /// Those of them with extended hours, known without reading their texts.
    public static let extendedExchanges = ["ARCX", "BATS", "XASE", "XNAS", "XNYS"].map { ExchangeID($0) }

    /// The book with the operator's changes on top of those it already has.
    public func overriding(_ overrides: [CalendarOverride]) throws(SessionsError) -> CalendarBook {
        var changed = changed
        var seen: Set<DayKey> = []
        for override in overrides {
            guard let calendar = changed[override.exchange] ?? calendar(override.exchange) else {
                throw .unknownExchange(override.exchange, known: exchanges)
            }
            guard calendar.coverage.contains(override.date) else {
                throw .outsideCoverage(override.exchange, override.date, coverage: calendar.coverage)
            }
            if case .hours(let open, let close) = override.change, !(open >= 0 && open < close && close <= 86_400) {
                throw .impossibleHours(
                    override.exchange, override.date, openSecondOfDay: open, closeSecondOfDay: close)
            }
            guard seen.insert(DayKey(exchange: override.exchange, date: override.date)).inserted else {
                throw .overriddenTwice(override.exchange, override.date)
            }
            changed[override.exchange] = calendar.changed([override])
        }
        return CalendarBook(changed: changed)
    }

    private init(changed: [ExchangeID: ExchangeCalendar]) { self.changed = changed }

    private struct DayKey: Hashable {
        let exchange: ExchangeID
        let date: CivilDate
    }
}
