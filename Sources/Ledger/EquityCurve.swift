public import Core

/// Equity over time in one currency, with what limits and reports measure on it.
public struct EquityCurve: Hashable, Sendable {
    public struct Mark: Hashable, Sendable {
        public let at: Instant
        public let equity: Money
        public init(at: Instant, equity: Money) {
            self.at = at
            self.equity = equity
        }
    }

    public struct Drawdown: Hashable, Sendable {
        public let at: Instant
        /// The highest equity so far.
        public let highWaterMark: Money
        /// Equity less high-water mark: zero or negative.
        public let amount: Money
        /// The same as a share of the high-water mark, rounded down (the deeper way); zero if that mark is not positive.
        public let fraction: Fraction
    }

    /// The deepest fall and how it ended.
    public struct MaximumDrawdown: Hashable, Sendable {
        public let peakAt: Instant
        public let troughAt: Instant
        /// The first mark back at the old high; `nil` while under water.
        public let recoveredAt: Instant?
        public let amount: Money
        public let fraction: Fraction
    }

    public struct DayProfit: Hashable, Sendable {
        public let day: CivilDate
        /// Last mark of the day less last mark of the day before (for the first day: less its own first mark), deposits
        /// of the day taken out.
        public let profit: Money
        /// The equity the day began with.
        public let opening: Money
    }

    public private(set) var marks: [Mark] = []
    public let currency: Currency

    /// An empty curve.
    public init(currency: Currency) { self.currency = currency }

    /// Marks must be in order of time and in one currency.
    public init(_ marks: [(at: Instant, equity: Money)], currency: Currency) throws(LedgerError) {
        self.init(currency: currency)
        for mark in marks { try append(mark.equity, at: mark.at) }
    }

    /// A mark at the instant of the last one replaces it.
    public mutating func append(_ equity: Money, at: Instant) throws(LedgerError) {
        guard equity.currency == currency else {
            throw .marksOutOfOrder(at, "it is in \(equity.currency), the curve in \(currency)")
        }
        if let last = marks.last {
            guard last.at <= at else { throw .marksOutOfOrder(at, "the last mark is of \(last.at)") }
            if last.at == at { marks.removeLast() }
        }
        marks.append(Mark(at: at, equity: equity))
    }

    public var last: Mark? { marks.last }

    /// The highest equity so far; `nil` without marks.
    public var highWaterMark: Mark? {
        marks.reduce(nil) { (best: Mark?, mark) in
            guard let best, best.equity.amount >= mark.equity.amount else { return mark }
            return best
        }
    }

    /// One value per mark.
    public func drawdowns() throws(LedgerError) -> [Drawdown] {
        var high: Money?
        var result: [Drawdown] = []
        result.reserveCapacity(marks.count)
        for mark in marks {
            let top = high.map { $0.amount >= mark.equity.amount ? $0 : mark.equity } ?? mark.equity
            high = top
            result.append(
                try booking("measuring the drawdown at \(mark.at)") { () throws(ArithmeticError) in
                    let amount = try mark.equity - top
                    let share =
                        top.amount.isPositive ? try amount.amount.divided(by: top.amount, rounding: .down) : .zero
                    return Drawdown(at: mark.at, highWaterMark: top, amount: amount, fraction: Fraction(share))
                })
        }
        return result
    }

    public func currentDrawdown() throws(LedgerError) -> Drawdown? { try drawdowns().last }

    /// By fraction; the first of equals. `nil` without marks or when equity never fell.
    public func maximumDrawdown() throws(LedgerError) -> MaximumDrawdown? {
        let series = try drawdowns()
        guard let deepest = series.indices.min(by: { series[$0].fraction < series[$1].fraction }),
            series[deepest].amount.isNegative
        else { return nil }
        let high = series[deepest].highWaterMark
        let peak = marks[...deepest].lastIndex { $0.equity == high } ?? deepest
        let recovery = marks[deepest...].firstIndex { $0.equity.amount >= high.amount }
        return MaximumDrawdown(
            peakAt: marks[peak].at, troughAt: series[deepest].at, recoveredAt: recovery.map { marks[$0].at },
            amount: series[deepest].amount, fraction: series[deepest].fraction)
    }

    /// The profit of each day that has a mark. `day` tells an instant's day in the zone the report is made for;
    /// `deposits` are cash movements from outside, in the currency of the curve, which are no profit.
    public func dailyProfits(
        deposits: [(at: Instant, money: Money)] = [], day: (Instant) -> CivilDate
    ) throws(LedgerError) -> [DayProfit] {
        var result: [DayProfit] = []
        var opening: Mark?
        var index = 0
        while index < marks.count {
            let today = day(marks[index].at)
            let start = opening ?? marks[index]
            var end = index
            while end + 1 < marks.count, day(marks[end + 1].at) == today { end += 1 }
            let closing = marks[end]
            let profit = try booking("measuring the profit of \(today)") { () throws(ArithmeticError) in
                var profit = try closing.equity - start.equity
                for deposit in deposits where start.at < deposit.at && deposit.at <= closing.at {
                    profit = try profit - deposit.money
                }
                return profit
            }
            result.append(DayProfit(day: today, profit: profit, opening: start.equity))
            opening = closing
            index = end + 1
        }
        return result
    }
}
