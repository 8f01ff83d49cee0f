public import Core

/// Which broker an order goes to, as data.
public struct RoutingRequest: Hashable, Sendable {
    public enum Strategy: String, Hashable, Sendable { case auto, lowLatency = "low_latency", lowFees = "low_fees" }

    public let instrument: Instrument
    /// The profile's wish: a broker, or `nil` for the table below.
    public let wish: BrokerID?
    public let strategy: Strategy
    /// Brokers that are configured and have an adapter.
    public let available: Set<BrokerID>
    public let isPaper: Bool

    public init(instrument: Instrument, wish: BrokerID?, strategy: Strategy, available: Set<BrokerID>, isPaper: Bool) {
        self.instrument = instrument
        self.wish = wish
        self.strategy = strategy
        self.available = available
        self.isPaper = isPaper
    }
}

/// The routing table of the original architecture: KRX to KIS; US by strategy, KIS for low latency, IB for low fees and by
/// default; options, futures and other exchanges to IB. The embedded exchange stands in only in paper mode, and only when no
/// real broker is available at all: orders never move from one real broker to another on their own, since falling back after
/// an unclear send doubles orders.
public enum Router {
    private static let kis = BrokerID("kis")
    private static let ib = BrokerID("ib")

    public static func route(_ request: RoutingRequest) -> Result<BrokerID, RouteRefusal> {
        if let wish = request.wish { return choose(wish, request) }
        let real = request.available.subtracting([.paper])
        if request.isPaper, real.isEmpty { return choose(.paper, request) }
        return choose(preferred(request), request)
    }

    private static func choose(_ broker: BrokerID, _ request: RoutingRequest) -> Result<BrokerID, RouteRefusal> {
        if broker == .paper, !request.isPaper {
            return .failure(
                RouteRefusal(instrument: request.instrument.id, detail: "the paper exchange takes no live orders"))
        }
        guard request.available.contains(broker) else {
            let detail = "\(request.instrument.id) goes to '\(broker)', which is not enabled in this installation"
            return .failure(RouteRefusal(instrument: request.instrument.id, detail: detail))
        }
        return .success(broker)
    }

    private static func preferred(_ request: RoutingRequest) -> BrokerID {
        switch request.instrument.kind {
        case .future, .option: return ib
        case .stock, .etf: break
        }
        switch request.instrument.exchange.text {
        case "XKRX": return kis
        case "XNYS", "XNAS", "ARCX", "BATS", "XASE": return request.strategy == .lowLatency ? kis : ib
        default: return ib
        }
    }
}

/// No broker takes the order; nothing was sent.
public struct RouteRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let instrument: InstrumentID
    public let detail: String
    public init(instrument: InstrumentID, detail: String) {
        self.instrument = instrument
        self.detail = detail
    }
    public var description: String {
        "no route for \(instrument): \(detail). Set `broker:` of the profile in trading.yaml, or enable the broker in brokers.yaml."
    }
}
