import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Codes and what is done about them")
struct IBReactionTests {
    private func reaction(_ code: Int, _ message: String = "words", about subject: IBReaction.Subject) throws
        -> IBReaction
    {
        guard case .error(let notice) = try IBDecoder.decode("4|2|7|\(code)|\(message)||") else { throw Unexpected() }
        return IBReaction.to(notice, about: subject)
    }

    private struct Unexpected: Error {}

    @Test("Every code of the documentation is in the table, once")
    func completeness() {
        let documented =
            [
                100, 101, 102, 386, 322, 103, 104, 105, 2102, 107, 109, 110, 111, 163, 382, 383, 387, 388, 434, 135,
                136,
                161, 162, 165,
                200, 201, 202, 203, 300, 320, 321, 326, 327, 354, 10089, 10168, 10186, 366, 399, 404, 420, 502, 504,
                506,
                507, 509, 520,
                1100, 1101, 1102, 1300, 2100, 2101, 2103, 2105, 2157, 2104, 2106, 2158, 2107, 2108, 2119, 2109, 2110,
                2137,
                2148, 2168,
                2169, 10006, 10147, 10148, 10167, 10197, 10225, 10285, 10349,
            ] + Array(10241...10252)
        #expect(documented.filter { IBCode.of($0) == nil }.isEmpty)
        let rows = IBCode.table.flatMap { Array($0.codes) }
        #expect(rows.count == Set(rows).count && Set(rows) == Set(documented))
        for row in IBCode.table { #expect(!row.happened.isEmpty) }
    }

    @Test("An order is never declared dead for a notice, an order message, or a code nobody has listed")
    func alive() throws {
        for code in Array(2100...2199) + [399, 404, 10349, 165, 9999, 463, 10311] {
            for subject in IBReaction.Subject.allCases {
                let outcome = try reaction(code, about: subject).outcome
                #expect(outcome != .rejected && outcome != .cancelled, "\(code)")
                if subject.isOrder, !(2100...2199).contains(code), IBCode.of(code) == nil {
                    #expect(outcome == .lookUp)
                }
            }
        }
    }

    @Test("What a refusal means depends on what was asked")
    func subjects() throws {
        for code in [107, 109, 110, 111, 163, 382, 383, 387, 388, 434] {
            #expect(try reaction(code, about: .newOrder).outcome == .rejected)
            #expect(try reaction(code, about: .modification).outcome == .changeRefused)
            #expect(try reaction(code, about: .cancellation).outcome == .lookUp)
            #expect(try reaction(code, about: .standingOrder).outcome == .lookUp)
        }
        for code in [201, 203] {
            for subject in [IBReaction.Subject.newOrder, .modification, .standingOrder] {
                #expect(try reaction(code, about: subject).outcome == .rejected)
            }
        }
        #expect(
            try reaction(200, about: .newOrder).outcome == .rejected
                && reaction(200, about: .request).outcome == .failed)
        #expect(try reaction(200, about: .standingOrder).outcome == .lookUp)
        #expect(
            try reaction(202, about: .cancellation).weight == .log
                && reaction(202, about: .standingOrder).weight == .alert)
        #expect(try reaction(202, about: .cancellation).outcome == .cancelled)
        for code in [104, 105, 2102, 135, 136, 161, 10147, 10148] {
            #expect(try reaction(code, about: .cancellation).outcome == .lookUp)
        }
        #expect(
            try reaction(103, about: .newOrder).outcome == .orderIDTaken
                && reaction(10006, about: .newOrder).outcome == .retryChild)
        #expect(try reaction(320, about: .modification).outcome == .changeRefused)
        #expect(try reaction(321, "in Read-Only mode", about: .newOrder).outcome == .rejected)
        #expect(
            try reaction(9999, about: .request).outcome == .failed && reaction(9999, about: .none).outcome == .nothing)
    }

    @Test("162 is what its words say")
    func historical() throws {
        for (words, outcome) in [
            ("Historical Market Data Service error message:HMDS query returned no data: AAPL@SMART Trades", .empty),
            ("Historical Market Data Service error message:Historical data request pacing violation", .retryLater),
            ("Historical Market Data Service error message:No market data permissions for NYSE STK", .failed),
            ("Historical Market Data Service error message:API historical data query cancelled: 1007", .nothing),
            ("Historical Market Data Service error message:something else", .failed),
        ] as [(String, IBReaction.Outcome)] {
            #expect(try reaction(162, words, about: .request).outcome == outcome, "\(words)")
        }
    }

    @Test("The operator reads what happened, how things stand and what to do")
    func sentences() throws {
        let rejected = try reaction(201, "Order rejected - reason:Margin", about: .newOrder)
        #expect(
            rejected.sentence
                == "IB 201: Order rejected - reason:Margin (the order was rejected). It is not at the market, and is not sent again. "
                + "Read IB's own words")
        for row in IBCode.table where row.kind != .silence && row.kind != .farmSound && row.kind != .notice {
            for code in row.codes {
                let reaction = try reaction(code, about: .request)
                #expect(reaction.sentence.contains("words") && reaction.sentence.contains("\(code)"))
                // Whatever alerts says what can be done.
                if reaction.weight == .alert { #expect(!reaction.toDo.isEmpty || !reaction.stands.isEmpty, "\(code)") }
            }
        }
    }
}
