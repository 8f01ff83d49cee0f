import Core
import MarketData
import Sessions
import Testing

@Suite("Bars from ticks")
struct TickBarBuilderTests {
    private static let open = "2026-11-24T14:30:00Z"

    private static func builder(
        _ timeframe: Timeframe = .fiveMinutes, mic: String = "XNAS", start: String = open, lastClose: Price? = nil,
        rules: TickBarBuilder.Rules = .init()
    ) throws -> TickBarBuilder {
        TickBarBuilder(
            timeframe: timeframe, calendar: try TestData.calendar(mic), startingAt: try TestData.instant(start),
            lastClose: lastClose, rules: rules)
    }

    /// A trade at a clock time of 2026-11-24 UTC, in whole cents.
    private static func tick(
        _ clock: String, _ cents: Int = 10_000, _ quantity: Int = 100, sequence: Int64 = 0, id: String? = nil
    ) throws -> Tick {
        Tick(
            price: BarSamples.cents(cents), quantity: Quantity(quantity), at: try at(clock), sequence: sequence, id: id)
    }

    private static func at(_ clock: String) throws -> Instant {
        try TestData.instant(clock.count > 15 ? clock : "2026-11-24T\(clock)Z")
    }

    private static func text(_ built: BuiltBar) -> String {
        let bar = built.bar
        return "\(bar.openAt.description.dropFirst(11).prefix(5)) #\(built.edition) \(bar.open) \(bar.high) \(bar.low) "
            + "\(bar.close) \(bar.volume) of \(built.ticks)" + (built.isPartial ? " partial" : "")
    }

    private static func text(_ events: [TickBarEvent]) -> [String] {
        events.map { event in
            switch event {
            case .closed(let built): "closed \(text(built))"
            case .late(let tick, let built): "late \(tick.price) \(text(built))"
            case .refused(let tick, let reason): "refused \(tick.price) \(reason.rawValue)"
            case .quiet(let slot): "quiet \(slot.openAt.description.dropFirst(11).prefix(5))"
            case .doubtful(let slot): "doubtful \(slot.openAt.description.dropFirst(11).prefix(5))"
            case .unobserved(let from, let until): "unobserved \(from) \(until)"
            case .clockWentBack(let from, let to): "clock \(from) \(to)"
            }
        }
    }

    // MARK: Bars

    @Test("A bar takes open and close by exchange time and sequence, and ends at its close plus the grace")
    func oneBar() throws {
        var builder = try Self.builder()
        let ticks = [
            try Self.tick("14:31:00", 10_050, 10), try Self.tick("14:30:00", 10_010, 20, sequence: 2),
            try Self.tick("14:34:59.999", 10_020, 30, sequence: 1), try Self.tick("14:30:00", 10_000, 40, sequence: 1),
            try Self.tick("14:34:59.999", 10_030, 50, sequence: 2), try Self.tick("14:33:00", 9_980, 60),
        ]
        for tick in ticks { #expect(builder.take(tick).isEmpty) }
        #expect(builder.advance(to: try Self.at("14:35:01.999")).isEmpty)
        // The next bar is in progress already; it does not disturb.
        #expect(builder.take(try Self.tick("14:35:00", 10_040)).isEmpty)
        let events = builder.advance(to: try Self.at("14:35:02"))
        #expect(Self.text(events) == ["closed 14:30 #0 100 100.5 99.8 100.3 210 of 6"])
        guard case .closed(let built) = try #require(events.first) else { return }
        #expect(built.bar.source == .stream)
        #expect(built.slot.closeAt == (try Self.at("14:35:00")))
        #expect(builder.advance(to: try Self.at("14:35:03")).isEmpty)
    }

    @Test("A slot without trades has no bar and says so; weekends and nights say nothing")
    func quiet() throws {
        var builder = try Self.builder(.oneHour, start: "2026-11-24T19:30:00Z")
        _ = builder.take(try Self.tick("20:45:00"))
        #expect(
            Self.text(builder.advance(to: try Self.at("2026-11-25T15:30:02Z"))) == [
                "quiet 19:30", "closed 20:30 #0 100 100 100 100 100 of 1", "quiet 14:30",
            ])
        // Thanksgiving, then a half day whose last bar is short.
        #expect(builder.advance(to: try Self.at("2026-11-27T17:59:59Z")).count == 6 + 3)
        _ = builder.take(try Self.tick("2026-11-27T17:59:59Z"))
        let later = builder.advance(to: try Self.at("2026-11-27T18:00:02Z"))
        #expect(later.count == 1)
        #expect(Self.text(later).last == "closed 17:30 #0 100 100 100 100 100 of 1")
    }

