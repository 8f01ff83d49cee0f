internal import Core

/// An exchange by the name that IB gives it. One table, so that a changed name is one line.
struct IBExchange: Hashable, Sendable {
    /// ISO 10383: what takt calls the market.
    let mic: String
    /// As `primaryExchange` of shares, and as `exchange` of what IB does not route itself.
    let name: String
    /// IB routes its shares and options itself, as `SMART`.
    let isRouted: Bool

    init?(_ exchange: ExchangeID) {
        guard let known = Self.table.first(where: { $0.mic == exchange.text }) else { return nil }
        self = known
    }

    private init(_ mic: String, _ name: String, routed isRouted: Bool = true) {
        self.mic = mic
        self.name = name
        self.isRouted = isRouted
    }

    /// Where shares and options are asked for.
    var route: String { isRouted ? "SMART" : name }

    /// Names as IBKR's public list of exchanges has them. What is not here is refused rather than guessed.
    private static let table: [IBExchange] = [
        // United States: shares, and the options on them.
        .init("XNAS", "NASDAQ"), .init("XNYS", "NYSE"), .init("ARCX", "ARCA"), .init("XASE", "AMEX"),
        .init("BATS", "BATS"), .init("XCBO", "CBOE"),
        // Canada.
        .init("XTSE", "TSE"), .init("XTSX", "VENTURE"),
        // Europe.
        .init("XETR", "IBIS"), .init("XFRA", "FWB"), .init("XAMS", "AEB"), .init("XPAR", "SBF"),
        .init("XBRU", "ENEXT.BE"), .init("XLIS", "BVL"), .init("XMIL", "BVME"), .init("XMAD", "BM"),
        .init("XLON", "LSE"), .init("XSWX", "EBS"), .init("XVIE", "VSE"), .init("XSTO", "SFB"),
        .init("XCSE", "CPH"), .init("XHEL", "HEX"), .init("XOSL", "OSE"), .init("XWAR", "WSE"),
        // Asia and the Pacific.
        .init("XTKS", "TSEJ"), .init("XHKG", "SEHK"), .init("XSES", "SGX"), .init("XASX", "ASX"),
        .init("XSHG", "SEHKNTL"), .init("XSHE", "SEHKSZSE"), .init("XTAI", "TWSE"),
        // Futures: IB routes none of them.
        .init("XCME", "CME", routed: false), .init("XCBT", "CBOT", routed: false),
        .init("XNYM", "NYMEX", routed: false), .init("XCEC", "COMEX", routed: false),
        .init("XCBF", "CFE", routed: false), .init("IFUS", "NYBOT", routed: false),
        .init("IFEU", "IPE", routed: false), .init("XEUR", "EUREX", routed: false),
        .init("XHKF", "HKFE", routed: false), .init("XOSE", "OSE.JPN", routed: false),
    ]
}
