public import Core
public import Sessions

/// Finds jumps between two sessions that look like a split nobody announced, and announced splits that are not there.
///
/// A split moves the price by a ratio of small whole numbers and leaves the turnover (price times volume) what it was,
/// since the volume moves the other way. News moves the price by any factor and multiplies the turnover. Apple's fall
/// of 2000-09-29 by the factor 1.90 came with twelve times the usual turnover; its real splits, Nvidia's and Samsung
/// Electronics' missed their ratio by less than 0.5 % with 0.3 to 3.2 times the usual turnover. Hence four tests:
///
/// 1. The open against the close before, and the latest close too, lie near a known ratio.
/// 2. The closer the ratio is met, the more turnover is allowed, and the other way round (see ``Limits``).
/// 3. From a factor of eight on neither turnover nor the ratio is an excuse: no listed share in our data moved so far
///    overnight by trading. It may be no split either, but a unit or a decimal point that has moved.
/// 4. A ratio of 3:2 must be met closely, since shares do fall by a third on news.
///
/// Limits: a split below 3:2 and a stock dividend are not seen; a real halving that meets the ratio within some 3 % on a
/// usual turnover is called a split (safe: it stops trading in that symbol until somebody looks); a split on a day of
/// heavy news with more than six times the turnover is missed; the volume of earlier sessions is needed, without it the
/// price alone decides and doubt counts as suspicion.
public struct SplitSuspicion: Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case suspectedSplit = "suspected-split"
        /// The list of actions has a split that the bars do not show: they are adjusted already, or the day is wrong.
        case absentSplit = "announced-split-absent"
    }

    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        public let kind: Kind
        public let symbol: Symbol
        /// The local day of the jump.
        public let date: CivilDate
        /// The open of the first bar on the other side.
        public let at: Instant
        /// New shares for old ones, in lowest terms.
        public let new: Int
        public let old: Int
        public let previousClose: Price
        public let open: Price
        /// Turnover so far as a multiple of the median of the sessions before, up to the same time of the day; `nil`
        /// where it is not known.
        public let turnover: Double?

        public var code: String { kind.rawValue }

        public var description: String { "\(symbol) \(date): \(code): \(summary)" }

        /// What is there, with its numbers.
        public var summary: String {
            let times = turnover.map { "\(Double(Int($0 * 100)) / 100) times the usual turnover" } ?? "unknown turnover"
            let jump = "\(previousClose) to \(open) on \(date) with \(times)"
            return switch kind {
            case .suspectedSplit: "\(jump) looks like a split of \(new):\(old) that is not recorded"
            case .absentSplit: "a split of \(new):\(old) is recorded, but the price went from \(jump)"
            }
        }
    }

    /// How far a jump may miss its ratio, by how much turnover came with it.
    enum Limits {
        /// At up to `ordinaryTurnover`; a tenth is a big overnight move on top of the split.
        static let loose = 0.1
        static let ordinaryTurnover = 2.5
        /// At up to `busyTurnover`: three usual overnight moves, within these bounds.
        static let tight = 0.02...0.06
        static let usualMoves = 3.0
        static let busyTurnover = 6.0
        /// For 3:2.
        static let fractional = 0.025
        /// From here on the price alone decides.
        static let surely = 8.0
        static let surelyLoose = 0.15
        /// An announced split counts as seen if the jump comes this near.
        static let announced = 0.3
        static let history = 20
        static let leastHistory = 5
    }

    /// A smaller step between two sessions is never a finding, unless a split was announced: the smallest ratio is 3:2, and must
    /// be met within `Limits.fractional`.
    public static let leastJump = 1.4

    static let ratios: [(new: Int, old: Int)] =
        [(3, 2)] + [2, 3, 4, 5, 6, 7, 8].map { ($0, 1) }

    public let symbol: Symbol
    private let calendar: ExchangeCalendar
    private let announced: [CorporateAction]
    private let confirmed: Set<CivilDate>

    /// - Parameters:
    ///   - announced: known actions; a jump that one of them explains is no suspicion.
    ///   - confirmed: days whose jump somebody looked at and found real.
    public init(
        symbol: Symbol, calendar: ExchangeCalendar, announced: [CorporateAction] = [], confirmed: Set<CivilDate> = []
    ) {
        self.symbol = symbol
        self.calendar = calendar
        self.announced = announced.filter { $0.symbol == symbol }
        self.confirmed = confirmed
    }

    /// What is suspicious in raw, validated bars of one timeframe, ascending. The last session may be in progress.
    public func findings(in bars: [Bar]) -> [Finding] {
        guard isWorthALook(bars) else { return [] }
        let days = tradingDays(bars)
        return days.indices.dropFirst().compactMap { finding(days, $0, bars) }
    }

    /// Whether there can be a finding, in these bars or with more of them before: a bar opens far from the close before it, or a
    /// split was announced. Most windows end here, and where each bar belongs in the calendar need not be asked.
    public func isWorthALook(_ bars: [Bar]) -> Bool {
        guard announced.isEmpty else { return true }
        var before: Double?
        for bar in bars where bar.open.isPositive && bar.close.isPositive {
            let open = bar.open.doubleValue
            if let before, Self.isLarge(before / open) { return true }
            before = bar.close.doubleValue
        }
        return false
    }

    private static func isLarge(_ jump: Double) -> Bool { max(jump, 1 / jump) > leastJump }

    // MARK: Days

    /// The bars of one local day.
    private struct Day {
        let date: CivilDate
        var range: Range<Int>
        let open: Price
        var close: Price
        /// Local time of the last bar.
        var lastSecond: Int
    }

    private func tradingDays(_ bars: [Bar]) -> [Day] {
        var days: [Day] = []
        for (index, bar) in bars.enumerated() where bar.open.isPositive && bar.close.isPositive {
            let (date, second) = calendar.localClock(of: bar.openAt)
            if days.last?.date == date {
                days[days.count - 1].range = days[days.count - 1].range.lowerBound..<index + 1
                days[days.count - 1].close = bar.close
                days[days.count - 1].lastSecond = second
            } else {
                days.append(
                    Day(date: date, range: index..<index + 1, open: bar.open, close: bar.close, lastSecond: second))
            }
        }
        return days
    }

    private func finding(_ days: [Day], _ index: Int, _ bars: [Bar]) -> Finding? {
        let (before, day) = (days[index - 1], days[index])
        // Above one: the price fell, as in a split into more shares.
        let jump = before.close.doubleValue / day.open.doubleValue
        let expected = splits(after: before.date, through: day.date)
        if let (new, old) = expected {
            let factor = Double(new) / Double(old)
            let isVisible = max(factor, 1 / factor) > 1 + Limits.announced
            guard isVisible, Self.miss(jump, factor) > Limits.announced else { return nil }
            return finding(.absentSplit, days, index, bars, (new, old))
        }
        guard !confirmed.contains(day.date), let (new, old) = Self.ratio(jump) else { return nil }
        let found = finding(.suspectedSplit, days, index, bars, (new, old))
        return isSuspicious(jump, found, days, index) ? found : nil
    }

    private func finding(
        _ kind: Kind, _ days: [Day], _ index: Int, _ bars: [Bar], _ ratio: (new: Int, old: Int)
    ) -> Finding {
        let day = days[index]
        return Finding(
            kind: kind, symbol: symbol, date: day.date, at: bars[day.range.lowerBound].openAt, new: ratio.new,
            old: ratio.old, previousClose: days[index - 1].close, open: day.open,
            turnover: turnover(days, index, bars))
    }

    /// What the announced splits of the days since the last one with bars come to, in lowest terms: an ex-date may fall on a
    /// halt. `nil` where there is none, or none that a jump could show.
    private func splits(after: CivilDate, through: CivilDate) -> (new: Int, old: Int)? {
        var product: (new: Int, old: Int)?
        for action in announced where action.exDate > after && action.exDate <= through && action.fault == nil {
            guard case .split(let new, let old) = action.kind else { continue }
            let so = product ?? (1, 1)
            let (above, isAboveTooLarge) = so.new.multipliedReportingOverflow(by: new)
            let (below, isBelowTooLarge) = so.old.multipliedReportingOverflow(by: old)
            guard !isAboveTooLarge, !isBelowTooLarge else { return nil }
            let divisor = Self.greatestCommonDivisor(above, below)
            product = (above / divisor, below / divisor)
        }
        return product
    }

    private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
        right == 0 ? left : greatestCommonDivisor(right, left % right)
    }

    // MARK: Tests

    private func isSuspicious(_ jump: Double, _ found: Finding, _ days: [Day], _ index: Int) -> Bool {
        let factor = Double(found.new) / Double(found.old)
        let size = max(factor, 1 / factor)
        // What returns within the day is a misprint or a panic, not a split.
        let since = days[index - 1].close.doubleValue / days[index].close.doubleValue
        guard Self.miss(since, factor) <= size.squareRoot() - 1 else { return false }
        if max(jump, 1 / jump) >= Limits.surely { return true }
        let miss = Self.miss(jump, factor)
        if size >= Limits.surely { return miss <= Limits.surelyLoose }
        let turnover = found.turnover ?? 0
        let isWhole = found.new == 1 || found.old == 1
        if !isWhole { return miss <= Limits.fractional && turnover <= Limits.ordinaryTurnover }
        if turnover <= Limits.ordinaryTurnover { return miss <= Limits.loose }
        let usual = Limits.usualMoves * usualMove(days, index)
        let tight = min(max(usual, Limits.tight.lowerBound), Limits.tight.upperBound)
        return turnover <= Limits.busyTurnover && miss <= tight
    }

    /// The known ratio nearest to the jump; `nil` for jumps that are too small for any.
    private static func ratio(_ jump: Double) -> (new: Int, old: Int)? {
        guard isLarge(jump) else { return nil }
        let size = max(jump, 1 / jump)
        guard size < Double(Int.max) else { return nil }
        if size >= Limits.surely {
            let whole = Int(size.rounded())
            return jump > 1 ? (whole, 1) : (1, whole)
        }
        let nearest = ratios.min { left, right in
            miss(size, Double(left.new) / Double(left.old)) < miss(size, Double(right.new) / Double(right.old))
        }
        return nearest.map { jump > 1 ? $0 : (new: $0.old, old: $0.new) }
    }

    /// How far apart two factors are: 0.05 is five per cent either way.
    private static func miss(_ left: Double, _ right: Double) -> Double { max(left / right, right / left) - 1 }

    /// The median size of the moves between sessions.
    private func usualMove(_ days: [Day], _ index: Int) -> Double {
        let range = max(1, index - Limits.history)..<index
        let moves = range.map { Self.miss(days[$0 - 1].close.doubleValue, days[$0].open.doubleValue) }
        return Self.median(moves) ?? 0
    }

    private func turnover(_ days: [Day], _ index: Int, _ bars: [Bar]) -> Double? {
        let day = days[index]
        let earlier = days[max(0, index - Limits.history)..<index]
        guard earlier.count >= Limits.leastHistory,
            let usual = Self.median(earlier.map { volume($0, until: day.lastSecond, bars) * $0.close.doubleValue }),
            usual > 0
        else { return nil }
        return volume(day, until: day.lastSecond, bars) * day.open.doubleValue / usual
    }

    /// The volume of the day's bars that opened by that local time, so that a day in progress compares with the same
    /// part of earlier ones.
    private func volume(_ day: Day, until second: Int, _ bars: [Bar]) -> Double {
        // A daily bar is the whole day, also when its session opened late.
        if day.range.count == 1 { return bars[day.range.lowerBound].volume.doubleValue }
        return bars[day.range].reduce(0) { sum, bar in
            calendar.localClock(of: bar.openAt).secondOfDay <= second ? sum + bar.volume.doubleValue : sum
        }
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        return values.sorted()[values.count / 2]
    }
}
