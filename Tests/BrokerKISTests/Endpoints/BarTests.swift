import Core
import Testing

@testable import BrokerKIS

@Suite("Bars")
struct BarTests {
    // MARK: Scripts

    /// Rows of Korean minutes, newest first.
    private static func minutes(_ times: [String], on date: String = "20310304") -> String {
        let rows = times.map {
            """
            {"stck_bsop_date":"\(date)","stck_cntg_hour":"\($0)","stck_prpr":"70500","stck_oprc":"70600",
            "stck_hgpr":"70600","stck_lwpr":"70500","cntg_vol":"4120","acml_tr_pbmn":"573000000000"}
            """
        }
        return #"{"output1":{"stck_prpr":"70500"},"output2":[\#(rows.joined(separator: ","))]}"#
    }

    private static func american(_ times: [(date: String, time: String)]) -> String {
        let rows = times.map {
            """
            {"tymd":"\($0.date)","xymd":"\($0.date)","xhms":"\($0.time)","kymd":"20310304","khms":"000500",
            "open":"201.1200","high":"201.5000","low":"201.0000","last":"201.4400","evol":"18350","eamt":"3694000"}
            """
        }
        return
            #"{"output1":{"rsym":"DNASAAPL","next":"1","more":"1","nrec":"2"},"#
            + #""output2":[\#(rows.joined(separator: ","))]}"#
    }

    private func times(_ listing: KISListing<Bar>) -> [String] {
        listing.items.map { bar in
            let second = KISZone.seoul.local(bar.openAt).secondOfDay
            return KISClock.text(second)
        }
    }

    // MARK: Korean minutes

