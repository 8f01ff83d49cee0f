internal import Core

/// The bars of one subscription that IB keeps up to date: the newest comes again and again under the same date, and is final
/// only when a later date appears. Pure.
///
/// Updates hold all of their bar so far. So a bar is whole if an update of it came after the last interruption; a bar that ended
/// within one is incomplete.
struct KeptBars: Sendable {
    typealias Made = (bar: Bar, standing: IBStreamBar.Standing)

    private let magnifier: Int64
    private var newest: IBHistoricalBar?
    private var newestAt: Instant?
    /// Whether updates of ``newest`` may have been missed.
    private var isDoubtful = false
    /// The open of the last bar that was told as final: an answer that comes after an interruption tells only later ones.
    private var lastFinal: Instant?

    /// - Parameter magnifier: IB quotes prices in so many parts of the currency.
    init(magnifier: Int64) { self.magnifier = magnifier }

    /// The answer that a subscription begins with: all bars but the newest are over, and none of them has a gap.
    mutating func take(_ data: IBHistoricalData) -> [Made] {
        var made: [Made] = []
        for (place, bar) in data.bars.enumerated() {
            guard case .instant(let openAt) = bar.begin else { continue }
            if place == data.bars.count - 1 {
                isDoubtful = false
                (newest, newestAt) = (bar, openAt)
                made.append((told(bar, openAt), .forming))
            } else if lastFinal.map({ $0 < openAt }) ?? true {
                made.append(ended(bar, openAt, .final))
            }
        }
        return made
    }

    mutating func take(_ update: IBHistoricalDataUpdate) -> [Made] {
        guard case .instant(let openAt) = update.bar.begin else { return [] }
        var made: [Made] = []
        if let newest, let newestAt {
            // An older one again: it was told as over.
            guard openAt >= newestAt else { return [] }
            if openAt > newestAt {
                made.append(ended(newest, newestAt, isDoubtful ? .incomplete(missing: []) : .final))
            }
        }
        isDoubtful = false
        (newest, newestAt) = (update.bar, openAt)
        made.append((told(update.bar, openAt), .forming))
        return made
    }

    /// Updates may not come for a while.
    mutating func interrupted() { isDoubtful = true }

    private mutating func ended(
        _ bar: IBHistoricalBar, _ openAt: Instant, _ standing: IBStreamBar.Standing
    ) -> Made {
        if standing == .final { lastFinal = max(lastFinal ?? openAt, openAt) }
        return (told(bar, openAt), standing)
    }

    private func told(_ bar: IBHistoricalBar, _ openAt: Instant) -> Bar {
        let volume = bar.volume.map { $0.isNegative ? .zero : $0 } ?? .zero
        return Bar(
            openAt: openAt, open: bar.open.told(in: magnifier), high: bar.high.told(in: magnifier),
            low: bar.low.told(in: magnifier), close: bar.close.told(in: magnifier), volume: volume, source: .ib)
    }
}
