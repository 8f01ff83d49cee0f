public import Broker
internal import Core

extension KISBroker {
    /// Won from the balance, with the days on which it is there; what was bought and sold yesterday and today is not settled.
    ///
    /// Abroad, on the real host, the list of foreign cash tells deposit and unsettled trades. Where this key does not get
    /// it, the present balance gives the deposits; it may lack US trades of the evening until half an hour after the close,
    /// and tells whether any wait for settlement, not how much. The virtual host gives sums in won there and no currencies:
    /// what there is of them stays unknown, and the snapshot is incomplete.
    public func deposits() async throws(BrokerError) -> Snapshot<BrokerDeposit> {
        var listing = KISListing<BrokerDeposit>(takenAt: clock.now())
        do throws(KISError) {
            if rules.tradesKorea { listing.items.append(try await wonDeposit()) }
            let currencies = Set(rules.overseasMarkets.compactMap(\.currency)).sorted()
            if !currencies.isEmpty {
                if let margin = try await foreignMargin(instead: "the present balance") {
                    take(margin, currencies, &listing)
                } else {
                    try await takePresentBalance(currencies, &listing)
                }
            }
        } catch { throw wrap(error) }
        listing.items.sort { $0.currency < $1.currency }
        return snapshot(listing)
    }

    private func wonDeposit() async throws(KISError) -> BrokerDeposit {
        let cash = try await DomesticBalance(account: accountNumber, environment: rules.environment)
            .cash(from: caller).cash
        var deposit = BrokerDeposit(currency: .krw, settled: cash.deposit)
        deposit.nextDay = cash.nextDay
        deposit.afterSettlement = cash.afterSettlement
        deposit.unsettledBuys = cash.unsettledBuys
        deposit.unsettledSales = cash.unsettledSales
        deposit.costsToday = cash.costsToday
        return deposit
    }

    /// A currency that is not listed was never held: it is no gap.
    private func take(
        _ margin: KISListing<ForeignCash>, _ currencies: [Currency], _ listing: inout KISListing<BrokerDeposit>
    ) {
        listing.problems += margin.problems
        for currency in currencies {
            guard let cash = margin.cash(in: currency) else { continue }
            var deposit = BrokerDeposit(currency: currency, settled: cash.deposit)
            (deposit.unsettledBuys, deposit.unsettledSales) = (cash.unsettledBuys, cash.unsettledSales)
            do throws(KISRowProblem) {
                deposit.afterSettlement = try cash.booked()
            } catch { listing.problems.append("foreign-margin: \(error)") }
            listing.items.append(deposit)
        }
    }

    private func takePresentBalance(
        _ currencies: [Currency], _ listing: inout KISListing<BrokerDeposit>
    ) async throws(KISError) {
        let deposits = try await PresentBalance(account: accountNumber).deposits(from: caller)
        for currency in currencies {
            guard let amount = deposits.byCurrency[currency] else {
                let host = rules.isReal ? "" : "; the virtual host tells sums in won only"
                listing.problems.append("inquire-present-balance: no deposit in \(currency) is told\(host)")
                continue
            }
            var deposit = BrokerDeposit(currency: currency, settled: amount)
            // Nothing waits for settlement in any currency, so there is nothing to come.
            if deposits.hasUnsettled == false { deposit.afterSettlement = amount }
            listing.items.append(deposit)
        }
    }
}
