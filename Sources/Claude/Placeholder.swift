import Core
import Decision

/// What a template can ask for. Each becomes one JSON value, so nothing that it holds can be mistaken for the template's
/// own words.
enum Placeholder: String, CaseIterable {
    case symbol, instrument, timeframe
    case barClose = "bar_close"
    case currentPrice = "current_price"
    case bars, features, position, equity, limits
    case policyVote = "policy_vote"
    case outsideTexts = "outside_texts"

    func value(in question: MarketQuestion) -> JSONValue {
        switch self {
        case .symbol: .string(DisplayText.clean(question.instrument.symbol.text, limit: 40))
        case .instrument: instrument(question.instrument)
        case .timeframe: JSONValue(question.timeframe)
        case .barClose: JSONValue(question.barClose)
        case .currentPrice:
            [
                "close": JSONValue(question.bars.last?.close),
                "unit": .string("\(question.instrument.currency) per unit"),
            ]
        case .bars: bars(question)
        case .features: .array(question.features.map(figure))
        case .position: position(question)
        case .equity:
            question.equity.map { ["amount": JSONValue($0.amount), "unit": JSONValue($0.currency)] } ?? .null
        case .limits: .array(question.limits.map(figure))
        case .policyVote: question.vote.map(vote) ?? .null
        case .outsideTexts: outside(question)
        }
    }

    private func instrument(_ instrument: Instrument) -> JSONValue {
        let kind =
            switch instrument.kind {
            case .stock: "stock"
            case .etf: "etf"
            case .future(let expiry): "future, expires \(expiry)"
            case .option(let terms): "\(terms.right.rawValue) option, strike \(terms.strike), expires \(terms.expiry)"
            }
        return [
            "exchange": .string(DisplayText.clean(instrument.exchange.text, limit: 40)), "kind": .string(kind),
            "currency": JSONValue(instrument.currency), "lot_size": JSONValue(instrument.lotSize),
            "multiplier": JSONValue(instrument.multiplier),
        ]
    }

    /// Rows instead of objects: the names of five columns, sixty times over, would cost more tokens than the numbers.
    private func bars(_ question: MarketQuestion) -> JSONValue {
        let rows = question.bars.map { bar -> JSONValue in
            .array([
                JSONValue(bar.openAt), JSONValue(bar.open), JSONValue(bar.high), JSONValue(bar.low),
                JSONValue(bar.close), JSONValue(bar.volume),
            ])
        }
        return [
            "columns": ["opened_at_utc", "open", "high", "low", "close", "volume_units"],
            "price_unit": .string("\(question.instrument.currency) per unit"), "rows": .array(rows),
        ]
    }

    private func figure(_ figure: Figure) -> JSONValue {
        ["name": .string(figure.name), "value": .string(figure.value), "unit": .string(figure.unit)]
    }

    private func position(_ question: MarketQuestion) -> JSONValue {
        let position = question.position
        return [
            "quantity_units": JSONValue(position.quantity),
            "average_cost": JSONValue(position.averageCost), "unrealised_pnl": JSONValue(position.unrealisedPnL),
            "bars_held": position.barsHeld.map { .int(Int64($0)) } ?? .null,
        ]
    }

    private func vote(_ vote: Vote) -> JSONValue {
        [
            "action": .string(vote.action.rawValue), "confidence": .double(vote.confidence),
            "probabilities": [
                "hold": .double(vote.probabilities.hold), "buy": .double(vote.probabilities.buy),
                "sell": .double(vote.probabilities.sell),
            ],
        ]
    }

    private func outside(_ question: MarketQuestion) -> JSONValue {
        [
            "instrument_name": .string(DisplayText.clean(question.instrument.name, limit: 80)),
            "texts": .array(
                question.outsideTexts.map { ["source": .string($0.source), "text": .string($0.text)] }),
        ]
    }
}
