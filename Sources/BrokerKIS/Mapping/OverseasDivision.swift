internal import Core

/// How an order abroad meets the market: `ORD_DVSN`. There is no market order that is executed during the session.
enum OverseasDivision: String, Hashable, Sendable, CaseIterable {
    case limit = "00"
    case marketOnOpen = "31"
    case limitOnOpen = "32"
    case marketOnClose = "33"
    case limitOnClose = "34"
    case timeWeighted = "35"
    case volumeWeighted = "36"
    /// Hong Kong: fewer shares than a lot.
    case oddLot = "50"

    /// `nil` for a type that is none of KIS's abroad: what is a market order during the session is a limit there
    /// (``MarketableLimit``).
    init?(_ type: OrderType, _ timeInForce: TimeInForce) {
        switch (type, timeInForce) {
        case (.limit, .day): self = .limit
        case (.limit, .atOpen): self = .limitOnOpen
        case (.market, .atOpen): self = .marketOnOpen
        case (.limit, .atClose): self = .limitOnClose
        case (.market, .atClose): self = .marketOnClose
        case (.market, _), (.limit, _), (.stop, _), (.stopLimit, _): return nil
        }
    }

    /// The others say "0".
    var needsPrice: Bool {
        switch self {
        case .limit, .limitOnOpen, .limitOnClose, .timeWeighted, .volumeWeighted, .oddLot: true
        case .marketOnOpen, .marketOnClose: false
        }
    }

    /// Sliced over a time by KIS. Such an order cannot be revised, and says when it ends.
    var isAlgorithmic: Bool {
        switch self {
        case .timeWeighted, .volumeWeighted: true
        case .limit, .marketOnOpen, .limitOnOpen, .marketOnClose, .limitOnClose, .oddLot: false
        }
    }

    func exists(_ nation: KISNation, _ side: Side, in environment: KISEnvironment) -> Bool {
        switch (nation, self) {
        case (.korea, _): false
        case (_, .limit): true
        case (.unitedStates, .limitOnOpen), (.unitedStates, .limitOnClose), (.unitedStates, .timeWeighted),
            (.unitedStates, .volumeWeighted):
            environment == .real
        case (.unitedStates, .marketOnOpen), (.unitedStates, .marketOnClose): environment == .real && side == .sell
        case (.hongKong, .oddLot): side == .sell
        default: false
        }
    }
}
