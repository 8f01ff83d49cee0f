internal import Core

/// Tells trades that were sent twice from new ones, and how much was traded in between unseen.
///
/// The volume of the day is all there is to go by. Overseas it may begin anew with a part of the session.
struct TradeContinuity {
    private struct Key: Hashable {
        let stream: KISStreamKind
        let key: KISCode
    }

    private struct Last {
        var day: CivilDate
        var phase: KISSessionPhase?
        var volume: Quantity
    }

    /// Far more than a session can be registered for.
    private static let limit = 1024
    private var lasts: [Key: Last] = [:]

    mutating func classify(_ trade: KISStreamTrade) -> KISContinuity {
        let key = Key(stream: trade.stream, key: trade.symbol.key)
        let now = Last(day: trade.tradingDay, phase: trade.phase, volume: trade.cumulativeQuantity)
        guard let last = lasts[key] else {
            if lasts.count >= Self.limit { lasts.removeAll() }
            lasts[key] = now
            return .first
        }
        if now.day < last.day { return .repeated }
        guard now.day == last.day, now.phase == last.phase || now.volume > last.volume else {
            lasts[key] = now
            return .first
        }
        guard now.volume > last.volume else { return .repeated }
        lasts[key] = now
        let unseen = (try? now.volume - last.volume).flatMap { try? $0 - trade.quantity }
        return unseen.map { $0.isPositive ? .gap($0) : .next } ?? .next
    }
}
