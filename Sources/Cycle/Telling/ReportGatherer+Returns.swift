internal import Core
internal import Ledger
internal import Reporting
internal import Sessions
internal import Settings
internal import Store

/// What was earned over time: deposits and withdrawals are neither profit nor loss.
extension ReportGatherer {
    /// The marks as the report draws them, each with what was paid in since the one before.
    func curve(_ marks: [Store::EquityMark], _ rows: ReportRowMaker) throws -> [Reporting::EquityMark] {
        try zip([nil] + marks, marks).map { before, mark in
            rows.mark(mark, flow: try before.map { try flow(from: $0, to: mark) } ?? .zero)
        }
    }

    func periods(
        _ books: Books, _ marks: [Store::EquityMark], from: CivilDate, through: CivilDate, _ calendar: ExchangeCalendar
    ) throws -> [ProfitPeriod] {
        let equity = marks.last?.equity ?? books.portfolio.equity
        let contained = try marks.last?.paidIn ?? books.paidIn
        let paidIn = Money(
            try EquityMarks.inBase(contained.mapValues { PreciseAmount($0) }, books.marks), settings.baseCurrency)
        // A week ends on its last day of trading, not on its Sunday.
        let day = min(through, marks.last.map { calendar.localDate(of: $0.at) } ?? through)
        let whole: [(String, CivilDate?)] = from == through ? [] : [("Period", from)]
        let spans =
            whole + [
                ("Day", day), ("Week", day.advanced(byDays: 1 - day.isoWeekday)),
                ("Month", CivilDate(year: day.year, month: day.month, day: 1)),
                ("Year", CivilDate(year: day.year, month: 1, day: 1)), ("All", nil),
            ]
        return try spans.map { label, day in
            let before =
                try day.flatMap { day -> Money? in
                    let opening = calendar.zone.instant(of: day, secondOfDay: 0)
                    let mark = try reader.latestEquityMark(
                        brokerScope: EquityMarks.allBrokers, asOf: Instant(microseconds: opening.microseconds - 1))
                    guard let mark else { return nil }
                    let flow = try EquityMarks.flows(from: mark.paidIn, to: contained, books.marks)
                    return try Money(mark.equity.amount + flow, mark.equity.currency)
                } ?? paidIn
            let profit = try equity - before
            let share =
                before.amount.isPositive
                ? Fraction(try profit.amount.divided(by: before.amount, rounding: .halfEven)) : nil
            return ProfitPeriod(label: label, profit: profit, share: share)
        }
    }

    /// Returns of the days so far, from the last mark of each. What was paid in during a day counts as there from its
    /// beginning; a day that began with nothing has no return.
    func history(through end: Instant, _ calendar: ExchangeCalendar) throws -> [DayReturn] {
        let marks = try reader.equityMarks(ListFilter(until: end), brokerScope: EquityMarks.allBrokers)
        var closing: [(day: CivilDate, mark: Store::EquityMark)] = []
        for mark in marks {
            let day = calendar.localDate(of: mark.at)
            if closing.last?.day == day { closing.removeLast() }
            closing.append((day, mark))
        }
        return try zip(closing, closing.dropFirst()).compactMap { before, after in
            let opening = try before.mark.equity.amount + flow(from: before.mark, to: after.mark)
            guard opening.isPositive else { return nil }
            return DayReturn(
                day: after.day, value: after.mark.equity.amount.doubleValue / opening.doubleValue - 1)
        }
    }

    /// What was paid in between two marks, in the base currency at the rates of the later one.
    private func flow(from before: Store::EquityMark, to after: Store::EquityMark) throws -> FixedPoint {
        guard before.paidIn != after.paidIn else { return .zero }
        var marks = Books.rates(settings, at: after.at)
        for rate in try reader.latestExchangeRates(base: settings.baseCurrency, asOf: after.at) {
            marks.set(rate.currency, perBase: rate.rate, asOf: rate.at, source: rate.source)
        }
        return try EquityMarks.flows(from: before.paidIn, to: after.paidIn, marks)
    }
}
