internal import Broker
internal import Core

/// Stops that follow the market.
extension PaperEngine {
    /// Where such a stop begins: at its distance from the last price, or where the order says. `nil` for all other orders, and
    /// before there is a price.
    func firstStop(_ request: OrderRequest, _ instrument: Instrument) throws(ArithmeticError) -> Price? {
        switch request.type {
        case .trailingStopLimit(_, let stop, _): return stop
        case .trailingStop(let trail):
            guard let last = tapes[instrument.symbol]?.lastPrice(at: now) else { return nil }
            return try Self.stop(behind: last, trail, request.side, instrument, on: now.utcDate)
        case .market, .limit, .stop, .stopLimit, .marketToLimit, .conditionalLimit, .bestOwnSide: return nil
        }
    }

    /// Moves the stop of an open order that was not touched yet to its distance from a price, if that is nearer to the market.
    mutating func follow(
        _ index: Int, _ price: Price, _ instrument: Instrument, on day: CivilDate
    ) throws(ArithmeticError) {
        let order = state.orders[index]
        guard order.isOpen, !order.isTriggered, let trail = order.type.trail else { return }
        let stop = try Self.stop(behind: price, trail, order.side, instrument, on: day)
        guard stop.isPositive else { return }
        guard let standing = order.trailedStop else {
            state.orders[index].trailedStop = stop
            return
        }
        state.orders[index].trailedStop = order.side == .buy ? min(standing, stop) : max(standing, stop)
    }

    /// The best price that a stop has seen of a bar. Of the bar its order arrived in, only the close surely came later.
    func seen(_ order: PaperOrder, in bar: Bar, since openAt: Instant) -> Price {
        guard let worksFrom = order.worksFrom, worksFrom <= openAt else { return bar.close }
        return order.side == .buy ? bar.low : bar.high
    }

    /// Of a stop that was touched, or would be now.
    func trailedLimit(_ stop: Price, _ offset: Price, _ side: Side) throws(ArithmeticError) -> Price {
        side == .buy ? try stop + offset : try stop - offset
    }

    /// Rounded to the tick away from the market.
    private static func stop(
        behind price: Price, _ trail: Trail, _ side: Side, _ instrument: Instrument, on day: CivilDate
    ) throws(ArithmeticError) -> Price {
        let distance = try trail.distance(at: price)
        let exact = side == .buy ? try price + distance : try price - distance
        return try instrument.ticks.rule(on: day).rounded(exact, side == .buy ? .up : .down)
    }
}
