public import Core

/// What the adapter may do, and how it stands in for what KIS does not have.
public struct KISTradingRules: Hashable, Sendable {
    /// Real, or the virtual account for practice.
    var environment: KISEnvironment
    /// What is read and traded. Positions and cash of other markets are not asked for.
    var markets: [KISMarket]
    /// How far beyond the best price a limit goes that stands in for a market order: 0.01 is one per cent.
    var collar: Fraction
    /// How long after its acceptance an order may be missing from the lists. KIS says that they lag, not how long: its
    /// users needed up to three tries, one second apart.
    var visibilityDelay: Duration
    /// How long after its send a request may still arrive.
    var requestDeadline: Duration

    public static let usualCollar = Fraction(FixedPoint(int64Units: 1_000_000))

    /// - Parameter countries: As brokers.yaml names them: KR, US, HK, CN, JP, VN. What KIS does not serve is passed over.
    public init(
        environment: KISEnvironment, countries: [String], collar: Fraction = usualCollar, visibilityDelay: Duration,
        requestDeadline: Duration
    ) {
        self.init(
            environment: environment,
            markets: KISMarket.allCases.filter { market in
                market.nation.countries.contains { countries.contains($0) }
            }, collar: collar, visibilityDelay: visibilityDelay, requestDeadline: requestDeadline)
    }

    init(
        environment: KISEnvironment, markets: [KISMarket], collar: Fraction = usualCollar,
        visibilityDelay: Duration = .seconds(10), requestDeadline: Duration = .seconds(30)
    ) {
        self.environment = environment
        self.markets = markets
        self.collar = collar
        self.visibilityDelay = visibilityDelay
        self.requestDeadline = requestDeadline
    }

    var isReal: Bool { environment == .real }
    var overseasMarkets: [KISMarket] { markets.filter { $0.desk == .overseas } }
    var tradesKorea: Bool { markets.contains(.krx) }
}
