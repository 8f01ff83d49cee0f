internal import Core

/// What the simulated gateway lists when nothing else is asked for: ids, names and classes are those of the real one as
/// far as they are publicly known; prices are made up.
extension IBSimulatorConfiguration {
    public static let standardContracts: [GatewayContract] = stocks + futures + options + indices

    private static func cents(_ cents: Int64) -> FixedPoint { FixedPoint(int64Units: cents * 1_000_000) }

    private static func stock(
        _ conId: Int, _ symbol: String, _ venue: GatewayVenue, _ tradingClass: String, _ name: String, _ price: Int64,
        type: String = "COMMON", isin: String = "", localSymbol: String? = nil, tick: Int64 = 1
    ) -> GatewayContract {
        var contract = GatewayContract(
            conId: conId, symbol: symbol, venue: venue, localSymbol: localSymbol, tradingClass: tradingClass,
            longName: name, basePrice: cents(price))
        contract.stockType = type
        contract.isin = isin
        contract.minTick = cents(tick)
        contract.industry = type == "ETF" ? "" : "Technology"
        return contract
    }

    /// SAP is there twice, in Frankfurt and as an ADR in New York: without a currency the name is ambiguous.
    private static let stocks = [
        stock(265_598, "AAPL", .nasdaq, "NMS", "APPLE INC", 20_100, isin: "US0378331005"),
        stock(272_093, "MSFT", .nasdaq, "NMS", "MICROSOFT CORP", 41_500, isin: "US5949181045"),
        stock(4_815_747, "NVDA", .nasdaq, "NMS", "NVIDIA CORP", 18_240, isin: "US67066G1040"),
        stock(8314, "IBM", .nyse, "IBM", "INTL BUSINESS MACHINES CORP", 23_000, isin: "US4592001014"),
        stock(756_733, "SPY", .arca, "SPY", "SPDR S&P 500 ETF TRUST", 56_000, type: "ETF", isin: "US78462F1030"),
        stock(320_227_571, "QQQ", .nasdaq, "NMS", "INVESCO QQQ TRUST SERIES 1", 48_000, type: "ETF"),
        stock(14_204, "SAP", .xetra, "XETRA", "SAP SE", 21_000, isin: "DE0007164600", tick: 2),
        stock(12_270_107, "SAP", .nyse, "SAP", "SAP SE-SPONSORED ADR", 23_300, type: "ADR"),
        stock(117_589_399, "ASML", .amsterdam, "AEB", "ASML HOLDING NV", 65_000, isin: "NL0010273215", tick: 10),
        stock(14_016_545, "7203", .tokyo, "7203", "TOYOTA MOTOR CORP", 280_000, localSymbol: "7203", tick: 100),
        stock(152_791_428, "700", .hongKong, "700", "TENCENT HOLDINGS LTD", 42_000, tick: 20),
        stock(29_612_193, "VOD", .london, "SET1", "VODAFONE GROUP PLC", 7200, localSymbol: "VOD"),
    ]

    private static func future(
        _ conId: Int, _ symbol: String, _ code: String, _ date: String, _ name: String, multiplier: Int, price: Int64
    ) -> GatewayContract {
        var contract = GatewayContract(
            conId: conId, symbol: symbol, secType: "FUT", venue: .cme, localSymbol: code, tradingClass: symbol,
            longName: name, basePrice: cents(price))
        contract.lastTradeDate = date
        contract.multiplier = multiplier
        contract.minTick = cents(25)
        contract.underConId = 11_004_968
        return contract
    }

    private static let futures = [
        future(649_180_695, "ES", "ESZ6", "20261218", "E-mini S&P 500", multiplier: 50, price: 560_000),
        future(672_387_412, "ES", "ESH7", "20270319", "E-mini S&P 500", multiplier: 50, price: 565_000),
        future(
            649_180_671, "MES", "MESZ6", "20261218", "Micro E-Mini S&P 500 Stock Price Index", multiplier: 5,
            price: 560_000),
    ]

    /// Their prices go their own way, apart from the share's.
    private static let options = [190, 200, 210].flatMap { strike in
        ["C", "P"].map { right in
            let isCall = right == "C"
            var contract = GatewayContract(
                conId: 700_000_000 + strike * 10 + (isCall ? 0 : 1), symbol: "AAPL", secType: "OPT", venue: .usOptions,
                localSymbol: "AAPL  261218\(right)00\(strike)000", tradingClass: "AAPL", longName: "APPLE INC",
                basePrice: cents(Int64(max(0, isCall ? 201 - strike : strike - 201)) * 100 + 450))
            contract.lastTradeDate = "20261218"
            contract.strike = FixedPoint(strike)
            contract.right = right
            contract.multiplier = 100
            contract.underConId = 265_598
            return contract
        }
    }

    private static let indices = [
        GatewayContract(
            conId: 416_904, symbol: "SPX", secType: "IND", venue: .cboeIndex, tradingClass: "SPX",
            longName: "S&P 500 Stock Index", basePrice: cents(560_000))
    ]
}