    @Test("The bar in progress at the start and bars around an interruption are partial, not whole")
    func partial() throws {
        var builder = try Self.builder(start: "2026-11-24T14:32:00Z")
        #expect(Self.text(builder.take(try Self.tick("14:29:00"))) == ["refused 100 outside-session"])
        _ = builder.take(try Self.tick("14:33:00"))
        _ = builder.take(try Self.tick("14:36:00"))
        builder.interrupted(from: try Self.at("14:41:00"), until: try Self.at("14:46:00"))
        _ = builder.take(try Self.tick("14:47:00"))
        _ = builder.take(try Self.tick("14:52:00"))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:55:02"))) == [
                "closed 14:30 #0 100 100 100 100 100 of 1 partial", "closed 14:35 #0 100 100 100 100 100 of 1",
                "unobserved 2026-11-24T14:40:00Z 2026-11-24T14:45:00Z",
                "closed 14:45 #0 100 100 100 100 100 of 1 partial", "closed 14:50 #0 100 100 100 100 100 of 1",
            ])
    }

    // MARK: Late ticks

    @Test("A tick after the grace makes a further edition, also of a bar that had been quiet")
    func late() throws {
        var builder = try Self.builder()
        _ = builder.take(try Self.tick("14:31:00", 10_000))
        _ = builder.take(try Self.tick("14:33:00", 10_010))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:40:02"))) == [
                "closed 14:30 #0 100 100.1 100 100.1 200 of 2", "quiet 14:35",
            ])
        #expect(
            Self.text(builder.take(try Self.tick("14:30:30", 9_990, 5)))
                == ["late 99.9 14:30 #1 99.9 100.1 99.9 100.1 205 of 3"])
        #expect(
            Self.text(builder.take(try Self.tick("14:34:00", 10_020, 5)))
                == ["late 100.2 14:30 #2 99.9 100.2 99.9 100.2 210 of 4"])
        #expect(
            Self.text(builder.take(try Self.tick("14:36:00", 10_000, 7)))
                == ["late 100 14:35 #0 100 100 100 100 7 of 1"])
        #expect(builder.refusals.isEmpty)
    }

    @Test("Beyond the time in which a bar can be revised a tick is named as too late, with the day if that differs")
    func tooLate() throws {
        var builder = try Self.builder(rules: .init(revisable: .seconds(600)))
        _ = builder.advance(to: try Self.at("14:38:00"))
        _ = builder.advance(to: try Self.at("14:45:01.999"))
        #expect(Self.text(builder.take(try Self.tick("14:34:00"))) == ["late 100 14:30 #0 100 100 100 100 100 of 1"])
        _ = builder.advance(to: try Self.at("14:45:02"))
        #expect(Self.text(builder.take(try Self.tick("14:34:00"))) == ["refused 100 too-late"])
        #expect(builder.tickCount == 0)
        // A clock that goes on by itself, as one does overnight.
        let morning = try Self.at("2026-11-25T14:31:00Z")
        while let clock = builder.clock, clock < morning { _ = builder.advance(to: clock.advanced(bySeconds: 500)) }
        #expect(Self.text(builder.take(try Self.tick("20:59:00"))) == ["refused 100 other-day"])
        #expect(builder.refusals == [.tooLate: 1, .otherDay: 1])
    }

    // MARK: What is refused

    @Test("Every unusable tick is named and counted, and none reaches a bar")
    func refusals() throws {
        var builder = try Self.builder(start: "2026-11-24T15:00:00Z", lastClose: Price(100))
        _ = builder.advance(to: try Self.at("15:01:00"))
        let cases: [(Tick, TickRefusal)] = [
            (try Self.tick("15:00:30", 0), .nonPositivePrice), (try Self.tick("15:00:30", -1), .nonPositivePrice),
            (try Self.tick("15:00:30", 10_000, 0), .nonPositiveQuantity),
            (try Self.tick("15:00:30", 10_000, -5), .nonPositiveQuantity),
            (try Self.tick("14:29:59.999999"), .outsideSession), (try Self.tick("21:00:00"), .outsideSession),
            (try Self.tick("2026-11-26T15:00:00Z"), .outsideSession),
            (try Self.tick("2031-11-24T15:00:00Z"), .outsideCalendar),
            (try Self.tick("14:59:59"), .beforeStart), (try Self.tick("2026-11-23T15:00:00Z"), .beforeStart),
            (try Self.tick("15:02:00.000001"), .fromTheFuture), (try Self.tick("2026-11-25T15:00:00Z"), .fromTheFuture),
        ]
        for (tick, reason) in cases { #expect(builder.take(tick) == [.refused(tick, reason)]) }
        _ = builder.take(try Self.tick("15:00:10", 10_000, 1, id: "a"))
        #expect(Self.text(builder.take(try Self.tick("15:00:10", 10_000, 1, id: "a"))) == ["refused 100 duplicate"])
        #expect(Self.text(builder.take(try Self.tick("15:00:11", 10_100, 1, id: "a"))) == ["refused 101 duplicate"])
        _ = builder.take(try Self.tick("15:00:12", 100_000, 1))
        _ = builder.take(try Self.tick("15:00:13", 1_000, 1))
        #expect(
            Self.text(builder.advance(to: try Self.at("15:05:02"))) == [
                "refused 1000 far-off", "refused 10 far-off", "closed 15:00 #0 100 100 100 100 1 of 1",
            ])
        #expect(builder.refusals.values.reduce(0, +) == cases.count + 2 + 2)
        #expect(builder.refusals[.farOff] == 2)
        // A far-off tick that comes late is told at once and changes nothing.
        #expect(Self.text(builder.take(try Self.tick("15:00:14", 100_000))) == ["refused 1000 far-off"])
    }

    @Test("In a lunch break nothing trades, and a bar before it ends with it")
    func lunch() throws {
        var builder = try Self.builder(.oneHour, mic: "XHKG", start: "2026-11-24T01:30:00Z")
        _ = builder.take(try Self.tick("03:59:59"))
        #expect(Self.text(builder.take(try Self.tick("04:00:00"))) == ["refused 100 outside-session"])
        _ = builder.take(try Self.tick("05:00:00"))
        #expect(
            Self.text(builder.advance(to: try Self.at("04:00:02"))).last == "closed 03:30 #0 100 100 100 100 100 of 1")
        #expect(
            Self.text(builder.advance(to: try Self.at("06:00:02"))) == ["closed 05:00 #0 100 100 100 100 100 of 1"])
        // The daily bar spans the break, but no tick of the break is in it.
        var daily = try Self.builder(.oneDay, mic: "XHKG", start: "2026-11-24T01:30:00Z")
        _ = daily.take(try Self.tick("03:59:59"))
        #expect(Self.text(daily.take(try Self.tick("04:30:00"))) == ["refused 100 outside-session"])
        _ = daily.take(try Self.tick("07:59:59"))
        #expect(
            Self.text(daily.advance(to: try Self.at("08:00:02"))) == ["closed 01:30 #0 100 100 100 100 200 of 2"])
    }

    @Test("A market that jumps is believed: at once with three trades, in the second bar with single ones")
    func jumps() throws {
        var busy = try Self.builder(lastClose: Price(100))
        for second in 10..<13 { _ = busy.take(try Self.tick("14:30:\(second)", 5_000)) }
        #expect(Self.text(busy.advance(to: try Self.at("14:35:02"))) == ["closed 14:30 #0 50 50 50 50 300 of 3"])

        var thin = try Self.builder(lastClose: Price(100))
        _ = thin.take(try Self.tick("14:31:00", 5_000))
        _ = thin.take(try Self.tick("14:41:00", 5_100))
        _ = thin.take(try Self.tick("14:46:00", 100_000))
        _ = thin.take(try Self.tick("14:51:00", 5_050))
        #expect(
            Self.text(thin.advance(to: try Self.at("14:55:02"))) == [
                "refused 50 far-off", "doubtful 14:30", "quiet 14:35", "closed 14:40 #0 51 51 51 51 100 of 1",
                "refused 1000 far-off", "doubtful 14:45", "closed 14:50 #0 50.5 50.5 50.5 50.5 100 of 1",
            ])
    }

    @Test("A refused price does not become good by repetition beside good ones")
    func staleQuote() throws {
        var builder = try Self.builder(lastClose: Price(100))
        _ = builder.take(try Self.tick("14:31:00", 100_000))
        _ = builder.take(try Self.tick("14:36:00", 100_000))
        _ = builder.take(try Self.tick("14:37:00", 10_010))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:40:02"))) == [
                "refused 1000 far-off", "doubtful 14:30", "refused 1000 far-off",
                "closed 14:35 #0 100.1 100.1 100.1 100.1 100 of 1",
            ])
    }

    @Test("The next bar is measured against the close that a late tick has changed")
    func lateClose() throws {
        var builder = try Self.builder(lastClose: Price(100))
        _ = builder.take(try Self.tick("14:31:00", 10_000))
        _ = builder.advance(to: try Self.at("14:35:02"))
        _ = builder.take(try Self.tick("14:34:00", 11_800))
        _ = builder.take(try Self.tick("14:36:00", 14_000))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:40:02"))) == ["closed 14:35 #0 140 140 140 140 100 of 1"])
    }

    @Test("Memory is bounded: ticks over the limit and volumes out of range are refused by name")
    func limits() throws {
        var builder = try Self.builder(rules: .init(tickLimit: 3))
        for second in 10..<13 { #expect(builder.take(try Self.tick("14:30:\(second)")).isEmpty) }
        #expect(Self.text(builder.take(try Self.tick("14:30:13"))) == ["refused 100 over-limit"])
        #expect(Self.text(builder.take(try Self.tick("14:35:13"))) == ["refused 100 over-limit"])
        #expect(builder.tickCount == 3)
        var wide = try Self.builder()
        let most = Quantity(try FixedPoint(units: FixedPoint.magnitudeLimit))
        let huge = Tick(price: Price(100), quantity: most, at: try Self.at("14:30:10"))
        #expect(wide.take(huge).isEmpty)
        #expect(Self.text(wide.take(try Self.tick("14:30:11"))) == ["refused 100 over-limit"])
        #expect(Self.text(wide.advance(to: try Self.at("14:35:02"))).count == 1)
    }

    // MARK: The clock

    @Test("A clock that ran ahead and is set back: the bars it ended too early end again, complete")
    func clockBack() throws {
        var builder = try Self.builder()
        _ = builder.take(try Self.tick("14:31:00", 10_000))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:46:00"))) == [
                "closed 14:30 #0 100 100 100 100 100 of 1", "quiet 14:35", "quiet 14:40",
            ])
        #expect(
            Self.text(builder.advance(to: try Self.at("14:32:00")))
                == ["clock 2026-11-24T14:46:00Z 2026-11-24T14:32:00Z"])
        #expect(builder.clock == (try Self.at("14:32:00")))
        #expect(builder.take(try Self.tick("14:33:00", 10_020)).isEmpty)
        #expect(
            Self.text(builder.advance(to: try Self.at("14:35:02"))) == ["closed 14:30 #1 100 100.2 100 100.2 200 of 2"])
        // A step of a second across a close changes nothing and says nothing twice.
        _ = builder.advance(to: try Self.at("14:35:01"))
        #expect(builder.advance(to: try Self.at("14:35:03")).isEmpty)
        _ = builder.take(try Self.tick("14:36:00", 10_030))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:40:02")))
                == ["closed 14:35 #0 100.3 100.3 100.3 100.3 100 of 1"])
    }

    @Test("A clock set back into a lunch break opens the afternoon again")
    func clockBackIntoLunch() throws {
        var builder = try Self.builder(.oneHour, mic: "XHKG", start: "2026-11-24T01:30:00Z")
        _ = builder.advance(to: try Self.at("06:00:02"))
        _ = builder.advance(to: try Self.at("04:30:00"))
        #expect(
            builder.take(try Self.tick("05:00:30", 10_000)) == [.refused(try Self.tick("05:00:30"), .fromTheFuture)])
        _ = builder.advance(to: try Self.at("05:00:30"))
        #expect(builder.take(try Self.tick("05:00:30")).isEmpty)
        #expect(
            Self.text(builder.advance(to: try Self.at("06:00:02"))) == ["closed 05:00 #0 100 100 100 100 100 of 1"])
    }

    @Test("A clock that leaps years ahead gives one stretch, not a million quiet bars, and comes back")
    func leap() throws {
        var builder = try Self.builder()
        _ = builder.take(try Self.tick("14:31:00"))
        #expect(
            Self.text(builder.advance(to: try Self.at("2027-11-24T14:31:00Z"))) == [
                "unobserved 2026-11-24T14:30:00Z 2027-11-24T14:30:58Z",
                "closed 14:30 #0 100 100 100 100 100 of 1 partial",
            ])
        _ = builder.advance(to: try Self.at("14:32:00"))
        #expect(builder.take(try Self.tick("14:31:30")).isEmpty)
        _ = builder.take(try Self.tick("14:32:30"))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:35:02")))
                == ["closed 14:30 #1 100 100 100 100 300 of 3 partial"])
        _ = builder.take(try Self.tick("14:36:00"))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:40:02"))) == ["closed 14:35 #0 100 100 100 100 100 of 1"])
    }

    @Test("A clock that leaps ahead by hours and is set back loses no tick, of before, during or after the leap")
    func hoursAhead() throws {
        var builder = try Self.builder()
        _ = builder.advance(to: try Self.at("14:31:00"))
        _ = builder.take(try Self.tick("14:31:00", 10_000))
        #expect(
            Self.text(builder.advance(to: try Self.at("17:32:00"))).first == "closed 14:30 #0 100 100 100 100 100 of 1")
        for second in 1...5 { _ = builder.advance(to: try Self.at("17:32:0\(second)")) }
        #expect(
            Self.text(builder.take(try Self.tick("14:32:05", 10_010))) == [
                "late 100.1 14:30 #1 100 100.1 100 100.1 200 of 2"
            ])
        // Over a restart too.
        builder = try TickBarBuilder(
            restoring: builder.state, timeframe: .fiveMinutes, calendar: TestData.calendar("XNAS"))
        _ = builder.advance(to: try Self.at("17:32:06"))
        _ = builder.advance(to: try Self.at("14:32:07"))
        #expect(builder.take(try Self.tick("14:33:00", 10_020)).isEmpty)
        #expect(
            Self.text(builder.advance(to: try Self.at("14:35:02"))) == ["closed 14:30 #2 100 100.2 100 100.2 300 of 3"])
        #expect(builder.refusals.isEmpty)
    }

    @Test("A leap that a tick bears out is believed: what is too old for the new time is forgotten")
    func leapBorneOut() throws {
        var builder = try Self.builder()
        _ = builder.take(try Self.tick("14:31:00"))
        _ = builder.advance(to: try Self.at("14:32:00"))
        _ = builder.advance(to: try Self.at("17:32:00"))
        #expect(builder.tickCount == 1)
        _ = builder.take(try Self.tick("17:32:00"))
        _ = builder.advance(to: try Self.at("17:35:02"))
        #expect(builder.tickCount == 1)
        #expect(Self.text(builder.take(try Self.tick("14:33:00"))) == ["refused 100 too-late"])
        // Without a tick it is believed after as much time as bars can be revised.
        var quiet = try Self.builder(rules: .init(revisable: .seconds(600)))
        _ = quiet.take(try Self.tick("14:31:00"))
        for clock in ["14:32:00", "15:32:00", "15:40:00"] { _ = quiet.advance(to: try Self.at(clock)) }
        #expect(quiet.tickCount == 1)
        _ = quiet.advance(to: try Self.at("15:45:02"))
        #expect(quiet.tickCount == 0)
    }

    @Test("Bars that a clock made forgotten before it was set back are partial, not whole")
    func forgottenByTheClock() throws {
        var builder = try Self.builder(rules: .init(revisable: .seconds(600)))
        _ = builder.take(try Self.tick("14:31:00"))
        // It creeps ahead, so that no leap is seen.
        for minute in 32...59 { _ = builder.advance(to: try Self.at("14:\(minute):00")) }
        #expect(Self.text(builder.take(try Self.tick("14:34:00"))) == ["refused 100 too-late"])
        _ = builder.advance(to: try Self.at("14:34:00"))
        _ = builder.take(try Self.tick("14:34:30"))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:35:02"))) == [
                "closed 14:30 #0 100 100 100 100 100 of 1 partial"
            ])
    }

    @Test("An interruption is not forgotten when the clock steps back behind it")
    func stepBackBehindAnInterruption() throws {
        var builder = try Self.builder()
        _ = builder.advance(to: try Self.at("14:32:10"))
        builder.interrupted(from: try Self.at("14:32:08"), until: try Self.at("14:32:10"))
        _ = builder.advance(to: try Self.at("14:32:07"))
        _ = builder.take(try Self.tick("14:33:00"))
        #expect(
            Self.text(builder.advance(to: try Self.at("14:35:02")))
                == ["closed 14:30 #0 100 100 100 100 100 of 1 partial"])
    }

    @Test("A revision of a partial bar is partial, as long as it can be revised")
    func partialRevision() throws {
        var builder = try Self.builder(rules: .init(revisable: .seconds(600)))
        builder.interrupted(from: try Self.at("14:30:30"), until: try Self.at("14:31:00"))
        _ = builder.take(try Self.tick("14:32:00"))
        #expect(Self.text(builder.advance(to: try Self.at("14:35:02"))).first?.hasSuffix("partial") == true)
        // The interruption ended more than the revisable time ago, the bar did not.
        for minute in 36...44 { _ = builder.advance(to: try Self.at("14:\(minute):00")) }
        _ = builder.advance(to: try Self.at("14:45:01"))
        #expect(
            Self.text(builder.take(try Self.tick("14:34:00")))
                == ["late 100 14:30 #1 100 100 100 100 200 of 2 partial"])
    }
}
