internal import Core

/// The markets of `brokers.ib.markets`, by the exchanges that IB has a name for.
enum IBMarket {
    /// What a market is called, by its country and by its region. Empty for an exchange that is in no list: nobody can have meant to
    /// leave it out.
    static func names(of exchange: ExchangeID) -> Set<String> {
        switch exchange.text {
        case "XNAS", "XNYS", "ARCX", "XASE", "BATS", "XCBO", "XCME", "XCBT", "XNYM", "XCEC", "XCBF", "IFUS": ["US"]
        case "XTSE", "XTSX": ["CA"]
        case "XETR", "XFRA", "XEUR": ["EU", "DE"]
        case "XPAR": ["EU", "FR"]
        case "XSWX": ["EU", "CH"]
        case "XLON", "IFEU": ["EU", "UK"]
        case "XAMS", "XBRU", "XLIS", "XMIL", "XMAD", "XVIE", "XSTO", "XCSE", "XHEL", "XOSL", "XWAR": ["EU"]
        case "XTKS", "XOSE": ["ASIA", "JP"]
        case "XHKG", "XHKF": ["ASIA", "HK"]
        case "XSHG", "XSHE": ["ASIA", "CN"]
        case "XSES": ["ASIA", "SG"]
        case "XTAI": ["ASIA", "TW"]
        case "XASX": ["ASIA", "AU"]
        default: []
        }
    }

    /// Why orders for an exchange do not go to IB; `nil` where they do.
    static func objection(_ exchange: ExchangeID, markets: [String]) -> String? {
        let names = names(of: exchange)
        guard !names.isEmpty, names.isDisjoint(with: markets) else { return nil }
        return
            "\(exchange) is of the market \(names.sorted().joined(separator: " or ")), which brokers.ib.markets leaves out"
    }
}
