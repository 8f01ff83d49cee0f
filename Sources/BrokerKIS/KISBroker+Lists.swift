public import Broker
public import Core

extension KISBroker {
    /// KIS's day list reaches back three months; the last days of them are left out, since from which day on it counts
    /// them is not known.
    static let listedDays = 85

    public func orders(since: Instant) async throws(BrokerError) -> Snapshot<BrokerOrder> {
        let listing = try await listedOrders(since: since)
        return snapshot(listing.map(withTotals))
    }

    /// An order with what its executions came to. KIS tells the amount; the costs are reckoned by the customer's own rates
    /// for all that was executed of the order, since KIS rounds them once an order.
    private func withTotals(_ listed: KISListedOrder) -> BrokerOrder {
        let order = listed.order
        guard order.filledQuantity.isPositive, let currency = Currency(listed.ticker.market.codes.currency) else {
            return order
        }
        let costs = directory.instrument(order.symbol).flatMap { instrument in
            try? fees.costs(
                instrument, order.side, order.filledQuantity, worth: listed.filledAmount,
                on: listed.ticker.market.zone.date(order.placedAt))
        }
        return order.telling(
            ExecutedTotals(
                amount: listed.filledAmount, fee: costs?.fee ?? .zero, tax: costs?.tax ?? .zero, currency: currency))
    }

    /// KIS lists no single executions: an order's totals say what was executed. There is nothing that could be missing
    /// from this list.
    public func executions(since: Instant) async throws(BrokerError) -> Snapshot<BrokerExecution> {
        Snapshot(items: [], isComplete: true, takenAt: clock.now())
    }

    /// KIS has no list of dividends, splits or deposits: they show as differences of positions and cash, and are booked
    /// by hand.
    public func activities(since: Instant) async throws(BrokerError) -> Snapshot<AccountActivity> {
        Snapshot(items: [], isComplete: true, takenAt: clock.now())
    }

    /// Orders of both desks with their executed amounts.
    func listedOrders(since: Instant) async throws(BrokerError) -> KISListing<KISListedOrder> {
        let now = clock.now()
        let oldest = KISZone.seoul.date(now).advanced(byDays: -Self.listedDays)
        var listing = KISListing<KISListedOrder>(takenAt: now)
        var rows: [KISOrderRow] = []
        do throws(KISError) {
            if rules.tradesKorea {
                let from = min(KISZone.seoul.date(since), KISZone.seoul.date(now))
                // Nothing of that age is live, and without an end to it no later list would ever count as complete.
                if from < oldest { trouble("Korean orders before \(oldest) were not read: KIS lists three months") }
                take(try await domesticRows(from: max(from, oldest), through: KISZone.seoul.date(now)), &listing, &rows)
            }
            if !rules.overseasMarkets.isEmpty {
                let (from, through) = Self.overseasDays(since: since, now: now, rules.overseasMarkets)
                take(try await overseasRows(from: from, through: through), &listing, &rows)
            }
        } catch { throw wrap(error) }
        let folded = OrderFolding.orders(rows, directory, at: now)
        // Whole days are read; an order whose day was over before can have changed no more.
        listing.items = folded.orders.filter {
            OrderFolding.dayEnd(placedAt: $0.order.placedAt, $0.ticker.market) >= since
        }
        listing.problems += folded.problems
        return listing
    }

    private func take(
        _ more: KISListing<KISOrderRow>, _ listing: inout KISListing<KISListedOrder>, _ rows: inout [KISOrderRow]
    ) {
        rows += more.items
        listing.problems += more.problems
    }

    /// The day list first, then, where there is one, the list of open orders: it shows at once what the day list may
    /// lack.
    func domesticRows(from: CivilDate, through: CivilDate) async throws(KISError) -> KISListing<KISOrderRow> {
        var rows = try await DomesticOrders(
            account: accountNumber, environment: rules.environment, from: from, through: through
        ).read(pager)
        guard rules.isReal, through >= KISZone.seoul.date(clock.now()) else { return rows }
        let open = try await DomesticOpenOrders(account: accountNumber, clock: clock).read(pager)
        rows.items += open.items
        rows.problems += open.problems
        return rows
    }

    func overseasRows(from: CivilDate, through: CivilDate) async throws(KISError) -> KISListing<KISOrderRow> {
        var rows = try await OverseasOrders(
            account: accountNumber, environment: rules.environment, from: from, through: through
        ).read(pager)
        guard rules.isReal else { return rows }
        for market in OverseasBalance.markets(rules.markets, isReal: true) {
            let open = try await OverseasOpenOrders(
                account: accountNumber, environment: rules.environment, market: market
            ).read(pager)
            rows.items += open.items.filter { row in !rows.items.contains { $0.isAlso(row) } }
            rows.problems += open.problems
        }
        return rows
    }

    /// Days of the exchanges, one more at either end: a session abroad lies on two days in Korea.
    static func overseasDays(
        since: Instant, now: Instant, _ markets: [KISMarket]
    ) -> (from: CivilDate, through: CivilDate) {
        let starts = markets.map { $0.zone.date(min(since, now)) }
        let ends = markets.map { $0.zone.date(now) }
        let today = KISZone.seoul.date(now)
        return ((starts.min() ?? today).advanced(byDays: -1), (ends.max() ?? today).advanced(byDays: 1))
    }
}

extension KISOrderRow {
    /// The two lists abroad may date an order by different clocks: a number a day apart for the same shares is no other
    /// order.
    fileprivate func isAlso(_ other: KISOrderRow) -> Bool {
        id.number == other.id.number && ticker == other.ticker && side == other.side && quantity == other.quantity
            && abs(id.date.daysSinceEpoch - other.id.date.daysSinceEpoch) == 1
    }
}
