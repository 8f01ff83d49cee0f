internal import Broker
internal import Core
internal import Store
internal import Settings

/// The first meeting with an account: its cash and positions become the first entries of our ledger, once.
///
/// From then on the ledger lives from fills and account activities alone, and the broker's balances are only ever compared.
struct AccountOpening {
    let context: CycleContext
    let now: Instant

    /// Opens the broker's account in our books if it is not there yet. Returns what was recorded, for the warnings.
    func ensure(_ broker: any Broker) async throws -> String? {
        let isKnown = try context.store.read { try $0.hasAccount(broker.id, broker.account) }
        guard !isKnown else { return nil }
        let cash = try await broker.cash()
        let positions = try await broker.positions()
        guard cash.isComplete, positions.isComplete else {
            throw BrokerError.unavailable(broker: broker.id, detail: "its balances came incomplete, the account stays unopened")
        }
        context.failpoints.hit(.openingBeforeWrite)
        try context.store.write(durable: true) { writer in
            guard try !writer.hasAccount(broker.id, broker.account) else { return }
            for money in cash.items.sorted(by: { $0.currency < $1.currency }) {
                try append(.deposit(money), id: "opening:cash:\(money.currency)", broker, in: writer)
            }
            for position in positions.items.sorted(by: { $0.symbol < $1.symbol }) where !position.quantity.isZero {
                let multiplier = context.settings.instruments[position.symbol]?.multiplier ?? .one
                try append(
                    .openingPosition(
                        position.symbol, position.quantity, averageCost: position.averageCost ?? .zero,
                        multiplier: multiplier, position.currency),
                    id: "opening:position:\(position.symbol)", broker, in: writer)
            }
            try writer.appendAudit(
                at: now, actor: "takt", kind: "account.opened", subject: "\(broker.id):\(broker.account)",
                payload: ["cash": .array(cash.items.map { JSONValue($0) }), "positions": .int(Int64(positions.items.count))])
        }
        context.failpoints.hit(.openingAfterWrite)
        let amounts = cash.items.map(\.display).joined(separator: ", ")
        return "account \(broker.account) at \(broker.id) opened in the books with \(amounts)"
    }

    private func append(_ fact: LedgerEntry.Fact, id: String, _ broker: any Broker, in writer: StoreWriter) throws {
        _ = try writer.appendLedgerEvent(
            broker: broker.id, account: broker.account, at: now, fact: fact, externalID: id)
    }
}
