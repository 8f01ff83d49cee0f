public import Core
public import Ledger
public import Settings
public import Store

/// The books as of one transaction: the ledger, the marks it is valued with, and its value.
public struct Books: Sendable {
    public let ledger: Ledger
    public let marks: Marks
    public let portfolio: Portfolio

    /// Folds the ledger and marks every held symbol with the close of its newest bar that had closed at `now`.
    public static func load(_ reader: StoreReader, settings: Settings, at now: Instant) throws -> Books {
        try value(try Ledger.fold(try reader.ledgerEntries()), reader, settings: settings, at: now)
    }

    /// A ledger, its held symbols marked the same way.
    static func value(_ ledger: Ledger, _ reader: StoreReader, settings: Settings, at now: Instant) throws -> Books {
        var marks = rates(settings, at: now)
        for position in ledger.openPositions where marks.prices[position.symbol] == nil {
            guard let mark = try lastPrice(of: position.symbol, reader, settings, at: now) else { continue }
            marks.set(position.symbol, price: mark.price, asOf: mark.asOf)
        }
        marks = marks.withLastTrades(of: ledger)
        return Books(ledger: ledger, marks: marks, portfolio: try Portfolio.value(ledger, marks))
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

    /// The newest close at `now`, and when that bar closed.
    static func lastPrice(
        of symbol: Symbol, _ reader: StoreReader, _ settings: Settings, at now: Instant
    ) throws -> Marks.PriceMark? {
        var newest: Marks.PriceMark?
        var frames = Set(settings.profiles.filter { $0.symbols.contains(symbol) }.map(\.timeframe))
        // What is held and no profile trades any more is still watched, by whatever bars of it come in.
        if frames.isEmpty { frames = Set(try reader.barSeries().filter { $0.symbol == symbol }.map(\.timeframe)) }
        for timeframe in frames.sorted() where !timeframe.isDaily {
            let span = Int64(timeframe.seconds)
            // A bar's own length is all that is needed to leave out the bar in progress; a session cut short only makes the
            // mark one bar older.
            let bound = now.advanced(bySeconds: -span).advanced(by: .microseconds(1))
            guard let bar = try reader.lastBars(symbol, timeframe, count: 1, closedBefore: bound).last else {
                continue
            }
            let close = bar.openAt.advanced(bySeconds: span)
            if newest.map({ close > $0.asOf }) ?? true { newest = Marks.PriceMark(price: bar.close, asOf: close) }
        }
        return newest
    }
}
