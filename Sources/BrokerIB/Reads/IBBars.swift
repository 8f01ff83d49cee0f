public import Core
public import Sessions

/// Bars of the past from IB: trades, adjusted for splits and nothing else, of the regular sessions unless more is asked for.
///
/// IB needs live permissions for the symbol, and what it lists has less volume than the live data, since it is filtered.
public struct IBBars: Sendable {
    private let connection: IBConnection
    private let contracts: IBContracts
    private let calendars: CalendarBook
    private let clock: IBClock
    /// Requests for one answer: a year of single minutes. IB allows some sixty in ten minutes.
    private static let requestLimit = 400
    /// Requests in a row that bring nothing: holidays are shorter.
    private static let emptyLimit = 4
    /// After a pacing violation the same request goes again, so often at most.
    private static let attempts = 3

    /// - Parameter calendars: For when a session began, of bars of a day.
    public init(
        _ connection: IBConnection, contracts: IBContracts, calendars: CalendarBook = .embedded
    ) {
        self.connection = connection
        self.contracts = contracts
        self.calendars = calendars
        clock = connection.clock
    }

    /// What an answer holds, and in bars of how many minutes.
    public struct Answer: Sendable {
        /// As asked for, or of a size of IB's that these can be made of.
        public let minutes: Int
        /// Closed ones, ascending.
        public let bars: [Bar]
        /// Why the answer may lack bars.
        public let problems: [String]
    }

    /// - Parameters:
    ///   - minutes: What the bars are wanted in; 1440 stands for a session each.
    ///   - since: The first bar that is wanted opens then, or later.
    ///   - until: The last one opens before; `nil` for now.
    /// - Returns: Without bars where IB has none. `nil` for bars that IB has no size for.
    /// - Throws: What keeps the contract from being found, and a first request from being answered. What goes wrong behind that
    ///   is told in ``Answer/problems``, with the bars that have come: those nearest to now.
    public func bars(
        of instrument: Instrument, minutes: Int, since: Instant, until: Instant? = nil, regularHoursOnly: Bool = true
    ) async throws(IBFailure) -> Answer? {
        guard let step = IBBarStep(minutes: minutes) else { return nil }
        let contract = try await contracts.contract(of: instrument)
        var walk = IBBarWalk(step: step, since: since, until: until)
        var problems: [String] = []
        var requests = 0
        var empty = 0
        while let (end, span) = walk.next(at: clock.wall.now()) {
            guard requests < Self.requestLimit, empty < Self.emptyLimit else {
                if requests >= Self.requestLimit { problems.append("more than \(requests) requests would be needed") }
                break
            }
            requests += 1
            do throws(IBFailure) {
                let bars = try await request(contract, step, end, span, regularHoursOnly)
                empty = bars.isEmpty ? empty + 1 : 0
                walk.took(bars)
            } catch {
                guard !walk.bars.isEmpty else { throw error }
                problems.append("\(error)")
                break
            }
        }
        let (bars, unread) = convert(walk.bars, of: instrument, contract, step)
        if unread > 0 {
            problems.append("\(unread) bars of days that the calendar of \(instrument.exchange) has no session on")
        }
        return Answer(
            minutes: Int(step.seconds / 60),
            bars: bars.filter { $0.openAt >= since && $0.openAt < (until ?? .init(microseconds: .max)) },
            problems: problems)
    }

    /// One request, at the pace that IB allows; no data is an answer without bars.
    private func request(
        _ contract: IBListedContract, _ step: IBBarStep, _ end: Instant?, _ span: IBBarSpan, _ regularHoursOnly: Bool
    ) async throws(IBFailure) -> [IBHistoricalBar] {
        var attempt = 1
        while true {
            let request = HistoricalDataRequest(
                requestID: await connection.nextRequestID(), contract: contract.contract, end: end,
                barSize: step.size, span: span, regularHoursOnly: regularHoursOnly)
            do throws(IBFailure) { return try await connection.historicalBars(request) } catch {
                guard case .tooFast = error, attempt < Self.attempts else { throw error }
                attempt += 1
            }
        }
    }

