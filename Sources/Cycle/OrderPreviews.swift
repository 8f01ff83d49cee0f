internal import Broker
internal import Core
internal import Settings
internal import Store

/// Asks brokers what proposed orders would come to, where they are configured to be asked, before risk judges them: no
/// transaction waits for a network.
enum OrderPreviews {
    /// What they said of the cycle's proposed entries. Exits are not asked about: nothing shall hold them up.
    static func ask(_ beat: Beat) async throws -> [IntentID: OrderPreview] {
        let proposed = try beat.context.store.read {
            try $0.intents(cycle: beat.cycle).filter { $0.state == .proposed && !$0.purpose.reducesRisk }
        }
        var previews: [IntentID: OrderPreview] = [:]
        for intent in proposed where beat.now < intent.expiresAt {
            try beat.context.stop.checkpoint()
            guard let broker = beat.context.brokers[intent.broker],
                let (instrument, _) = try? beat.context.listing(of: intent.symbol)
            else { continue }
            previews[intent.id] = await broker.preview(
                OrderRequest(
                    clientOrderID: intent.clientOrderID, instrument: instrument, side: intent.side, type: intent.type,
                    quantity: intent.quantity, timeInForce: intent.timeInForce, handling: intent.handling,
                    expiresAt: intent.expiresAt))
        }
        return previews
    }
}
