internal import Core
internal import Sessions

/// The bars of one generated session.
struct SessionPath {
    private let model: MarketModel
    private let grid: TickGrid
    private let session: Session
    /// Log levels in billionths: at the open, and what the session adds.
    private let openLevel: Int64
    private let step: Int64

    init(model: MarketModel, grid: TickGrid, session: Session, openLevel: Int64, step: Int64) {
        self.model = model
        self.grid = grid
        self.session = session
        self.openLevel = openLevel
        self.step = step
    }

    /// Prices in 10^-8 units, volume in whole shares.
    private struct Draft {
        var openAt: Instant
        var closeAt: Instant
        var open: Int64
        var high: Int64
        var low: Int64
        var close: Int64
        var volume: Int64

        var bar: Bar {
            Bar(
                openAt: openAt, open: Price(FixedPoint(int64Units: open)), high: Price(FixedPoint(int64Units: high)),
                low: Price(FixedPoint(int64Units: low)), close: Price(FixedPoint(int64Units: close)),
                volume: Quantity(Int(volume)), source: .generator)
        }
    }

    /// Adds the bars of `slots`, built from the five-minute slots `base`.
    func append(slots: [BarSlot], base: [BarSlot], timeframe: Timeframe, to bars: inout [Bar]) {
        var drafts = fiveMinuteDrafts(base)
        if timeframe == .fiveMinutes {
            for draft in drafts { bars.append(draft.bar) }
            return
        }
        if !timeframe.seconds.isMultiple(of: 300) {
            drafts = drafts.enumerated().flatMap { minutes(of: $0.element, index: $0.offset) }
        }
        var next = 0
        for slot in slots {
            guard next < drafts.count else { return }
            var merged = drafts[next]
            next += 1
            while next < drafts.count, drafts[next].openAt < slot.closeAt {
                let draft = drafts[next]
                merged.high = max(merged.high, draft.high)
                merged.low = min(merged.low, draft.low)
                merged.close = draft.close
                merged.volume += draft.volume
                next += 1
            }
            bars.append(merged.bar)
        }
    }

    /// A path from the session's open to its close: random steps whose sum is then pulled onto the close.
    private func fiveMinuteDrafts(_ slots: [BarSlot]) -> [Draft] {
        let count = slots.count
        var draws = model.draws(day: session.date.daysSinceEpoch, purpose: 0x42)
        let weights = (0..<count).map { Self.movement(at: (Double($0) + 0.5) / Double(count)) }
        let totalVariance = weights.reduce(0) { $0 + $1 * $1 }
        let scale = model.sessionVolatility * 0.85 / totalVariance.squareRoot()
        var steps = weights.map { $0 * scale * MarketModel.bell(draws.next()) }
        let excess = Double(step) / 1e9 - steps.reduce(0, +)
        for index in 0..<count { steps[index] += excess * weights[index] * weights[index] / totalVariance }

        let volumes = (0..<count).map { Self.activity(at: (Double($0) + 0.5) / Double(count)) }
        let volumeScale = model.sessionVolume / max(1, volumes.reduce(0, +)) * dayActivity(&draws)
        var drafts: [Draft] = []
        drafts.reserveCapacity(count)
        var log = 0.0
        var last = onGrid(model.price(atLevel: openLevel))
        for (index, slot) in slots.enumerated() {
            log += steps[index]
            let close = onGrid(model.price(atLevel: openLevel + Int64(log * 1e9)))
            let wicks = draws.next()
            let reach = weights[index] * scale * Double(max(last, close))
            let high = onGrid(Double(max(last, close)) + reach * Double(wicks & 0xFFFF) / 65_536 * 0.9)
            let low = onGrid(Double(min(last, close)) - reach * Double(wicks >> 16 & 0xFFFF) / 65_536 * 0.9)
            // A bar that moves more trades more; otherwise between half and one and a half of the usual.
            let surge =
                0.5 + Double(wicks >> 32 & 0xFFFF) / 65_536 + (steps[index] / (weights[index] * scale)).magnitude * 0.3
            // Enough for every minute of the bar to trade.
            let volume = max(100, Int64(volumes[index] * volumeScale * surge))
            drafts.append(
                Draft(
                    openAt: slot.openAt, closeAt: slot.closeAt, open: last, high: max(high, last, close),
                    low: min(low, last, close), close: close, volume: volume))
            last = close
        }
        return drafts
    }

    /// Splits a five-minute bar into minutes that add up to it: one touches the high, one the low.
    private func minutes(of draft: Draft, index: Int) -> [Draft] {
        let count = max(1, Int((draft.closeAt.epochSeconds - draft.openAt.epochSeconds) / 60))
        guard count > 1 else { return [draft] }
        var draws = model.draws(day: session.date.daysSinceEpoch, purpose: 0x1_00 + UInt64(index))
        let highAt = Int(draws.next() >> 33) % count
        let lowAt = Int(draws.next() >> 33) % count
        let noises = (0..<count).map { _ in draws.next() }
        let volumes = Self.split(draft.volume, by: noises.map { 0.5 + Double($0 >> 16 & 0xFFFF) / 65_536 })
        var result: [Draft] = []
        var last = draft.open
        for minute in 0..<count {
            let isLast = minute == count - 1
            let along = Double(draft.open) + Double(draft.close - draft.open) * Double(minute + 1) / Double(count)
            let noise = (Double(noises[minute] & 0xFFFF) / 65_536 - 0.5) * Double(draft.high - draft.low) * 0.6
            let close = isLast ? draft.close : min(draft.high, max(draft.low, onGrid(along + noise)))
            let openAt = draft.openAt.advanced(bySeconds: Int64(minute) * 60)
            result.append(
                Draft(
                    openAt: openAt, closeAt: isLast ? draft.closeAt : openAt.advanced(bySeconds: 60), open: last,
                    high: minute == highAt ? draft.high : max(last, close),
                    low: minute == lowAt ? draft.low : min(last, close), close: close, volume: volumes[minute]))
            last = close
        }
        return result
    }

    /// Whole parts of `total` in proportion to the weights; what rounding leaves goes to the first.
    private static func split(_ total: Int64, by weights: [Double]) -> [Int64] {
        let sum = weights.reduce(0, +)
        var parts = weights.map { Int64(Double(total) * $0 / sum) }
        parts[0] += total - parts.reduce(0, +)
        return parts
    }

    private func onGrid(_ units: Double) -> Int64 {
        let lowest = grid.tick(at: 0)
        return max(lowest, grid.nearest(Int64(units)))
    }

    private func dayActivity(_ draws: inout SeededGenerator) -> Double {
        0.7 + 0.6 * Double(draws.next() >> 40) / 0x1p24
    }

    /// Relative movement within the session (0 open, 1 close): highest at the open, lowest past the middle.
    private static func movement(at share: Double) -> Double {
        let edge = 2 * share - 1
        let early = (1 - share) * (1 - share) * (1 - share)
        return 0.6 + 0.6 * edge * edge * edge * edge + 0.9 * early
    }

    /// Relative volume within the session: a U.
    private static func activity(at share: Double) -> Double {
        let edge = 2 * share - 1
        return 0.5 + 1.6 * edge * edge * edge * edge + 0.4 * (1 - share)
    }
}
