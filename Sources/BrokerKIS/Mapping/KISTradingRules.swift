internal import Core
internal import Settings

/// An account by its two parts: eight digits, and two for the product (`01` is the share account).
struct AccountNumber: Hashable, Sendable {
    let number: String
    let product: String

    init(number: String, product: String) {
        self.number = number
        self.product = product
    }

    var id: AccountID { AccountID("\(number)-\(product)") }

    var fields: [KISField] { [KISField("CANO", number), KISField("ACNT_PRDT_CD", product)] }
}

/// What the adapter may do, and how it stands in for what KIS does not have.
struct KISTradingRules: Hashable, Sendable {
    /// Real, or the virtual account for practice.
    var environment: BrokerSettings.AccountKind
    /// What is read and traded. Positions and cash of other markets are not asked for.
    var markets: [KISMarket]
    /// How far beyond the best price a limit goes that stands in for a market order: 0.01 is one per cent.
    var collar: Fraction
    /// How long after its acceptance an order may be missing from the lists. KIS says that they lag, not how long: its
    /// users needed up to three tries, one second apart.
    var visibilityDelay: Duration
    /// How long after its send a request may still arrive.
    var requestDeadline: Duration

    static let usualCollar = Fraction(FixedPoint(int64Units: 1_000_000))

    init(
        environment: BrokerSettings.AccountKind, markets: [KISMarket], collar: Fraction = usualCollar,
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
