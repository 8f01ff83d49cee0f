public import Core
public import Sessions
public import Settings

/// One run of one step for one cycle: the context, the cycle and the moment it started.
public struct Beat: Sendable {
    public let context: CycleContext
    public let cycle: CycleID
    public let profile: Profile
    /// Read once at the start: everything the step decides is as of this instant.
    public private(set) var now: Instant
    public let isDryRun: Bool
    /// Runs the step again though it has succeeded.
    public let isForced: Bool
    public private(set) var attempt = 1

    public init(
        context: CycleContext, cycle: CycleID, profile: Profile, now: Instant, isDryRun: Bool = false,
        isForced: Bool = false
    ) {
        self.context = context
        self.cycle = cycle
        self.profile = profile
        self.now = now
        self.isDryRun = isDryRun
        self.isForced = isForced
    }

    /// The same beat as of this moment.
    func refreshed() -> Beat {
        var beat = self
        beat.now = max(now, context.clock.now())
        return beat
    }

    func attempting(_ attempt: Int) -> Beat {
        var beat = self
        beat.attempt = attempt
        return beat
    }

    /// A member of the profile with what its exchange says about this cycle's bar.
    struct Member: Sendable {
        let instrument: Instrument
        /// Of its bars; see ``Sessions/CalendarBook/barCalendar(of:_:_:)``.
        let calendar: ExchangeCalendar
        /// The bar that closes at the cycle's instant; `nil` when the exchange has none then.
        let slot: BarSlot?
    }

    /// A member whose exchange has a bar that closes at the cycle's instant.
    struct SessionMember: Sendable {
        let instrument: Instrument
        let calendar: ExchangeCalendar
        let slot: BarSlot
    }

    func sessionMembers() throws(StepFailure) -> [SessionMember] {
        try members().compactMap { member in
            member.slot.map { SessionMember(instrument: member.instrument, calendar: member.calendar, slot: $0) }
        }
    }

    func members() throws(StepFailure) -> [Member] {
        var members: [Member] = []
        for symbol in profile.symbols.sorted() {
            let (instrument, calendar) = try context.barListing(of: symbol, profile)
            let slot = calendar.slot(closingAt: cycle.barClose, timeframe: profile.timeframe)
            members.append(Member(instrument: instrument, calendar: calendar, slot: slot))
        }
        return members
    }

    /// When the decision's window ends: one bar after the bar it was made from.
    var expiresAt: Instant {
        cycle.barClose.advanced(bySeconds: Int64(profile.timeframe.isDaily ? 86_400 : profile.timeframe.seconds))
    }

    /// The cycle's orders would come too late: the next bar has its own decision.
    var missedItsWindow: Bool { now >= expiresAt }
}

extension CycleContext {
    /// An instrument and the calendar it trades on.
    public func listing(of symbol: Symbol) throws(StepFailure) -> (Instrument, ExchangeCalendar) {
        guard let instrument = settings.instruments[symbol] else {
            throw StepFailure(
                code: "unknown-symbol", message: "\(symbol) is not listed in symbols.yaml.",
                hint: "Nothing was done for it. Add it to symbols.yaml or take it out of the profile.",
                isRetryable: false, exitCode: .configuration)
        }
        guard let calendar = calendars.calendar(instrument.exchange) else {
            throw StepFailure(
                code: "unknown-exchange",
                message: "There is no calendar of \(instrument.exchange), where \(symbol) trades.",
                hint: "Nothing was done for it. Known are: \(calendars.exchanges.map(\.text).joined(separator: ", ")).",
                isRetryable: false, exitCode: .configuration)
        }
        return (instrument, calendar)
    }

    /// What there is to say about the end of the calendars of a profile's exchanges.
    public func calendarNotices(of profile: Profile, at now: Instant) -> [String] {
        let exchanges = Set(profile.symbols.compactMap { settings.instruments[$0]?.exchange })
        return exchanges.sorted().compactMap { calendars.calendar($0)?.notice(at: now) }
    }

    /// The cycle of the last bar of the profile that has closed at `now`, over all its exchanges.
    public func lastClosedCycle(of profile: Profile, at now: Instant) throws(StepFailure) -> CycleID {
        guard !profile.timeframe.isDaily else {
            throw StepFailure(
                code: "no-daily-beat",
                message: "Profile '\(profile.name)' has daily bars, which this build cannot trade.",
                hint: "Nothing was done. Use bars of minutes or hours in `timeframe:` of trading.yaml.",
                isRetryable: false,
                exitCode: .configuration)
        }
        var close: Instant?
        for symbol in profile.symbols {
            let (_, calendar) = try barListing(of: symbol, profile)
            guard let slot = calendar.lastClosedSlot(at: now, timeframe: profile.timeframe) else { continue }
            close = max(close ?? slot.closeAt, slot.closeAt)
        }
        guard let close else {
            let notices = calendarNotices(of: profile, at: now)
            throw StepFailure(
                code: "no-bar", message: "No bar of profile '\(profile.name)' has closed at \(now).",
                hint: "Nothing was done. "
                    + (notices.isEmpty
                        ? "The exchange calendars know no session before this time; check --now and the clock."
                        : "Known is: \(notices.joined(separator: "; "))."),
                isRetryable: false, exitCode: .badInput)
        }
        return CycleID(profile: profile.name, barClose: close)
    }
}
