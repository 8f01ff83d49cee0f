public import Core
public import Ledger
public import Sessions
public import Settings
public import Store

/// The books as of one transaction: the ledger, the marks it is valued with, and its value.
public struct Books: Sendable {
    public let ledger: Ledger
    public let marks: Marks
    public let portfolio: Portfolio

    /// What is held, the price it is watched at, and what is strange about that.
    let readings: [PriceWatch.HeldReading]

    /// Where the scale of what is held and that of its bars do not agree, or may not, in the accounts that takt trades in:
    /// what lies in any other one is valued, and nothing of it is traded.
    func doubts(_ context: CycleContext) -> [ScaleDoubt] {
        let doubts = readings.filter { context.trades($0.position) }.compactMap(\.reading.doubt)
        return Set(doubts).sorted { ($0.symbol, $0.broker?.text ?? "") < ($1.symbol, $1.broker?.text ?? "") }
    }

    /// Folds the ledger and marks everything held with the close of its newest bar that had closed at `now`, on the share
    /// scale of the books (``PriceWatch``), or with the price of its last fill where that is newer.
    public static func load(
        _ reader: StoreReader, settings: Settings, calendars: CalendarBook, at now: Instant
    ) throws -> Books {
        let ledger = try Ledger.fold(try reader.ledgerEntries())
        return try value(ledger, reader, settings: settings, calendars: calendars, at: now)
    }

    /// A ledger, its held symbols marked the same way.
    ///
    /// - Parameter past: Where the ledger is one of the past: what an operator had said by then counts.
    static func value(
        _ ledger: Ledger, _ reader: StoreReader, settings: Settings, calendars: CalendarBook, at now: Instant,
        saidBy past: Instant? = nil
    ) throws -> Books {
        let watch = PriceWatch(reader, settings, calendars, ledger, at: now, saidBy: past)
        var marks = rates(settings, at: now)
        let readings = try ledger.openPositions.map { position in
            PriceWatch.HeldReading(position: position, reading: try watch.reading(of: position))
        }
        for held in readings {
            if let mark = held.reading.value { marks.set(held.position, mark) }
        }
        let traded = readings.filter { $0.reading.stated == nil && $0.reading.lastTrade(of: $0.position) != nil }
        marks = marks.withLastTrades(of: traded.map(\.position))
        return Books(
            ledger: ledger, marks: marks, portfolio: try Portfolio.value(ledger, marks), readings: readings)
    }

    /// The configured exchange rates of the embedded exchange. They carry their source into every valuation, so that a
    /// portfolio is never valued silently at a number somebody once typed in.
    static func rates(_ settings: Settings, at now: Instant) -> Marks {
        var marks = Marks(base: settings.baseCurrency)
        for (currency, rate) in settings.paper.fx where currency != settings.baseCurrency {
            marks.set(currency, perBase: rate, asOf: now, source: "configured (paper.fx)")
        }
        return marks
    }
}
