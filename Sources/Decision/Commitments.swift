public import Core

/// What the books are bound to already when something is decided: positions, orders at the brokers, and intents that have not
/// been sent, of all profiles and brokers. Read in the transaction that decides, so that what one run adds the next one counts.
public struct Commitments: Hashable, Sendable {
    /// A side of a symbol on which something is held or may come to be held, whatever is filled.
    public struct Holding: Hashable, Sendable {
        public let symbol: Symbol
        public let side: Side
        /// Closed bars of the decision's timeframe, oldest first; empty where there are none to compare with.
        public internal(set) var bars: [Bar]

        public init(symbol: Symbol, side: Side, bars: [Bar]) {
            self.symbol = symbol
            self.side = side
            self.bars = bars
        }
    }

    /// By symbol, a purchase before a sale; empty where no limit asks.
    public let held: [Holding]
    /// What was traded today and what may still be traded of orders and intents at their worst prices, both sides, in base
    /// currency; `nil` where it is not known or no limit asks.
    public let turnover: FixedPoint?

    public init(held: [Holding] = [], turnover: FixedPoint? = nil) {
        self.held = held.sorted { ($0.symbol, $0.side.rawValue) < ($1.symbol, $1.side.rawValue) }
        self.turnover = turnover
    }

    /// The same without bars that had not closed with the cycle's bar.
    func cut(at barClose: Instant, _ timeframe: Timeframe) throws(DecisionError) -> Commitments {
        var cut: [Holding] = []
        for holding in held {
            try Self.require(ascending: holding)
            var kept = holding
            kept.bars = holding.bars.filter { $0.hasClosed(by: barClose, timeframe) }
            cut.append(kept)
        }
        return Commitments(held: cut, turnover: turnover)
    }

    private static func require(ascending holding: Holding) throws(DecisionError) {
        for (bar, next) in zip(holding.bars, holding.bars.dropFirst()) where bar.openAt >= next.openAt {
            throw .barsNotAscending(holding.symbol, next.openAt)
        }
    }
}

extension Bar {
    /// By its full length. A last bar that the session's close cuts short counts from the next bar on.
    fileprivate func hasClosed(by instant: Instant, _ timeframe: Timeframe) -> Bool {
        timeframe.isDaily ? openAt < instant : openAt.advanced(bySeconds: Int64(timeframe.seconds)) <= instant
    }
}

extension Commitments {
    func json(bars evidence: BarEvidence) -> JSONValue {
        [
            "turnover": JSONValue(turnover),
            "held": .array(
                held.map { holding in
                    [
                        "symbol": JSONValue(holding.symbol), "side": .string(holding.side.rawValue),
                        "bars": BarSeries.json(holding.bars, evidence),
                    ]
                }),
        ]
    }

    init(_ reader: EvidenceReader, stored: (Symbol) -> [Bar]) throws(DecisionError) {
        var held: [Holding] = []
        for holding in try reader.objects("held") {
            let symbol = Symbol(try holding.string("symbol"))
            held.append(
                Holding(
                    symbol: symbol, side: try holding.read("side") { Side(rawValue: $0) },
                    bars: try BarSeries.bars(holding, symbol) { stored(symbol) }))
        }
        self.init(held: held, turnover: try reader.optionalDecimal("turnover"))
    }
}
