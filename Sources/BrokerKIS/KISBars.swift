public import Core

/// A day of an exchange by its own clock: on some the Korean session runs an hour later.
public struct KISSessionDay: Hashable, Sendable {
    public let date: CivilDate
    /// Seconds since midnight.
    public let openSecond: Int
    public let closeSecond: Int

    public init(date: CivilDate, openSecond: Int, closeSecond: Int) {
        (self.date, self.openSecond, self.closeSecond) = (date, openSecond, closeSecond)
    }
}

/// Bars of minutes and of days from KIS, raw: not adjusted for what came later.
///
/// Korean shares come in single minutes, shares abroad in whatever minutes are asked for. The print of the Korean closing auction,
/// which KIS dates at the close itself, is put into the last minute of the session.
public struct KISBars: Sendable {
    private let caller: any KISCaller
    private let directory: KISDirectory
    private let clock: any WallClock

    public init(_ connection: KISConnection, instruments: [Instrument], clock: any WallClock) {
        self.init(connection.client, instruments: instruments, clock: clock)
    }

    init(_ caller: any KISCaller, instruments: [Instrument], clock: any WallClock) {
        self.caller = caller
        self.clock = clock
        directory = KISDirectory(instruments, broker: .kis)
    }

    /// What an answer holds, and in bars of how many minutes.
    public struct Answer: Sendable {
        public let minutes: Int
        /// Closed ones, ascending.
        public let bars: [Bar]
        /// Why the answer may lack bars.
        public let problems: [String]
    }

    /// - Parameters:
    ///   - minutes: What the bars are wanted in.
    ///   - since: Older bars are not wanted, though some may come along.
    ///   - days: Those of the exchange to read, ascending; of a foreign exchange all since then.
    /// - Returns: `nil` for an instrument that KIS does not serve.
    public func bars(
        of instrument: Instrument, minutes: Int, since: Instant, on days: [KISSessionDay]
    ) async throws(KISFailure) -> Answer? {
        guard let ticker = directory.ticker(of: instrument) else { return nil }
        guard !days.isEmpty else { return Answer(minutes: minutes, bars: [], problems: []) }
        do throws(KISError) {
            guard ticker.market == .krx else {
                let source = OverseasMinuteBars(
                    market: ticker.market, code: ticker.code, minutes: minutes, clock: clock)
                let listing = try await source.read(since: since, from: caller)
                return Answer(minutes: minutes, bars: listing.items, problems: listing.problems)
            }
            let today = KISZone.seoul.date(clock.now())
            var bars: [Bar] = []
            var problems: [String] = []
            for day in days where day.date <= today {
                let date = day.date
                let source = DomesticMinuteBars(
                    code: ticker.code, open: day.openSecond, closingAuction: day.closeSecond, clock: clock)
                let listing =
                    try await date == today
                    ? source.today(since: since, from: caller) : source.past(date, from: caller)
                bars += Self.withAuction(
                    listing.items, closing: KISZone.seoul.instant(of: date, secondOfDay: day.closeSecond))
                problems += listing.problems
            }
            return Answer(minutes: 1, bars: bars, problems: problems)
        } catch { throw KISFailure(error) }
    }

    /// What an answer holds of days.
    public struct DailyAnswer: Hashable, Sendable {
        /// Ascending; a day without a trade has none.
        public let bars: [KISDayBar]
        /// Why the answer may lack days.
        public let problems: [String]
    }

    /// Both ends are days of the exchange. A session under way is listed with what there is of it, so ask through the last
    /// one that is over.
    ///
    /// - Returns: `nil` for an instrument that KIS does not serve.
    public func dailyBars(
        of instrument: Instrument, from: CivilDate, through: CivilDate
    ) async throws(KISFailure) -> DailyAnswer? {
        guard let ticker = directory.ticker(of: instrument) else { return nil }
        guard from <= through else { return DailyAnswer(bars: [], problems: []) }
        do throws(KISError) {
            let listing =
                try await ticker.market == .krx
                ? DomesticDailyBars(code: ticker.code, from: from, through: through, clock: clock).read(from: caller)
                : OverseasDailyBars(
                    market: ticker.market, code: ticker.code, from: from, through: through, clock: clock
                ).read(from: caller)
            return DailyAnswer(bars: listing.items, problems: listing.problems)
        } catch { throw KISFailure(error) }
    }

    /// The print of the closing auction belongs to the session that it ends.
    static func withAuction(_ bars: [Bar], closing close: Instant) -> [Bar] {
        guard let index = bars.firstIndex(where: { $0.openAt == close }) else {
            return bars.filter { $0.openAt < close }
        }
        var auction = bars[index]
        var session = bars.filter { $0.openAt < close }
        let lastMinute = close.advanced(bySeconds: -60)
        if let last = session.last, last.openAt == lastMinute {
            session.removeLast()
            auction.open = last.open
            auction.high = max(last.high, auction.high)
            auction.low = min(last.low, auction.low)
            auction.volume = (try? last.volume + auction.volume) ?? auction.volume
        }
        auction.openAt = lastMinute
        return session + [auction]
    }
}
