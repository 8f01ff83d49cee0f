internal import Broker
internal import Core
internal import Settings
internal import Store

/// Approved intents as their brokers will be sent them, made ready before anything is written ahead: a broker may have to
/// look at a price first, and no transaction waits for a network.
struct OrderPreparation {
    /// Why an order could not be made ready. It counts as not sent: it may be tried again while its window is open.
    struct NotReady: Error {
        let detail: String
    }

    private let prepared: [ClientOrderID: PreparedOrder]

    static func make(_ beat: Beat) async throws -> OrderPreparation {
        let approved = try beat.context.store.read {
            try $0.intents(states: [.approved], profile: beat.profile.name).sorted(by: SubmitStep.sendOrder)
        }
        var prepared: [ClientOrderID: PreparedOrder] = [:]
        for intent in approved {
            try beat.context.stop.checkpoint()
            guard let broker = beat.context.brokers[intent.broker],
                let (instrument, _) = try? beat.context.listing(of: intent.symbol)
            else {
                // Refused for that in the transaction.
                continue
            }
            for intent in [intent] + intent.protection(at: beat.now) {
                prepared[intent.clientOrderID] = await broker.prepared(OrderRequest(intent, of: instrument))
            }
        }
        return OrderPreparation(prepared: prepared)
    }

    /// An entry with a bracket is as ready as the least ready of its orders.
    subscript(intent: OrderIntent) -> PreparedOrder? {
        let members = ([intent] + intent.protection(at: intent.createdAt)).map {
            prepared[$0.clientOrderID]
        }
        return members.first { !($0?.isReady ?? false) } ?? prepared[intent.clientOrderID]
    }

    /// What is sent, and the note that goes on record with it.
    static func outgoing(_ prepared: PreparedOrder) -> (request: Result<OrderRequest, NotReady>, note: Reason?) {
        switch prepared {
        case .ready(let request, let note): (.success(request), note)
        case .waiting(_, let detail), .notReady(let detail): (.failure(NotReady(detail: detail)), nil)
        case .refused(_, let message): (.failure(NotReady(detail: message)), nil)
        }
    }
}

extension PreparedOrder {
    var isReady: Bool {
        switch self {
        case .ready: true
        case .refused, .waiting, .notReady: false
        }
    }
}

extension OrderRequest {
    init(_ intent: OrderIntent, of instrument: Instrument) {
        self.init(
            clientOrderID: intent.clientOrderID, instrument: instrument, side: intent.side, type: intent.type,
            quantity: intent.quantity, timeInForce: intent.timeInForce, handling: intent.handling,
            expiresAt: intent.expiresAt)
    }
}
