/// The smallest price steps of an instrument, by price band: a price uses the first band it is below.
public struct TickRule: Hashable, Sendable {
    public struct Band: Hashable, Sendable {
        /// The band holds prices below this; `nil` is the last band, without an upper end.
        public let below: Price?
        public let tick: Price
        public init(below: Price?, tick: Price) {
            self.below = below
            self.tick = tick
        }
    }

    public enum Problem: Error, Hashable, Sendable {
        case noBands, tickNotPositive(Price), bandsNotAscending, noLastBand
    }

    public let bands: [Band]

    public init(bands: [Band]) throws(Problem) {
        guard let last = bands.last else { throw .noBands }
        guard last.below == nil else { throw .noLastBand }
        for (index, band) in bands.enumerated() {
            guard band.tick.isPositive else { throw .tickNotPositive(band.tick) }
            guard index + 1 < bands.count else { continue }
            guard let below = band.below else { throw .bandsNotAscending }
            if index > 0, let previous = bands[index - 1].below, below <= previous { throw .bandsNotAscending }
        }
        self.bands = bands
    }

    private init(known bands: [Band]) { self.bands = bands }

    /// One tick at every price. `tick` must be positive.
    public static func uniform(_ tick: Price) throws(Problem) -> TickRule {
        try TickRule(bands: [Band(below: nil, tick: tick)])
    }

    static func table(_ rows: [(below: Int?, tick: Int)]) -> TickRule {
        TickRule(known: rows.map { Band(below: $0.below.map { Price($0) }, tick: Price($0.tick)) })
    }

    static func fixed(_ tick: FixedPoint) -> TickRule { TickRule(known: [Band(below: nil, tick: Price(tick))]) }

    /// The tick that holds at a price.
    public func tick(at price: Price) -> Price {
        for band in bands {
            guard let below = band.below else { return band.tick }
            if price < below { return band.tick }
        }
        return bands[bands.count - 1].tick
    }

    public func isOnGrid(_ price: Price) -> Bool { price.value.isMultiple(of: tick(at: price).value) }

    /// The price on the grid that `rounding` leads to.
    public func rounded(_ price: Price, _ rounding: RoundingRule) throws(ArithmeticError) -> Price {
        Price(try price.value.rounded(toMultipleOf: tick(at: price).value, rounding))
    }
}

/// The tick rules of an instrument over time: exchanges change them by decree.
public struct TickSchedule: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let from: CivilDate
        public let rule: TickRule
        public init(from: CivilDate, rule: TickRule) {
            self.from = from
            self.rule = rule
        }
    }

    /// Ascending by first valid day; the first also holds before its own day.
    public let entries: [Entry]

    public init(_ rule: TickRule) { entries = [Entry(from: CivilDate(daysSinceEpoch: 0), rule: rule)] }

    /// `entries` must not be empty; they are sorted here.
    public init(first: Entry, later: [Entry]) { entries = ([first] + later).sorted { $0.from < $1.from } }

    public func rule(on day: CivilDate) -> TickRule { (entries.last { $0.from <= day } ?? entries[0]).rule }

    /// US shares: one cent (SEC rule 612; below one dollar brokers take 0.0001, which we do not use).
    public static let usEquity = TickSchedule(.fixed(FixedPoint(int64Units: 1_000_000)))

    /// KRX shares (KOSPI): the table of 2023-01-25, and the KOSPI table before it.
    /// Source: KRX business regulations as reported by Etoday 2023-01-17 and Chosun 2022-11-01.
    public static let krxStock = TickSchedule(
        first: Entry(
            from: CivilDate(daysSinceEpoch: 0),
            rule: .table([
                (1000, 1), (5000, 5), (10_000, 10), (50_000, 50), (100_000, 100), (500_000, 500), (nil, 1000),
            ])),
        later: [
            Entry(
                from: CivilDate(daysSinceEpoch: 19_382),
                rule: .table([
                    (2000, 1), (5000, 5), (20_000, 10), (50_000, 50), (200_000, 100), (500_000, 500), (nil, 1000),
                ]))
        ])

    /// KRX exchange-traded funds: five won; below 2,000 won one won since December 2023 (first day not verified).
    public static let krxETF = TickSchedule(
        first: Entry(from: CivilDate(daysSinceEpoch: 0), rule: .table([(nil, 5)])),
        later: [Entry(from: CivilDate(daysSinceEpoch: 19_709), rule: .table([(2000, 1), (nil, 5)]))])
}
