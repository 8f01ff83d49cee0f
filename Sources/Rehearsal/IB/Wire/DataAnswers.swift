internal import Core
internal import Sessions

/// Answers that speak of contracts, prices and accounts.
enum DataAnswers {
    static func error(_ id: Int, _ code: Int, _ text: String, version: Int, json: String = "") -> GatewayAnswer {
        GatewayAnswer(
            "error", ["4", "2", "\(id)", "\(code)", text] + (version >= Gate.advancedReject ? [json] : []))
    }

    // MARK: Contracts

    static func contract(_ contract: GatewayContract, requestId: Int, exchange: String, version: Int, now: Instant)
        -> GatewayAnswer
    {
        let hours = hours(contract, now: now)
        var fields = ["10"]
        if version < Gate.sizeFields { fields.append("8") }
        fields += [
            "\(requestId)", contract.symbol, contract.secType, contract.lastTradeDate, "\(contract.strike)",
            contract.right.isEmpty ? "?" : contract.right, exchange, contract.currency, contract.localSymbol,
            contract.tradingClass, contract.tradingClass, "\(contract.conId)", "\(contract.minTick)",
        ]
        if version < Gate.sizeFields { fields.append("1") }
        fields += [
            contract.multiplierText,
            "ACTIVETIM,AD,ADJUST,ALERT,DAY,GTC,GTD,IOC,LIT,LMT,LOC,MKT,MOC,OPG,STP,STPLMT,TRAIL",
            contract.validExchanges.joined(separator: ","), "1", "\(contract.underConId)", escaped(contract.longName),
            contract.primaryExchange, String(contract.lastTradeDate.prefix(6)), contract.industry, "", "",
            contract.venue.timeZoneId, hours, hours, "", "0",
        ]
        fields += contract.isin.isEmpty ? ["0"] : ["1", "ISIN", contract.isin]
        fields += [
            "1", contract.underConId == 0 ? "" : contract.symbol, contract.underConId == 0 ? "" : underType(contract),
            contract.validExchanges.map { _ in "26" }.joined(separator: ","), contract.lastTradeDate,
            contract.stockType,
        ]
        if version == Gate.oneSizeField { fields.append("100") }
        if version >= Gate.sizeFields { fields += ["1", "1", "100"] }
        return GatewayAnswer("contractData", fields)
    }

    private static func underType(_ contract: GatewayContract) -> String { contract.secType == "FUT" ? "IND" : "STK" }

    /// Characters beyond ASCII as `\uXXXX`.
    private static func escaped(_ text: String) -> String {
        text.utf16.map { unit in
            unit < 0x80 ? String(UnicodeScalar(UInt8(unit))) : "\\u" + digits(hex: Int(unit))
        }.joined()
    }

    private static func digits(hex number: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }

    /// Today and the next six days, in the exchange's own time.
    private static func hours(_ contract: GatewayContract, now: Instant) -> String {
        guard let calendar = contract.calendar else { return "" }
        let zone = GatewayTime.named(contract.venue.timeZoneId) ?? calendar.zone
        let today = zone.local(now).date
        return (0..<7).map { offset in
            let date = today.advanced(byDays: offset)
            guard let session = calendar.session(on: date) else { return "\(date.compact):CLOSED" }
            func stamp(_ instant: Instant) -> String {
                let (day, second) = zone.local(instant)
                return "\(day.compact):\(Rehearsal.digits(second / 3600, 2))\(Rehearsal.digits(second / 60 % 60, 2))"
            }
            return session.segments.map { "\(stamp($0.lowerBound))-\(stamp($0.upperBound))" }.joined(separator: ",")
        }.joined(separator: ";")
    }

    // MARK: Accounts

    /// The columns of a position from conId to tradingClass; exchange or primary exchange between multiplier and currency.
    static func held(_ contract: GatewayContract, exchange: String) -> [String] {
        [
            "\(contract.conId)", contract.symbol, contract.secType, contract.lastTradeDate, "\(contract.strike)",
            contract.right.isEmpty ? "0" : contract.right, contract.multiplierText, exchange, contract.currency,
            contract.localSymbol, contract.tradingClass,
        ]
    }

