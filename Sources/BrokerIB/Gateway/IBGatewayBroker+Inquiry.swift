public import Broker
public import Core
internal import Sessions

/// What IB itself says, for people and for checks.
extension IBGatewayBroker: BrokerInquiry {
    /// IB's day is New York's.
    public var costCalendar: ExchangeID { ExchangeID("XNYS") }

    public func signIn() async throws(BrokerError) -> [String] {
        let desk = try await desk()
        let connection = desk.connection
        guard let welcome = await connection.session.welcome else {
            throw .unavailable(broker: id, detail: await connection.trouble)
        }
        let terms = gateway.terms
        var sentences = [
            "gateway: \(terms.host):\(terms.port) speaks protocol \(welcome.version) and has let takt in as client "
                + "\(connection.configuration.clientID)",
            "account: the login has \(IBGateway.masked(account.text))"
                + (welcome.accounts.count > 1 ? ", among \(welcome.accounts.count) accounts" : ""),
        ]
        let cash = try await desk.broker.cash()
        sentences.append(
            "balances: "
                + (cash.isComplete ? "IB lists the account's cash" : "IB does not list all of the account's cash"))
        if terms.isReadOnly {
            sentences.append("orders: none are sent (brokers.ib.read_only)")
        } else {
            let orders = try await orders(since: terms.clock.wall.now())
            sentences.append(
                orders.isComplete
                    ? "orders: the gateway takes and lists them (no Read-Only API)"
                    : "orders: the gateway's lists did not come whole")
        }
        let broken = await connection.session.health.brokenFarms
        if !broken.isEmpty { sentences.append("data: not reached just now: \(broken.joined(separator: ", "))") }
        if await !connection.session.health.hasLink {
            sentences.append("link: the gateway has none to IB's servers just now")
        }
        return sentences
    }

    // MARK: The market

    public func quote(of instrument: Instrument, depth: Bool) async throws(BrokerError) -> BrokerQuote? {
        let desk = try await desk()
        do throws(IBFailure) {
            let listed = try await desk.contracts.contract(of: instrument)
            let ticks = try await desk.snapshots.ticks(of: listed.contract)
            return IBQuote(ticks, listed, instrument, at: gateway.terms.clock.wall.now()).quote(depth: depth)
        } catch {
            if case .contractUnknown = error { return nil }
            throw desk.broker.wrap(error)
        }
    }

    /// From the account's summary, which IB renews every three minutes. What it lends is left out: takt's own limits decide.
    public func buyingPower(for instrument: Instrument, at price: Price?) async throws(BrokerError) -> BuyingPower? {
        guard let quote = try await quote(of: instrument, depth: true) else { return nil }
        let desk = try await desk()
        do throws(IBFailure) {
            let summary = try await desk.connection.accountSummary(["AvailableFunds", "BuyingPower", "$LEDGER:ALL"])
            let figures = IBFigures(summary.items, account: account)
            let positions = try await desk.connection.positions()
            let open = try await desk.connection.openOrders()
            let listed = try await desk.contracts.contract(of: instrument)
            var held = Quantity.zero
            for row in positions.items where row.account == account.text && row.contract.conID == listed.conID {
                held = (try? held + row.position) ?? held
            }
            for item in open.items where item.order.terms.account == account.text && item.order.terms.side == .sell {
                guard item.order.contract.conID == listed.conID, let quantity = item.order.terms.quantity else {
                    continue
                }
                held = (try? held - quantity + (item.status?.filled ?? .zero)) ?? held
            }
            var power = figures.power(instrument, at: price ?? quote.asks?.first?.price ?? quote.last, quote.readAt)
            let problems = summary.problems + positions.problems + open.problems
            power?.sellable = positions.problems.isEmpty && open.problems.isEmpty ? max(held, .zero) : nil
            power?.notes += problems
            return power
        } catch { throw desk.broker.wrap(error) }
    }

    // MARK: The account

    /// IB tells what is settled as one sum in the account's own currency: where the account has other currencies, nobody can say
    /// what is settled of which, and the list is incomplete.
    public func deposits() async throws(BrokerError) -> Snapshot<BrokerDeposit> {
        let desk = try await desk()
        do throws(IBFailure) {
            let summary = try await desk.connection.accountSummary(["SettledCash", "$LEDGER:ALL"])
            let figures = IBFigures(summary.items, account: account)
            guard let settled = figures.amount("SettledCash"), figures.cash.keys.count <= 1,
                figures.cash.keys.allSatisfy({ $0 == settled.currency })
            else { return Snapshot(items: [], isComplete: false, takenAt: summary.takenAt) }
            return Snapshot(
                items: [BrokerDeposit(currency: settled.currency, settled: settled.amount)],
                isComplete: summary.isComplete, takenAt: summary.takenAt)
        } catch { throw desk.broker.wrap(error) }
    }

