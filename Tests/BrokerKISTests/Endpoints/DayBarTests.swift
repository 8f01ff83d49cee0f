import Core
import Testing

@testable import BrokerKIS

@Suite("Bars of days")
struct DayBarTests {
    private static func korean(_ dates: [String]) -> String {
        korean(rows: dates.map { #"{"stck_bsop_date":"\#($0)","stck_oprc":"70900","stck_hgpr":"71000",\#(rest)}"# })
    }

    private static let rest = #""stck_lwpr":"70300","stck_clpr":"70500","acml_vol":"8123456""#

    /// An empty object pads the page, as KIS's do.
    private static func korean(rows: [String]) -> String {
        #"{"output1":{"stck_prpr":"70500"},"output2":[\#((rows + ["{}"]).joined(separator: ","))]}"#
    }

    private static func american(_ dates: [String], count: Int) -> String {
        let rows = dates.map {
            #"{"xymd":"\#($0)","clos":"201.44","open":"200.90","high":"201.90","low":"200.10","tvol":"3500120"}"#
        }
        return #"{"output1":{"rsym":"DNYSIBM","nrec":"\#(count)"},"output2":[\#(rows.joined(separator: ","))]}"#
    }

    private func read(
        _ instrument: Instrument, _ caller: ScriptedCaller, from: String = "2031-02-01", through: String = "2031-03-04"
    ) async throws -> KISBars.DailyAnswer? {
        try await KISBars(caller, instruments: [instrument], clock: FixedClock(.kisFixture))
            .dailyBars(of: instrument, from: .day(from), through: .day(through))
    }

    @Test("Korean days come page by page from the newest, raw, and are given out from the oldest")
    func koreanPages() async throws {
        let caller = ScriptedCaller([
            "FHKST03010100": [
                .json(Self.korean(["20310304", "20310303"])), .json(Self.korean(["20310228"])),
                .json(Self.korean([])),
            ]
        ])
        let answer = try #require(try await read(.korean(), caller))
        #expect(answer.bars.map(\.date.description) == ["2031-02-28", "2031-03-03", "2031-03-04"])
        #expect(answer.problems.isEmpty)
        #expect(
            answer.bars[0]
                == KISDayBar(
                    date: .day("2031-02-28"), open: Price(70_900), high: Price(71_000), low: Price(70_300),
                    close: Price(70_500), volume: Quantity(8_123_456)))
        #expect(caller.calls.map { $0["FID_INPUT_DATE_2"] } == ["20310304", "20310302", "20310227"])
        #expect(caller.calls.allSatisfy { $0["FID_INPUT_DATE_1"] == "20310201" && $0["FID_PERIOD_DIV_CODE"] == "D" })
        #expect(caller.calls.allSatisfy { $0["FID_ORG_ADJ_PRC"] == "1" }, "one is raw here")
    }

    @Test("Abroad zero is raw, rows behind the count fill up the page, and the first day wanted ends it")
    func americanPage() async throws {
        let page = Self.american(["20310303", "20310228", "20310227"], count: 2)
        let caller = ScriptedCaller(["HHDFS76240000": [.json(page)]])
        let instrument = try Instrument.american("IBM", exchange: "XNYS")
        let answer = try #require(try await read(instrument, caller, from: "2031-02-28", through: "2031-03-03"))
        #expect(answer.bars.map(\.date.description) == ["2031-02-28", "2031-03-03"])
        #expect(answer.bars[0].close.description == "201.44" && answer.bars[0].volume == Quantity(3_500_120))
        #expect(answer.problems.isEmpty && caller.calls.count == 1)
        let call = caller.calls[0]
        #expect(call["MODP"] == "0" && call["GUBN"] == "0" && call["BYMD"] == "20310303" && call["EXCD"] == "NYS")
    }

    @Test("A day of a halt is a day without a bar, and the days before it are still asked for")
    func halted() async throws {
        let halt =
            #"{"stck_bsop_date":"20310304","stck_oprc":"0","stck_hgpr":"0","stck_lwpr":"0","#
            + #""stck_clpr":"70500","acml_vol":"0"}"#
        let caller = ScriptedCaller([
            "FHKST03010100": [
                .json(Self.korean(rows: [halt])), .json(Self.korean(["20310303"])), .json(Self.korean([])),
            ]
        ])
        let answer = try #require(try await read(.korean(), caller))
        #expect(answer.bars.map(\.date.description) == ["2031-03-03"])
        #expect(answer.problems.isEmpty)
        #expect(caller.calls[1]["FID_INPUT_DATE_2"] == "20310303")
    }

    @Test(
        "A day that makes no sense leaves the others, and is told",
        arguments: [
            (#""acml_vol":"8123456""#, #""acml_vol":"8l23456""#, "acml_vol '8l23456' is no number"),
            (#""stck_hgpr":"71000""#, #""stck_hgpr":"70800""#, "outside of its own range"),
            (#""stck_hgpr":"71000""#, #""stck_hgpr":"0""#, "not all its prices"),
            (#""stck_lwpr":"70300""#, #""stck_lwpr":"70600""#, "outside of its own range"),
        ])
    func broken(field: String, damaged: String, complaint: String) async throws {
        let page = Self.korean(["20310304", "20310303"]).replacing(field, with: damaged, maxReplacements: 1)
        let caller = ScriptedCaller(["FHKST03010100": [.json(page), .json(Self.korean([]))]])
        let answer = try #require(try await read(.korean(), caller))
        #expect(answer.bars.map(\.date.description) == ["2031-03-03"])
        #expect(answer.problems.count == 1)
        #expect(answer.problems[0].hasPrefix("inquire-daily-itemchartprice, row 1 of a page:"))
        #expect(answer.problems[0].contains(complaint))
    }

    @Test("A symbol that KIS does not know has no days, and the answer says so instead of looking whole")
    func unknown() async throws {
        let korean = ScriptedCaller(["FHKST03010100": [.json(#"{"output1":{"stck_prpr":"0"},"output2":[]}"#)]])
        let answer = try #require(try await read(.korean("999999"), korean))
        #expect(answer.bars.isEmpty && answer.problems.count == 1 && answer.problems[0].contains("999999"))
        let american = ScriptedCaller(["HHDFS76240000": [.json(#"{"output1":{"rsym":"","nrec":""},"output2":[]}"#)]])
        let abroad = try #require(try await read(.american("XX"), american))
        #expect(abroad.bars.isEmpty && abroad.problems.count == 1 && abroad.problems[0].contains("XX"))
    }

    @Test("A known share without days in between is no problem; an answer without its list is one")
    func empty() async throws {
        let quiet = ScriptedCaller(["FHKST03010100": [.json(Self.korean([]))]])
        let answer = try #require(try await read(.korean(), quiet))
        #expect(answer.bars.isEmpty && answer.problems.isEmpty)
        let torn = ScriptedCaller(["FHKST03010100": [.json(#"{"output1":{"stck_prpr":"70500"}}"#)]])
        let without = try #require(try await read(.korean(), torn))
        #expect(without.problems == ["inquire-daily-itemchartprice: output2 is no list of rows"])
    }

    @Test("What KIS does not serve is nil, an empty span asks for nothing, and a refusal keeps its kind")
    func edges() async throws {
        let silent = ScriptedCaller([:])
        let london = try Instrument.foreign("VOD", "XLON", "GBP", tick: "0.01")
        #expect(try await read(london, silent) == nil)
        let none = try #require(try await read(.korean(), silent, from: "2031-03-05", through: "2031-03-04"))
        #expect(none.bars.isEmpty && none.problems.isEmpty && silent.calls.isEmpty)
        let refusing = ScriptedCaller([
            "FHKST03010100": [.failure(.refused(call: "c", code: "OPSQ9999", message: "no"))]
        ])
        let failure = await #expect(throws: KISFailure.self) { try await read(.korean(), refusing) }
        #expect(failure?.kind == .refused && failure?.description == "c: OPSQ9999 no")
    }

    @Test("A host that never comes to an end is left, and the answer says that days are missing")
    func endless() async throws {
        let day = CivilDate.day("2031-03-04")
        let pages = (0...DayBarCollector.pageLimit).map { page in
            ScriptedCaller.Reply.json(Self.korean([day.advanced(byDays: -page).compact]))
        }
        let caller = ScriptedCaller(["FHKST03010100": pages])
        let answer = try #require(try await read(.korean(), caller, from: "2020-01-01"))
        #expect(caller.calls.count == DayBarCollector.pageLimit)
        #expect(answer.bars.count == DayBarCollector.pageLimit)
        #expect(answer.problems.count == 1 && answer.problems[0].contains("older days are missing"))
    }
}
