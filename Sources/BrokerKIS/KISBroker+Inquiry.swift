public import Broker
public import Core

/// What KIS itself says, for people and for checks. Prices and market days go out under the quote keys, where there are
/// any.
extension KISBroker: BrokerInquiry {
    /// Asks for an access token for each key pair, for an approval key of the stream, and for one page of the account. All
    /// of it lies within what KIS allows of tokens: one that lives is used again.
    public func signIn() async throws(BrokerError) -> [String] {
        let signIn: KISSignIn
        do throws(KISError) {
            signIn = try await caller.signIn()
            try await touchAccount()
        } catch { throw wrap(error) }
        return [
            "trading keys: an access token of the \(signIn.trading.environment.rawValue) host, "
                + "good until \(signIn.trading.goodUntil)",
            quoteSentence(signIn),
            "order notices: an approval key can be had"
                + (signIn.knowsHTSID ? "" : "; no HTS id is configured, so there is no name to subscribe under"),
            "account: KIS answers for \(accountNumber) under the trading keys",
        ]
    }

    private func quoteSentence(_ signIn: KISSignIn) -> String {
        if let quotes = signIn.quotes {
            return
                "quote keys: an access token of the \(quotes.environment.rawValue) host, good until \(quotes.goodUntil)"
        }
        let holes =
            signIn.trading.environment == .virtual
            ? "; the virtual host has no holidays, no minutes of past days, and abroad last price and days only" : ""
        return "quote keys: none, prices are asked for with the trading keys" + holes
    }

    /// A key pair says nothing of the account; a read of it does.
    private func touchAccount() async throws(KISError) {
        if rules.tradesKorea {
            _ = try await DomesticBalance(account: accountNumber, environment: rules.environment).cash(from: caller)
        } else if let market = OverseasBalance.markets(rules.markets, isReal: rules.isReal).first {
            _ = try await OverseasBalance(account: accountNumber, market: market).read(pager)
        }
    }

    /// KIS announces the days of the Korean market only, from its real host: with a virtual account this takes quote keys.
    /// It asks for about one call a day; no more pages are read than it takes.
    public func marketDays(
        _ exchange: ExchangeID, from: CivilDate, through: CivilDate
    ) async throws(BrokerError) -> Snapshot<BrokerMarketDay> {
        guard KISMarket(exchange: exchange) == .krx else {
            throw .unavailable(
                broker: id, detail: "KIS announces the days of the Korean market (XKRX) only, not those of \(exchange)")
        }
        guard from <= through else { return Snapshot(items: [], isComplete: true, takenAt: clock.now()) }
        do throws(KISError) {
            return snapshot(try await DomesticHolidays(from: from, through: through).read(pager))
        } catch { throw wrap(error) }
    }

    public var costCalendar: ExchangeID { ExchangeID("XKRX") }

    /// What KIS estimates that the Korean executions of a day cost. Of executions abroad it says no costs, so there is
    /// nothing in other currencies.
    public func chargedCosts(on day: CivilDate) async throws(BrokerError) -> [BrokerDayCosts] {
        guard rules.tradesKorea else { return [] }
        let age = KISZone.seoul.date(clock.now()).daysSinceEpoch - day.daysSinceEpoch
        // The two lists have ids of their own; from which day on KIS counts three months is not known.
        guard !(Self.listedDays...Self.longestThreeMonths).contains(age) else {
            throw .unavailable(
                broker: id,
                detail:
                    "\(day) lies where KIS's list of the last three months ends, and which of its lists has it is not "
                    + "known; days up to \(Self.listedDays - 1) back and over \(Self.longestThreeMonths) back can be had"
            )
        }
        let orders = DomesticOrders(
            account: accountNumber, environment: rules.environment, from: day, through: day,
            isOlder: age > Self.longestThreeMonths)
        do throws(KISError) {
            guard let totals = try await orders.totals(from: caller) else { return [] }
            return [
                BrokerDayCosts(
                    date: day, costs: Money(totals.costs, .krw), traded: totals.traded.map { Money($0, .krw) },
                    isEstimate: true)
            ]
        } catch { throw wrap(error) }
    }

    /// Of days: July to October.
    private static let longestThreeMonths = 92

    /// The shares that an instrument is at KIS; `nil` where it serves neither its kind nor its exchange.
    func shares(_ instrument: Instrument) -> KISTicker? {
        switch instrument.kind {
        case .stock, .etf: directory.ticker(of: instrument)
        case .future, .option: nil
        }
    }
}
