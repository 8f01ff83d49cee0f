internal import Core

/// How an order abroad meets the market: `ORD_DVSN`. There is no market order that is executed during the session.
///
/// Orders that KIS slices over a time (35, 36), odd lots in Hong Kong (50) and US orders by day in Korea are not asked for: no
/// list of KIS's tells them from limits, so that one whose answer is lost would be taken for another.
enum OverseasDivision: String, Hashable, Sendable, CaseIterable {
    case limit = "00"
    case marketOnOpen = "31"
    case limitOnOpen = "32"
    case marketOnClose = "33"
    case limitOnClose = "34"

    /// `nil` for a type that is none of KIS's abroad: what is a market order during the session is a limit there
    /// (``MarketableLimit``).
    init?(_ type: OrderType, _ timeInForce: TimeInForce) {
        switch (type, timeInForce) {
        case (.limit, .day): self = .limit
        case (.limit, .atOpen): self = .limitOnOpen
        case (.market, .atOpen): self = .marketOnOpen
        case (.limit, .atClose): self = .limitOnClose
        case (.market, .atClose): self = .marketOnClose
        case (.market, _), (.limit, _), (.stop, _), (.stopLimit, _), (.marketToLimit, _), (.conditionalLimit, _),
            (.bestOwnSide, _), (.trailingStop, _), (.trailingStopLimit, _):
            return nil
        }
    }

    func exists(_ nation: KISNation, _ side: Side, in environment: KISEnvironment) -> Bool {
        switch (nation, self) {
        case (.korea, _): false
        case (_, .limit): true
        case (.unitedStates, .limitOnOpen), (.unitedStates, .limitOnClose): environment == .real
        case (.unitedStates, .marketOnOpen), (.unitedStates, .marketOnClose): environment == .real && side == .sell
        default: false
        }
    }
}
