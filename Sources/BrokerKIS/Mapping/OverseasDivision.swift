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
