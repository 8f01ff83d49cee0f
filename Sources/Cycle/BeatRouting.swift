internal import Broker
internal import Core
internal import Execution
internal import Settings

extension Beat {
    /// Where an order of the instrument would go, by the profile's wish and strategy.
    ///
    /// - Throws: a `RouteRefusal` where no broker takes it.
    func broker(for instrument: Instrument) throws -> any Broker {
        let wish: BrokerID? = profile.broker == .auto ? nil : BrokerID(profile.broker.rawValue)
        let strategy: RoutingRequest.Strategy =
            switch profile.strategy {
            case .auto: .auto
            case .lowLatency: .lowLatency
            case .lowFees: .lowFees
            }
        let request = RoutingRequest(
            instrument: instrument, wish: wish, strategy: strategy, available: Set(context.brokers.keys),
            isPaper: context.settings.mode == .paper)
        let id = try Router.route(request).get()
        guard let broker = context.brokers[id] else {
            throw RouteRefusal(instrument: instrument.id, detail: "broker \(id) has no adapter")
        }
        return broker
    }
}
