internal import Core
internal import Sessions

/// The ticks of one slot, and what was published of them.
struct TickBucket {
    let slot: BarSlot
    /// In the order of ``Tick/precedes(_:)`` once the bucket is closed, in the order of arrival before.
    var ticks: [Tick] = []
    var ids: Set<String> = []
    /// The volume of all ticks; bounds the volume of any bar made of them.
    var total = Quantity.zero
    var isClosed = false
    /// Whether it was closed before; ``witnesses`` stay those of the first time.
    var wasJudged = false
    /// Far-off ticks that were told, with how many alike: trades without an id may repeat to the last digit.
    var told: [Tick: Int] = [:]
    /// Editions given out.
    var editions = 0
    var published: Bar?
    /// What the ticks are measured against, as it was when the slot was closed.
    var witnesses = Witnesses()

    struct Witnesses: Hashable {
        /// The close of the bar before.
        var lastClose: Price?
        /// The last price of the bar before, if all of it was far off: a second bar up there confirms the first.
        var suspect: Price?
    }

    struct Verdict {
        let bar: Bar?
        let tickCount: Int
        let farOff: [Tick]
    }

    init(slot: BarSlot) { self.slot = slot }

    mutating func sort() { ticks.sort { $0.precedes($1) } }

    /// Into its place among sorted ticks.
    mutating func insert(_ tick: Tick) {
        var (low, high) = (0, ticks.count)
        while low < high {
            let middle = (low + high) / 2
            if tick.precedes(ticks[middle]) { high = middle } else { low = middle + 1 }
        }
        ticks.insert(tick, at: low)
    }

    /// The bar of the sorted ticks without those further than `band` from every witness. From three ticks on their own
    /// median is a witness, so that a market that really jumped is believed at once.
    func verdict(band: Fraction) -> Verdict {
        var trusted: [Price] = []
        if let close = witnesses.lastClose { trusted.append(close) }
        if ticks.count >= 3 { trusted.append(ticks.map(\.price).sorted()[(ticks.count - 1) / 2]) }
        let agrees = ticks.contains { tick in trusted.contains { Self.isNear(tick.price, $0, band) } }
        if !agrees, let suspect = witnesses.suspect { trusted.append(suspect) }
        guard !trusted.isEmpty else { return Verdict(bar: bar(of: ticks), tickCount: ticks.count, farOff: []) }
        var near: [Tick] = []
        var far: [Tick] = []
        for tick in ticks {
            if trusted.contains(where: { Self.isNear(tick.price, $0, band) }) {
                near.append(tick)
            } else {
                far.append(tick)
            }
        }
        return Verdict(bar: bar(of: near), tickCount: near.count, farOff: far)
    }

    private static func isNear(_ price: Price, _ witness: Price, _ band: Fraction) -> Bool {
        // Prices end at 10^26 units and the band at 10^11, so the product of 10^37 fits.
        let distance = (price.value.units - witness.value.units).magnitude
        return distance * FixedPoint.unitsPerOne.magnitude <= band.value.units.magnitude * witness.value.units.magnitude
    }

    private func bar(of ticks: [Tick]) -> Bar? {
        guard let first = ticks.first, let last = ticks.last else { return nil }
        var bar = Bar(
            openAt: slot.openAt, open: first.price, high: first.price, low: first.price, close: last.price,
            volume: .zero, source: .stream)
        for tick in ticks {
            bar.high = max(bar.high, tick.price)
            bar.low = min(bar.low, tick.price)
            // Never beyond `total`, which was checked when the tick came in.
            if let sum = try? bar.volume + tick.quantity { bar.volume = sum }
        }
        return bar
    }
}