    static func position(_ code: String, _ position: GatewayPosition) -> GatewayAnswer {
        let contract = position.contract
        return GatewayAnswer(
            "position",
            ["61", "3", code] + held(contract, exchange: contract.primaryExchange)
                + ["\(position.quantity)", "\(position.averageCost)"])
    }

    static func portfolio(_ code: String, _ position: GatewayPosition, _ market: GatewayMarket) -> GatewayAnswer {
        let contract = position.contract
        return GatewayAnswer(
            "portfolioValue",
            ["7", "8"] + held(contract, exchange: contract.primaryExchange)
                + [
                    "\(position.quantity)", "\(market.mark(contract))", "\(market.value(position))",
                    "\(position.averageCost)", "\(market.unrealized(position))", "\(position.realized)", code,
                ])
    }

    /// Every figure of an account with its tag and currency, as summary and updates tell it.
    static func values(_ code: String, _ market: GatewayMarket) -> [(tag: String, value: String, currency: String)] {
        let figures = market.figures(code)
        func money(_ amount: FixedPoint) -> String { amount.formatted(digits: 2) }
        let cushion =
            figures.netLiquidation.isPositive
            ? figures.excessLiquidity.over(figures.netLiquidation, .halfEven).formatted(digits: 6) : "0"
        return [
            ("AccountType", "INDIVIDUAL", ""), ("Cushion", cushion, ""), ("DayTradesRemaining", "-1", ""),
            ("NetLiquidation", money(figures.netLiquidation), "USD"),
            ("TotalCashValue", money(figures.cash), "USD"), ("SettledCash", money(figures.cash), "USD"),
            ("AccruedCash", "0.00", "USD"), ("BuyingPower", money(figures.buyingPower), "USD"),
            ("EquityWithLoanValue", money(figures.equityWithLoan), "USD"),
            ("GrossPositionValue", money(figures.grossPosition), "USD"),
            ("InitMarginReq", money(figures.initialMargin), "USD"),
            ("MaintMarginReq", money(figures.maintenanceMargin), "USD"),
            ("AvailableFunds", money(figures.availableFunds), "USD"),
            ("ExcessLiquidity", money(figures.excessLiquidity), "USD"),
            ("FullInitMarginReq", money(figures.initialMargin), "USD"),
            ("FullMaintMarginReq", money(figures.maintenanceMargin), "USD"),
            ("FullAvailableFunds", money(figures.availableFunds), "USD"),
            ("FullExcessLiquidity", money(figures.excessLiquidity), "USD"),
            ("Leverage", "1.00", ""),
        ]
    }

    /// The ledger by currency; `BASE` sums it in US dollars.
    static func ledger(_ code: String, _ market: GatewayMarket) -> [(tag: String, value: String, currency: String)] {
        guard let account = market.accounts[code] else { return [] }
        let figures = market.figures(code)
        var rows: [(tag: String, value: String, currency: String)] = [
            ("CashBalance", figures.cash.formatted(digits: 2), "BASE"),
            ("TotalCashBalance", figures.cash.formatted(digits: 2), "BASE"),
            ("NetLiquidationByCurrency", figures.netLiquidation.formatted(digits: 2), "BASE"),
            ("UnrealizedPnL", figures.unrealized.formatted(digits: 2), "BASE"),
            ("RealizedPnL", figures.realized.formatted(digits: 2), "BASE"), ("ExchangeRate", "1.00", "BASE"),
        ]
        for (currency, cash) in account.cash.sorted(by: { $0.key < $1.key }) {
            let positions = account.positions.values.filter { $0.contract.currency == currency }
            let unrealized = positions.reduce(FixedPoint.zero) { $0.plus(market.unrealized($1)) }
            let realized = positions.reduce(FixedPoint.zero) { $0.plus($1.realized) }
            rows += [
                ("CashBalance", cash.formatted(digits: 2), currency),
                ("TotalCashBalance", cash.formatted(digits: 2), currency),
                ("UnrealizedPnL", unrealized.formatted(digits: 2), currency),
                ("RealizedPnL", realized.formatted(digits: 2), currency),
                ("ExchangeRate", market.rate(currency).formatted(digits: 7), currency),
            ]
        }
        return rows
    }
}
