internal import Broker
internal import Core

/// Why the exchange refuses an order: a closed list with stable codes. A refusal is final; nothing of the order is
/// kept.
enum PaperRefusal: Hashable, Sendable {
    case unknownSymbol(Symbol)
    case unsupported(String)
    case quantityNotPositive(Quantity)
    case offLot(Quantity, lot: Quantity)
    case offTick(Price, tick: Price)
    case marketClosed(Symbol, Instant)
    case shortNotAllowed(Symbol, held: Quantity, openSells: Quantity, wanted: Quantity)
    case noPrice(Symbol)
    case insufficientCash(needed: Money, available: Money)

    var code: String {
        switch self {
        case .unknownSymbol: "unknown-symbol"
        case .unsupported: "unsupported"
        case .quantityNotPositive: "quantity-not-positive"
        case .offLot: "off-lot"
        case .offTick: "off-tick"
        case .marketClosed: "market-closed"
        case .shortNotAllowed: "short-not-allowed"
        case .noPrice: "no-price"
        case .insufficientCash: "insufficient-cash"
        }
    }

    var message: String {
        switch self {
        case .unknownSymbol(let symbol): "\(symbol) is not traded here; list it under symbols"
        case .unsupported(let what): what
        case .quantityNotPositive(let quantity): "the quantity \(quantity) is not positive"
        case .offLot(let quantity, let lot): "the quantity \(quantity) is no multiple of the lot \(lot)"
        case .offTick(let price, let tick): "the price \(price) is not positive or no multiple of the tick \(tick)"
        case .marketClosed(let symbol, let instant): "the market of \(symbol) is closed at \(instant)"
        case .shortNotAllowed(let symbol, let held, let openSells, let wanted):
            "selling \(wanted) \(symbol) would go short: \(held) held, \(openSells) in open sell orders"
        case .noPrice(let symbol): "no bar of \(symbol) is known from the last 15 days, so the order cannot be valued"
        case .insufficientCash(let needed, let available):
            "the order needs \(needed.display), \(available.display) are free of open orders"
        }
    }

    var outcome: SubmitOutcome { .rejected(code: code, message: message) }
}
