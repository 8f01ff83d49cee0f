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

    /// The prices of the held symbols, and what is strange about them.
    let readings: [Symbol: PriceWatch.Reading]

    /// Where the scale of what is held and that of its bars do not agree, or may not.
    var doubts: [ScaleDoubt] { readings.values.compactMap(\.doubt).sorted { $0.symbol < $1.symbol } }

    /// Folds the ledger and marks every held symbol with the close of its newest bar that had closed at `now`, on the share
    /// scale of the books (``PriceWatch``).
    public static func load(
        _ reader: StoreReader, settings: Settings, calendars: CalendarBook, at now: Instant
    ) throws -> Books {
        let ledger = try Ledger.fold(try reader.ledgerEntries())
        return try value(ledger, reader, settings: settings, calendars: calendars, at: now)
    }

    /// A ledger, its held symbols marked the same way.
    static func value(
        _ ledger: Ledger, _ reader: StoreReader, settings: Settings, calendars: CalendarBook, at now: Instant
    ) throws -> Books {
        let watch = PriceWatch(reader, settings, calendars, ledger, at: now)
        var marks = rates(settings, at: now)
        var readings: [Symbol: PriceWatch.Reading] = [:]
        for symbol in Set(ledger.openPositions.map(\.symbol)).sorted() {
            let reading = try watch.reading(of: symbol)
            readings[symbol] = reading
            guard let mark = reading.mark else { continue }
            marks.set(symbol, price: mark.price, asOf: mark.asOf)
        }
        marks = marks.withLastTrades(of: ledger)
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
