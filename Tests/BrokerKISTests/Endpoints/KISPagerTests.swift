import Core
import Testing

@testable import BrokerKIS

@Suite("Lists that come in pages")
struct KISPagerTests {
    private func page(_ numbers: [Int], key: String = "", more: Bool = false) -> ScriptedCaller.Reply {
        let rows = numbers.map { #"{"n":"\#($0)"}"# }.joined(separator: ",")
        return .json(#"{"output1":[\#(rows)],"CTX_AREA_FK100":"F\#(key) ","ctx_area_nk100":"\#(key)"}"#, more: more)
    }

    private func read(_ replies: [ScriptedCaller.Reply], fullPage: Int = 2) async throws -> (
        KISListing<FixedPoint>, ScriptedCaller
    ) {
        let caller = ScriptedCaller(["TTTC8434R": replies])
        let listing = try await KISPager(caller: caller, clock: FixedClock(.kisFixture)).rows(
            .domesticBalance, [KISField("PDNO", "x")], .domestic, of: "output1", fullPage: fullPage
        ) { row throws(KISRowProblem) in
            row.text("n") == nil ? nil : try row.amount("n")
        }
        return (listing, caller)
    }

    @Test("All pages are read, keys go back as they came, the other parameters stay")
    func pages() async throws {
        let (listing, caller) = try await read([
            page([1, 2], key: "a  ", more: true), page([3, 4], key: "b ", more: true), page([5]),
        ])
        #expect(listing.items == [1, 2, 3, 4, 5].map { FixedPoint($0) })
        #expect(listing.isComplete)
        #expect(listing.takenAt == .kisFixture)
        #expect(caller.calls.map(\.isContinuation) == [false, true, true])
        #expect(caller.calls.map { $0["CTX_AREA_NK100"] } == ["", "a  ", "b "])
        #expect(caller.calls.map { $0["CTX_AREA_FK100"] } == ["", "Fa   ", "Fb  "])
        #expect(caller.calls.allSatisfy { $0["PDNO"] == "x" })
    }

    @Test("A page that comes twice makes the list incomplete, whatever its keys say")
    func repeatedPage() async throws {
        let (listing, caller) = try await read([
            page([1, 2], key: "a", more: true), page([3, 4], key: "b", more: true), page([1, 2], key: "c", more: true),
        ])
        #expect(listing.items == [1, 2, 3, 4].map { FixedPoint($0) })
        #expect(!listing.isComplete)
        #expect(listing.problems[0].contains("page 3 repeats"))
        #expect(caller.calls.count == 3)
    }

    @Test("A full page of which nobody says that it is the last may not be it")
    func unmarkedEnd() async throws {
        func list(_ rows: Int, saysLast: Bool) async throws -> KISListing<FixedPoint> {
            let items = (1...rows).map { #"{"n":"\#($0)"}"# }.joined(separator: ",")
            return try await read([.json(#"{"output1":[\#(items)]}"#, saysLast: saysLast)]).0
        }
        #expect(try await list(2, saysLast: true).isComplete)
        #expect(try await !list(2, saysLast: false).isComplete)
        #expect(try await list(1, saysLast: false).isComplete)
    }

    @Test("A host that never ends is left, and the list is incomplete")
    func endless() async throws {
        let replies = (0...KISPager.pageLimit).map { page([2 * $0, 2 * $0 + 1], key: "k\($0)", more: true) }
        let (listing, caller) = try await read(replies)
        #expect(caller.calls.count == KISPager.pageLimit)
        #expect(!listing.isComplete)
        #expect(listing.items.count == 2 * KISPager.pageLimit)
    }

    @Test("More announced without a key: the end of a page that is not full, a gap after one that is")
    func moreWithoutKey() async throws {
        let (short, _) = try await read([page([1], key: " ", more: true)])
        #expect(short.isComplete)
        let (full, _) = try await read([page([1, 2], key: " ", more: true)])
        #expect(!full.isComplete)
        #expect(full.items.count == 2)
    }

    @Test("Rows that cannot be read are named, and the others stay")
    func brokenRow() async throws {
        let (listing, _) = try await read([
            page([1, 2], key: "a", more: true), .json(#"{"output1":[{"n":"3"},{"n":"4,5"}]}"#),
        ])
        #expect(listing.items == [1, 2, 3].map { FixedPoint($0) })
        #expect(listing.problems == ["inquire-balance, row 4: n '4,5' is no number"])
    }

    @Test(
        "No rows: an empty list, one blank object, blank rows at the end, or nothing at all with the code that says so",
        arguments: [
            #"{"output1":[]}"#, #"{"output1":{"n":""}}"#, #"{"output1":[{"n":" "},{}]}"#, #"{"msg_cd":"KIOK0560"}"#,
        ])
    func noRows(body: String) async throws {
        let (listing, _) = try await read([.json(body)])
        #expect(listing.items.isEmpty)
        #expect(listing.isComplete)
    }

    @Test(
        "A list that is missing, or is none, is not an empty one",
        arguments: [
            #"{"rt_cd":"0"}"#, #"{"output1":"none"}"#, #"{"output1":[{"n":"1"},"2"]}"#, #"{"output1":null}"#,
        ])
    func noList(body: String) async throws {
        let (listing, _) = try await read([.json(body)])
        #expect(!listing.isComplete)
    }

    @Test("A page that cannot be had fails the whole read")
    func failure() async throws {
        let broken = ScriptedCaller.Reply.failure(.unavailable(call: "inquire-balance", detail: "timed out"))
        await #expect(throws: KISError.unavailable(call: "inquire-balance", detail: "timed out")) {
            try await self.read([self.page([1, 2], key: "a", more: true), broken])
        }
    }

    @Test("Names in any case, on any page")
    func mixedCase() async throws {
        let (listing, caller) = try await read([
            .json(#"{"OUTPUT1":[{"N":"1"}],"Ctx_Area_Nk100":"z","ctx_area_FK100":"y"}"#, more: true), page([2]),
        ])
        #expect(listing.items == [FixedPoint(1), FixedPoint(2)])
        #expect(caller.calls[1]["CTX_AREA_NK100"] == "z")
        #expect(caller.calls[1]["CTX_AREA_FK100"] == "y")
    }
}

@Suite("Values in rows")
struct KISRecordValuesTests {
    private func record(_ text: String) throws -> KISRecord { try #require(KISRecord(JSONValue(parsing: text))) }

    @Test(
        "Numbers are exact, zero-padded or with zeros behind",
        arguments: [
            ("53397.8247", "53397.8247"), ("200.00000000", "200"), ("000070500", "70500"), ("-300", "-300"),
            ("0.00000001", "0.00000001"),
        ])
    func numbers(text: String, expected: String) throws {
        #expect(try record(#"{"n":"\#(text)"}"#).amount("n").description == expected)
    }

    @Test("An average may have more decimals than money has; they are cut off, and nothing else is")
    func averages() throws {
        #expect(try record(#"{"n":"70433.333333333333"}"#).average("n")?.description == "70433.33333333")
        #expect(try record(#"{"n":""}"#).average("n") == nil)
        #expect(throws: KISRowProblem.self) { try record(#"{"n":"1.2.3"}"#).average("n") }
        #expect(throws: KISRowProblem.self) { try record(#"{"n":"1.33333333x"}"#).average("n") }
    }

    @Test("What is no number, day, time or side is refused", arguments: ["12a", "20310230", "246000", "03", "١٢٣٤"])
    func refused(text: String) throws {
        let row = try record(#"{"n":"\#(text)"}"#)
        #expect(throws: KISRowProblem.self) { try row.date("n") }
        #expect(throws: KISRowProblem.self) { try row.secondOfDay("n") }
        #expect(throws: KISRowProblem.self) { try row.side("n") }
    }
}