    /// Our bars, without the one that is not over, and how many belong to no session.
    private func convert(
        _ bars: [IBHistoricalBar], of instrument: Instrument, _ contract: IBListedContract, _ step: IBBarStep
    ) -> (bars: [Bar], unread: Int) {
        let now = clock.wall.now()
        let calendar = calendars.calendar(instrument.exchange)
        var unread = 0
        var converted: [Instant: Bar] = [:]
        for bar in bars {
            let openAt: Instant
            let closeAt: Instant
            switch bar.begin {
            case .instant(let instant): (openAt, closeAt) = (instant, instant.advanced(bySeconds: step.seconds))
            case .day(let date):
                guard let session = calendar?.session(on: date) else {
                    unread += 1
                    continue
                }
                (openAt, closeAt) = (session.open, session.close)
            }
            guard closeAt <= now else { continue }
            converted[openAt] = bar.bar(openAt: openAt, magnifier: contract.priceMagnifier)
        }
        return (converted.values.sorted { $0.openAt < $1.openAt }, unread)
    }
}

/// The way back through time, request by request, from the end to the first bar that is wanted.
struct IBBarWalk {
    private let step: IBBarStep
    private let since: Instant
    /// `nil` for now, which is the first request's only.
    private var end: Instant?
    private var isFirst = true
    private var asked: (end: Instant, span: IBBarSpan)?
    private(set) var bars: [IBHistoricalBar] = []
    private var isOver = false

    init(step: IBBarStep, since: Instant, until: Instant?) {
        self.step = step
        self.since = since
        end = until
    }

    /// What to ask for next; `nil` at the end of the way.
    mutating func next(at now: Instant) -> (end: Instant?, span: IBBarSpan)? {
        // What ends in the future ends now; IB is told no time then, and the bar that is being made comes along.
        let known = end.flatMap { $0 < now ? $0 : nil }
        let reach = known ?? now
        guard !isOver, since < reach else { return nil }
        let span = step.span(from: since, to: reach)
        asked = (reach, span)
        return (isFirst ? known : reach, span)
    }

    /// The answer to it. The next request ends where this one's bars begin; where there were none, a span earlier.
    mutating func took(_ new: [IBHistoricalBar]) {
        guard let asked else { return }
        isFirst = false
        bars += new
        let reached = asked.end.advanced(bySeconds: -asked.span.seconds)
        let first = new.map(\.begin.earliest).min() ?? reached
        // An answer that does not lead further back would be asked for again for ever.
        let next = min(first, asked.end.advanced(bySeconds: -1))
        isOver = next <= since
        end = next
    }
}

extension IBBarSpan {
    /// At least so long by the calendar.
    var seconds: Int64 {
        let day: Int64 = 86_400
        return switch unit {
        case .seconds: Int64(count)
        case .days: Int64(count) * day
        case .weeks: Int64(count) * 7 * day
        case .months: Int64(count) * 28 * day
        case .years: Int64(count) * 365 * day
        }
    }
}

extension IBBarTime {
    /// The bar begins then or later.
    fileprivate var earliest: Instant {
        switch self {
        case .instant(let instant): instant
        case .day(let date): date.startUTC
        }
    }
}

extension IBHistoricalBar {
    /// - Parameter magnifier: Prices are quoted in so many parts of the currency.
    fileprivate func bar(openAt: Instant, magnifier: Int64) -> Bar {
        let traded = volume.map { $0.isNegative ? .zero : $0 } ?? .zero
        return Bar(
            openAt: openAt, open: open.told(in: magnifier), high: high.told(in: magnifier),
            low: low.told(in: magnifier), close: close.told(in: magnifier), volume: traded,
            source: .ib)
    }
}
