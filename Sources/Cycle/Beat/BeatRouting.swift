internal import Broker
internal import Core
internal import Execution
internal import Settings

extension Beat {
    /// Where an order of the instrument would go.
    ///
    /// - Throws: a `RouteRefusal` where no broker takes it.
    func broker(for instrument: Instrument) throws -> any Broker { try context.broker(for: instrument, of: profile) }
}

extension CycleContext {
    /// Where a profile's order of the instrument would go, by the profile's wish and strategy.
    ///
    /// - Throws: a `RouteRefusal` where no broker takes it.
    func broker(for instrument: Instrument, of profile: Profile) throws -> any Broker {
        let wish: BrokerID? = profile.broker == .auto ? nil : BrokerID(profile.broker.rawValue)
        let strategy: RoutingRequest.Strategy =
            switch profile.strategy {
            case .auto: .auto
            case .lowLatency: .lowLatency
            case .lowFees: .lowFees
            }
        let request = RoutingRequest(
            instrument: instrument, wish: wish, strategy: strategy, available: Set(brokers.keys),
            isPaper: settings.mode == .paper)
        let id = try Router.route(request).get()
        guard let broker = brokers[id] else {
            throw RouteRefusal(instrument: instrument.id, detail: "broker \(id) has no adapter")
        }
        return broker
    }
}
