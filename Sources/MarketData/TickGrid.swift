internal import Core

/// A tick rule in machine integers, for loops over many prices.
struct TickGrid {
    private let bands: [(below: Int64, tick: Int64)]

    init(_ rule: TickRule) {
        bands = rule.bands.map { band in
            (band.below.flatMap(\.value.int64Units) ?? .max, max(1, band.tick.value.int64Units ?? 1))
        }
    }

    func tick(at units: Int64) -> Int64 {
        for band in bands where units < band.below { return band.tick }
        return bands.last?.tick ?? 1
    }

    func isOnGrid(_ units: Int64) -> Bool { units % tick(at: units) == 0 }

    /// The nearest price on the grid; a tie goes up.
    func nearest(_ units: Int64) -> Int64 {
        let once = Self.nearest(units, tick(at: units))
        // Rounding up may reach the next band, whose ticks are wider.
        return Self.nearest(once, tick(at: once))
    }

    private static func nearest(_ units: Int64, _ tick: Int64) -> Int64 {
        let below = units >= 0 ? units / tick * tick : -((-units + tick - 1) / tick * tick)
        return units - below >= tick - (units - below) ? below + tick : below
    }
}
