internal import Core

/// How a Korean order meets the market: `ORD_DVSN`.
enum DomesticDivision: String, Hashable, Sendable, CaseIterable {
    case limit = "00"
    case market = "01"
    /// A limit that becomes a market order in the closing auction.
    case conditionalLimit = "02"
    /// At the best price of the other side.
    case bestLimit = "03"
    /// At the best price of the own side.
    case firstLimit = "04"
    case beforeOpen = "05"
    case afterClose = "06"
    /// Off-hours at a single price: abolished on 2026-09-14, still listed in older orders.
    case singlePrice = "07"
    case limitIOC = "11"
    case limitFOK = "12"
    case marketIOC = "13"
    case marketFOK = "14"
    case bestIOC = "15"
    case bestFOK = "16"
    case middlePrice = "21"
    case stopLimit = "22"
    case middlePriceIOC = "23"
    case middlePriceFOK = "24"
    case preMarketLimit = "27"
    case preMarketBest = "28"
    case preMarketFirst = "29"
    case afterMarketLimit = "41"
    case afterMarketLimitIOC = "42"
    case afterMarketLimitFOK = "43"
    case afterMarketBest = "44"
    case afterMarketBestIOC = "45"
    case afterMarketBestFOK = "46"
    case afterMarketFirst = "47"

    /// An exchange for Korean shares, or KIS's own choice between them: `EXCG_ID_DVSN_CD`.
    enum Venue: String, Hashable, Sendable, CaseIterable {
        case krx = "KRX"
        case nextrade = "NXT"
        case sor = "SOR"
    }

    var venues: Set<Venue> {
        switch self {
        case .limit, .bestLimit, .firstLimit, .limitIOC, .limitFOK, .marketIOC, .marketFOK, .bestIOC, .bestFOK:
            [.krx, .nextrade, .sor]
        case .market: [.krx, .sor]
        case .middlePrice, .middlePriceIOC, .middlePriceFOK, .stopLimit: [.krx, .nextrade]
        case .preMarketLimit, .preMarketBest, .preMarketFirst: [.nextrade]
        case .conditionalLimit, .beforeOpen, .afterClose, .afterMarketLimit, .afterMarketLimitIOC,
            .afterMarketLimitFOK, .afterMarketBest, .afterMarketBestIOC, .afterMarketBestFOK, .afterMarketFirst:
            [.krx]
        case .singlePrice: []
        }
    }

    /// Carries a price in won; the others say "0".
    var needsPrice: Bool {
        switch self {
        case .limit, .conditionalLimit, .limitIOC, .limitFOK, .stopLimit, .preMarketLimit, .afterMarketLimit,
            .afterMarketLimitIOC, .afterMarketLimitFOK:
            true
        case .market, .bestLimit, .firstLimit, .beforeOpen, .afterClose, .singlePrice, .marketIOC, .marketFOK, .bestIOC,
            .bestFOK, .middlePrice, .middlePriceIOC, .middlePriceFOK, .preMarketBest, .preMarketFirst, .afterMarketBest,
            .afterMarketBestIOC, .afterMarketBestFOK, .afterMarketFirst:
            false
        }
    }

    /// How long such an order is good for.
    var timeInForce: TimeInForce {
        switch self {
        case .limitIOC, .marketIOC, .bestIOC, .middlePriceIOC, .afterMarketLimitIOC, .afterMarketBestIOC:
            .immediateOrCancel
        case .limitFOK, .marketFOK, .bestFOK, .middlePriceFOK, .afterMarketLimitFOK, .afterMarketBestFOK: .fillOrKill
        case .limit, .market, .conditionalLimit, .bestLimit, .firstLimit, .beforeOpen, .afterClose, .singlePrice,
            .middlePrice, .stopLimit, .preMarketLimit, .preMarketBest, .preMarketFirst, .afterMarketLimit,
            .afterMarketBest, .afterMarketFirst:
            .day
        }
    }

    /// The virtual account takes the first five, at KRX only.
    func exists(in environment: KISEnvironment, at venue: Venue) -> Bool {
        switch environment {
        case .real: venues.contains(venue)
        case .virtual:
            venue == .krx && [.limit, .market, .conditionalLimit, .bestLimit, .firstLimit].contains(self)
        }
    }

    /// The division that takt's terms ask for; `nil` where KIS has none.
    init?(_ type: OrderType, _ timeInForce: TimeInForce) {
        switch (type, timeInForce) {
        case (.market, .day): self = .market
        case (.market, .immediateOrCancel): self = .marketIOC
        case (.market, .fillOrKill): self = .marketFOK
        case (.limit, .day): self = .limit
        case (.limit, .immediateOrCancel): self = .limitIOC
        case (.limit, .fillOrKill): self = .limitFOK
        case (.stopLimit, .day): self = .stopLimit
        case (.marketToLimit, .day): self = .bestLimit
        case (.marketToLimit, .immediateOrCancel): self = .bestIOC
        case (.marketToLimit, .fillOrKill): self = .bestFOK
        case (.conditionalLimit, .day): self = .conditionalLimit
        case (.bestOwnSide, .day): self = .firstLimit
        case (.stopLimit, .immediateOrCancel), (.stopLimit, .fillOrKill), (.conditionalLimit, .immediateOrCancel),
            (.conditionalLimit, .fillOrKill), (.bestOwnSide, .immediateOrCancel), (.bestOwnSide, .fillOrKill),
            (.stop, _), (.trailingStop, _), (.trailingStopLimit, _), (_, .goodTillCancelled), (_, .goodTillDate),
            (_, .atOpen), (_, .atClose):
            return nil
        }
    }

    /// One of those that takt sends. A listed order of another kind cannot be takt's.
    var isTakts: Bool {
        switch self {
        case .market, .marketIOC, .marketFOK, .limit, .limitIOC, .limitFOK, .stopLimit, .conditionalLimit, .bestLimit,
            .bestIOC, .bestFOK, .firstLimit:
            true
        case .beforeOpen, .afterClose, .singlePrice, .middlePrice, .middlePriceIOC, .middlePriceFOK, .preMarketLimit,
            .preMarketBest,
            .preMarketFirst, .afterMarketLimit, .afterMarketLimitIOC, .afterMarketLimitFOK, .afterMarketBest,
            .afterMarketBestIOC, .afterMarketBestFOK, .afterMarketFirst:
            false
        }
    }
}