    @Test("The fact sheet's minutes become bars at the beginning of their minute; the one under way is left out")
    func golden() async throws {
        let text = """
            {"output1":{"prdy_vrss":"-300"},"output2":[{"stck_bsop_date":"20310304","stck_cntg_hour":"100100",
            "stck_prpr":"70500","stck_oprc":"70600","stck_hgpr":"70600","stck_lwpr":"70500","cntg_vol":"4120",
            "acml_tr_pbmn":"573000000000"},{"stck_bsop_date":"20310304","stck_cntg_hour":"100000","stck_prpr":"70600",
            "stck_oprc":"70500","stck_hgpr":"70700","stck_lwpr":"70500","cntg_vol":"9901",
            "acml_tr_pbmn":"572709500000"}]}
            """
        let caller = ScriptedCaller(["FHKST03010200": [.json(text), .json(#"{"output2":[]}"#)]])
        let bars = try await DomesticMinuteBars(code: "005930", clock: FixedClock(.kisFixture)).today(from: caller)
        #expect(bars.isComplete)
        let bar = try #require(bars.items.first)
        #expect(bars.items.count == 1, "10:01:00 is not over at 10:01:40")
        #expect(bar.openAt == .korea("2031-03-04T10:00:00"))
        #expect(
            [bar.open, bar.high, bar.low, bar.close] == [Price(70_500), Price(70_700), Price(70_500), Price(70_600)])
        #expect(bar.volume == Quantity(9901))
        #expect(bar.source == .kis)
        #expect(caller.calls.map { $0["FID_INPUT_HOUR_1"] } == ["100140", "095900"])
        #expect(caller.calls[0]["FID_ETC_CLS_CODE"] == "")
    }

    @Test("Today's pages go back a minute before the oldest bar, until the market's opening")
    func pagesOfToday() async throws {
        let caller = ScriptedCaller(
            [
                "FHKST03010200": [
                    .json(Self.minutes(["090300", "090200"])), .json(Self.minutes(["090100", "090000"])),
                    .json(Self.minutes(["085900"])),
                ]
            ], receivedAt: .korea("2031-03-04T09:04:30"))
        let clock = FixedClock(.korea("2031-03-04T09:03:30"))
        let bars = try await DomesticMinuteBars(code: "005930", clock: clock).today(from: caller)
        #expect(times(bars) == ["090000", "090100", "090200", "090300"])
        #expect(caller.calls.map { $0["FID_INPUT_HOUR_1"] } == ["090330", "090100"], "the opening ends it")
    }

    @Test("Minutes before those that are wanted are not asked for: the virtual host takes two calls a second")
    func pagesOfTodaySince() async throws {
        let caller = ScriptedCaller(
            [
                "FHKST03010200": [
                    .json(Self.minutes(["093000", "092900"])), .json(Self.minutes(["092800", "092700"])),
                    .json(Self.minutes(["092600"])),
                ]
            ], receivedAt: .korea("2031-03-04T09:31:30"))
        let source = DomesticMinuteBars(code: "005930", clock: FixedClock(.korea("2031-03-04T09:30:30")))
        let bars = try await source.today(since: .korea("2031-03-04T09:28:00"), from: caller)
        #expect(times(bars) == ["092700", "092800", "092900", "093000"] && caller.calls.count == 2)
        let later = try await source.today(since: .korea("2031-03-05T09:00:00"), from: caller)
        #expect(later.items.isEmpty && caller.calls.count == 2)
    }

    @Test("The print of the closing auction goes into the last minute of the session that it ends")
    func auction() async throws {
        func minute(_ time: String, _ price: Int, _ volume: Int) -> String {
            #"{"stck_bsop_date":"20310303","stck_cntg_hour":"\#(time)","stck_prpr":"\#(price)","stck_oprc":"\#(price)","#
                + #""stck_hgpr":"\#(price)","stck_lwpr":"\#(price)","cntg_vol":"\#(volume)"}"#
        }
        let rows = [minute("153000", 70_900, 5000), minute("152900", 70_400, 10), minute("152800", 70_300, 20)]
        let caller = ScriptedCaller([
            "FHKST03010230": [
                .json(#"{"output2":[\#(rows.joined(separator: ","))]}"#), .json(#"{"output2":[]}"#),
            ]
        ])
        let instrument = try Instrument.korean()
        let source = KISBars(caller, instruments: [instrument], clock: FixedClock(.kisFixture))
        let answer = try #require(
            try await source.bars(
                of: instrument, minutes: 5, since: .korea("2031-03-03T09:00:00"),
                on: [KISSessionDay(date: .day("2031-03-03"), openSecond: 9 * 3600, closeSecond: 15 * 3600 + 1800)]))
        #expect(answer.minutes == 1 && answer.problems.isEmpty && answer.bars.count == 2)
        let last = try #require(answer.bars.last)
        #expect(last.openAt == .korea("2031-03-03T15:29:00") && last.open == Price(70_400))
        #expect(last.close == Price(70_900) && last.high == Price(70_900) && last.low == Price(70_400))
        #expect(last.volume == Quantity(5010))
    }

    @Test("Before the opening nothing is asked, after the close the closing auction is the newest")
    func edgesOfTheDay() async throws {
        let early = ScriptedCaller([:])
        let none = try await DomesticMinuteBars(code: "005930", clock: FixedClock(.korea("2031-03-04T08:59:59")))
            .today(from: early)
        #expect(none.items.isEmpty && none.isComplete && early.calls.isEmpty)
        let late = ScriptedCaller(
            ["FHKST03010200": [.json(#"{"output2":[]}"#)]], receivedAt: .korea("2031-03-04T18:00:00"))
        _ = try await DomesticMinuteBars(code: "005930", clock: FixedClock(.korea("2031-03-04T18:00:00")))
            .today(from: late)
        #expect(late.calls[0]["FID_INPUT_HOUR_1"] == "153000")
    }

    @Test("Bars of the session before, and empty objects, are not today's")
    func otherDays() async throws {
        let body = """
            {"output2":[{"stck_bsop_date":"20310304","stck_cntg_hour":"100000","stck_prpr":"1","stck_oprc":"1",
            "stck_hgpr":"1","stck_lwpr":"1","cntg_vol":"1"},{"stck_bsop_date":"20310303","stck_cntg_hour":"152900",
            "stck_prpr":"1","stck_oprc":"1","stck_hgpr":"1","stck_lwpr":"1","cntg_vol":"1"},{}]}
            """
        let caller = ScriptedCaller(["FHKST03010200": [.json(body)]])
        let bars = try await DomesticMinuteBars(code: "005930", clock: FixedClock(.kisFixture)).today(from: caller)
        #expect(times(bars) == ["100000"])
        #expect(bars.isComplete)
    }

    @Test("A past day is asked for from the closing auction, again with the oldest time, without doubles")
    func pastDay() async throws {
        let caller = ScriptedCaller([
            "FHKST03010230": [
                .json(Self.minutes(["153000", "152000"], on: "20310303")),
                .json(Self.minutes(["152000", "151900"], on: "20310303")),
                .json(Self.minutes(["151900"], on: "20310303")),
            ]
        ])
        let bars = try await DomesticMinuteBars(code: "005930", clock: FixedClock(.kisFixture))
            .past(.day("2031-03-03"), from: caller)
        #expect(times(bars) == ["151900", "152000", "153000"])
        #expect(caller.calls.map { $0["FID_INPUT_HOUR_1"] } == ["153000", "152000", "151900"])
        #expect(caller.calls[0]["FID_INPUT_DATE_1"] == "20310303")
        #expect(caller.calls[0]["FID_FAKE_TICK_INCU_YN"] == "")
    }

    @Test("A bar that makes no sense leaves the others, and the list incomplete")
    func brokenRow() async throws {
        let body = Self.minutes(["100000", "095900"]).replacing("4120", with: "4l20", maxReplacements: 1)
        let caller = ScriptedCaller(["FHKST03010200": [.json(body), .json(#"{"output2":[]}"#)]])
        let bars = try await DomesticMinuteBars(code: "005930", clock: FixedClock(.kisFixture)).today(from: caller)
        #expect(times(bars) == ["095900"])
        #expect(bars.problems.count == 1)
        #expect(bars.problems[0].contains("cntg_vol '4l20' is no number"))
    }

    // MARK: Minutes abroad

    @Test("US bars are at the exchange's local time, and page by the bar before the oldest")
    func overseasMinutes() async throws {
        let caller = ScriptedCaller([
            "HHDFS76950200": [
                .json(Self.american([("20310303", "100500"), ("20310303", "100000")])),
                .json(Self.american([("20310303", "095500"), ("20310303", "093000")])),
                .json(Self.american([])),
            ]
        ])
        let bars = try await OverseasMinuteBars(
            market: .nasdaq, code: "AAPL", minutes: 5, clock: FixedClock(.korea("2031-03-04T00:10:00"))
        ).read(since: .korea("2031-03-03T00:00:00"), from: caller)
        #expect(bars.isComplete)
        #expect(
            bars.items.map(\.openAt.description) == [
                "2031-03-03T14:30:00Z", "2031-03-03T14:55:00Z", "2031-03-03T15:00:00Z", "2031-03-03T15:05:00Z",
            ])
        #expect(bars.items.last?.close == (try Price("201.44")))
        #expect(caller.calls.map { $0["KEYB"] } == ["", "20310303095500", "20310303092500"])
        #expect(caller.calls.map { $0["NEXT"] } == ["", "1", "1"])
        #expect(caller.calls.allSatisfy { $0["PINC"] == "1" && $0["NMIN"] == "5" })
    }

    @Test("Bars before what is wanted end it")
    func overseasSince() async throws {
        let caller = ScriptedCaller([
            "HHDFS76950200": [.json(Self.american([("20310303", "100500"), ("20310303", "100000")]))]
        ])
        let bars = try await OverseasMinuteBars(
            market: .nasdaq, code: "AAPL", minutes: 5, clock: FixedClock(.kisFixture)
        ).read(since: .korea("2031-03-04T00:05:00"), from: caller)
        #expect(bars.items.map(\.openAt.description) == ["2031-03-03T15:05:00Z"])
        #expect(caller.calls.count == 1)
    }

    @Test("The key before a bar just after midnight is on the day before")
    func keyOverMidnight() {
        #expect(OverseasMinuteBars.key(before: .day("2031-03-01"), 120, minutes: 5) == "20310228235700")
    }
}