    /// What IB charged for the executions of today: it keeps no others, and tells the costs to the client only that placed the
    /// order.
    public func chargedCosts(on day: CivilDate) async throws(BrokerError) -> [BrokerDayCosts] {
        let desk = try await desk()
        let zone = ZoneRules.named("America/New_York") ?? .utc
        let today = zone.local(gateway.terms.clock.wall.now()).date
        guard day == today else {
            throw .refused(
                broker: id,
                detail: "IB lists the executions of today (\(today)) only; costs of other days are in its statements")
        }
        do throws(IBFailure) {
            let list = try await desk.connection.executions()
            var costs: [Currency: FixedPoint] = [:]
            var traded: [Currency: FixedPoint] = [:]
            var lacking = 0
            for item in list.items where item.execution.account == account.text {
                guard let fee = item.commission?.commission,
                    let currency = item.commission.flatMap({ Currency($0.currency) }),
                    let price = Currency(item.execution.contract.currency)
                else {
                    lacking += 1
                    continue
                }
                let name = try await desk.broker.names.name(of: item.execution.contract)
                let value = try? item.execution.price.told(in: name.magnifier).value.multiplied(
                    by: item.execution.quantity.value, rounding: .halfEven)
                costs[currency] = (try? (costs[currency] ?? .zero) + fee) ?? .zero
                traded[price] = (try? (traded[price] ?? .zero) + (value ?? .zero)) ?? .zero
            }
            guard lacking == 0, list.isComplete else {
                throw IBFailure.malformed(
                    request: "reqExecutions",
                    detail:
                        "the costs of \(lacking) executions have not come; IB tells those of other clients' orders to nobody else"
                )
            }
            return costs.sorted { $0.key < $1.key }.map { currency, amount in
                BrokerDayCosts(
                    date: day, costs: Money(amount, currency), traded: traded[currency].map { Money($0, currency) },
                    isEstimate: false)
            }
        } catch { throw desk.broker.wrap(error) }
    }

    // MARK: Days

    /// IB announces the hours of a contract, for about a week: those of the first configured instrument of the exchange stand for
    /// all.
    public func marketDays(
        _ exchange: ExchangeID, from: CivilDate, through: CivilDate
    ) async throws(BrokerError) -> Snapshot<BrokerMarketDay> {
        let instruments = gateway.terms.instruments.filter { $0.exchange == exchange }.sorted { $0.symbol < $1.symbol }
        guard let instrument = instruments.first else {
            throw .unavailable(
                broker: id,
                detail: "IB tells the days of contracts, and symbols.yaml has no instrument of \(exchange) to ask for")
        }
        let desk = try await desk()
        do throws(IBFailure) {
            let listed = try await desk.contracts.contract(of: instrument)
            let number = await desk.connection.nextRequestID()
            let answer = try await desk.connection.ask(
                .contractDetails(number), ContractDetailsRequest(requestID: number, contract: listed.contract))
            let hours = try answer.whole().compactMap { message -> String? in
                if case .contractDetails(let details) = message { details.liquidHours } else { nil }
            }
            let days = IBHours.days(hours.first ?? "").filter { $0.date >= from && $0.date <= through }
            let last = days.last?.date
            return Snapshot(
                items: days, isComplete: days.first?.date == from && last == through,
                takenAt: gateway.terms.clock.wall.now())
        } catch { throw desk.broker.wrap(error) }
    }
}

/// The hours of a contract as IB tells them.
enum IBHours {
    /// `20251121:0930-20251121:1600;20251122:CLOSED`: the days, ascending; a part that cannot be read is left out. A session that
    /// began the evening before counts for the day it ends on.
    static func days(_ text: String) -> [BrokerMarketDay] {
        var isOpen: [CivilDate: Bool] = [:]
        for part in text.split(separator: ";") {
            let isClosed = part.hasSuffix(":CLOSED")
            let day = isClosed ? part : part.split(separator: "-").last ?? part
            guard let date = CivilDate(compact: day.prefix(8)) else { continue }
            isOpen[date] = (isOpen[date] ?? false) || !isClosed
        }
        return isOpen.sorted { $0.key < $1.key }.map {
            BrokerMarketDay(date: $0.key, isOpen: $0.value, isSettlementDay: $0.value)
        }
    }
}
