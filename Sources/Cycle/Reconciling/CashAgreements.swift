internal import Broker
internal import Core
internal import Execution
internal import Ledger
internal import Store

/// What was between our cash and a broker's when the two last agreed, by currency, where we reckon costs.
struct CashAgreements {
    private let key: String
    private let agreed: [Currency: ReckonedCosts.Agreement]

    init(_ broker: any Broker, _ reader: StoreReader) throws {
        key = "cash-agreed:\(broker.id):\(broker.account)"
        guard case .object(let members)? = try reader.meta(key).flatMap({ try? JSONValue(parsing: $0) }) else {
            agreed = [:]
            return
        }
        agreed = members.reduce(into: [:]) { agreed, member in
            guard let currency = Currency(member.key), let executions = member.value["executions"]?.intValue,
                let difference = member.value["difference"]?.stringValue.flatMap({ try? FixedPoint($0) })
            else { return }
            agreed[currency] = ReckonedCosts.Agreement(difference: difference, executions: Int(executions))
        }
    }

    /// - Parameter entries: Of the broker's account.
    func reckoned(_ executions: [Currency: Int]) -> [Currency: ReckonedCosts] {
        executions.reduce(into: [:]) { reckoned, count in
            reckoned[count.key] = ReckonedCosts(executions: count.value, agreed: agreed[count.key])
        }
    }

    /// Notes the currencies in which the two sides agree now.
    func note(
        ours: [Currency: FixedPoint], theirs: Snapshot<Money>, _ executions: [Currency: Int],
        differing: Set<String>, in writer: StoreWriter
    ) throws {
        var news = agreed
        for money in theirs.items where !differing.contains(money.currency.code) {
            guard let count = executions[money.currency],
                let difference = try? (ours[money.currency] ?? .zero) - money.amount
            else { continue }
            news[money.currency] = ReckonedCosts.Agreement(difference: difference, executions: count)
        }
        guard news != agreed else { return }
        let members = news.sorted { $0.key < $1.key }.map { currency, agreement in
            JSONValue.Member(
                currency.code,
                ["difference": JSONValue(agreement.difference), "executions": .int(Int64(agreement.executions))])
        }
        try writer.setMeta(key, String(decoding: JSONValue.object(members).utf8, as: UTF8.self))
    }
}
