import Core
import TestSupport
import Testing

@testable import Decision

@Suite("Order intents from outside")
struct OutsideProposalTests {
    private func read(_ line: String) throws(LineRefusal) -> OutsideProposal { try OutsideProposal(Array(line.utf8)) }

    @Test("A proposal says what it says, and is certain where it says nothing")
    func whole() throws {
        let plain = try read(#"{"symbol":"NVDA","action":"buy"}"#)
        #expect(plain.symbol == nvda && plain.aim == .action(.buy) && plain.confidence == 1)
        #expect(plain.terms.isEmpty && plain.cycle == nil)
        #expect(plain.vote(at: Quantity(5)).action == .buy)
        #expect(plain.vote(at: .zero).probabilities == Probabilities(hold: 0, buy: 1, sell: 0))
        let full = try read(
            """
            {"symbol":"NVDA","target":"-12.5","confidence":0.25,"probabilities":{"hold":0.5,"buy":0.25,"sell":0.25},\
            "limit_price":"99.5","reason":"weil es fällt","cycle":"us-5m/2025-11-21T17:00:00Z"}
            """)
        #expect(full.aim == .target(try Quantity("-12.5")))
        #expect(full.terms == ProposedTerms(target: try Quantity("-12.5"), type: .limit(try Price("99.5"))))
        #expect(full.cycle == testCycle)
        #expect(full.vote(at: .zero).action == .sell)
        #expect(full.vote(at: Quantity(-13)).action == .buy)
        #expect(full.vote(at: try Quantity("-12.5")).action == .hold)
        #expect(full.vote(at: .zero).probabilities == Probabilities(hold: 0.5, buy: 0.25, sell: 0.25))
    }

    @Test("The same wish is the same in whatever way it is written; every other one differs")
    func sameness() throws {
        let wish = #"{"symbol":"NVDA","target":"10","confidence":0.5,"limit_price":"99.5","reason":"a"}"#
        let same = [
            #"{ "reason":"\u0061", "limit_price":"99.50","confidence":5e-1,"target":"10.0","symbol":"NVDA" }"#,
            #"{"symbol":"NVDA","target":"10","confidence":0.5,"limit_price":"99.5","reason":"a","probabilities":null}"#,
            #"{"symbol":"NVDA","target":"10","confidence":0.5,"limit_price":"99.5","reason":"a","cycle":"us-5m/2025-11-21T17:00:00Z"}"#,
        ]
        let others = [
            wish.replacing("NVDA", with: "PLTR"), wish.replacing(#""10""#, with: #""11""#),
            wish.replacing("0.5,", with: "0.6,"), wish.replacing("99.5", with: "99.6"),
            wish.replacing(#""a""#, with: #""b""#), wish.replacing(#","reason":"a""#, with: ""),
            wish.replacing(#""target":"10""#, with: #""action":"buy""#),
            wish.replacing("0.5,", with: #"0.5,"probabilities":{"hold":0,"buy":1,"sell":0},"#),
        ]
        let first = try read(wish)
        // As it comes back from the books.
        let votes = JSONValue.array([first.vote(at: .zero).json])
        let stored = try JSONValue(parsing: votes.text)
        for line in [wish] + same { #expect(try read(line).isSource(of: stored), "\(line)") }
        for line in others { #expect(try !read(line).isSource(of: stored), "\(line)") }
    }

    @Test(
        "A line says how its order meets the market: by its prices, or by name",
        arguments: [
            (#""limit_price":"99.5""#, OrderType.limit(try! Price("99.5"))),
            (#""stop_price":"99.5""#, .stop(try! Price("99.5"))),
            (#""stop_price":"99","limit_price":"98""#, .stopLimit(stop: Price(99), limit: Price(98))),
            (#""trail_amount":"2""#, .trailingStop(.amount(Price(2)))),
            (#""trail_share":"0.02""#, .trailingStop(.share(Fraction(FixedPoint(int64Units: 2_000_000))))),
            (
                #""trail_amount":"2","stop_price":"95","limit_offset":"1""#,
                .trailingStopLimit(.amount(Price(2)), firstStop: Price(95), limitOffset: Price(1))
            ),
            (#""order_type":"market""#, .market), (#""order_type":"market-to-limit""#, .marketToLimit),
            (#""order_type":"best-own-side""#, .bestOwnSide),
            (#""order_type":"conditional-limit","limit_price":"99.5""#, .conditionalLimit(try! Price("99.5"))),
        ])
    func orderTypes(keys: String, type: OrderType) throws {
        let line = #"{"symbol":"NVDA","action":"buy",\#(keys)}"#
        let proposal = try read(line)
        #expect(proposal.terms == ProposedTerms(type: type))
        // Found again in the books, and told apart from the same wish without the prices.
        let stored = try JSONValue(parsing: JSONValue.array([proposal.vote(at: .zero).json]).text)
        #expect(proposal.isSource(of: stored))
        #expect(try !read(#"{"symbol":"NVDA","action":"buy"}"#).isSource(of: stored))
    }

    @Test("A line says how long its order is good for, and how it is to be worked")
    func handling() throws {
        let proposal = try read(
            #"{"symbol":"NVDA","action":"buy","limit_price":"99","time_in_force":"gtd","good_until":"2025-11-28T21:00:00Z","#
                + #""outside_regular_hours":true,"algorithm":{"name":"vwap","maximum_share":"0.1","until":"2025-11-21T20:00:00Z"}}"#
        )
        #expect(proposal.terms.timeInForce == .goodTillDate)
        #expect(proposal.terms.handling.goodUntil == Instant(rfc3339: "2025-11-28T21:00:00Z"))
        #expect(proposal.terms.handling.wishes == ["outside-regular-hours", "vwap"])
        #expect(
            proposal.terms.handling.algorithm
                == .volumeWeighted(
                    maximumShare: Fraction(FixedPoint(int64Units: 10_000_000)), from: nil,
                    until: Instant(rfc3339: "2025-11-21T20:00:00Z")))
        #expect(
            try read(#"{"symbol":"NVDA","action":"sell","time_in_force":"at-close"}"#).terms.timeInForce == .atClose)
    }

    static let refused: [(line: String, message: String)] = [
        (#"{"symbol":"NVDA","action":"buy","order_type":"best"}"#, "'order_type' is 'best', which is none"),
        (
            #"{"symbol":"NVDA","action":"buy","order_type":"limit"}"#,
            "'order_type' is 'limit', which needs 'limit_price' and no other price"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","order_type":"market","limit_price":"5"}"#,
            "'order_type' is 'market', which needs no price"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","trail_amount":"1","trail_share":"0.1"}"#,
            "'trail_share' stands beside 'trail_amount'"
        ),
        (#"{"symbol":"NVDA","action":"buy","trail_share":"1"}"#, "'trail_share' is 1, not between 0 and 1"),
        (
            #"{"symbol":"NVDA","action":"buy","trail_amount":"1","limit_offset":"1"}"#,
            "'order_type' is 'trailing-stop-limit', which needs"
        ),
        (#"{"symbol":"NVDA","action":"buy","time_in_force":"GTC"}"#, "'time_in_force' is 'GTC'; it may be day, gtc"),
        (
            #"{"symbol":"NVDA","action":"buy","time_in_force":"gtd"}"#,
            "'good_until' and the time in force 'gtd' belong together"
        ),
        (#"{"symbol":"NVDA","action":"buy","algorithm":{"name":"iceberg"}}"#, "'algorithm.name' is 'iceberg'"),
        (#"{"symbol":"NVDA","action":"buy","algorithm":{"name":"twap","speed":1}}"#, "'algorithm.speed' is not known"),
        (#"{"symbol":"NVDA","action":"hold","time_in_force":"day"}"#, "'time_in_force' makes no sense beside 'hold'"),
        ("", "the line is no JSON"), ("[]", "the line is no JSON object"), ("{}", "'symbol' is missing"),
        (#"{"symbol":"NVDA"}"#, "'action' is missing, and so is 'target'; give one of them"),
        (#"{"symbol":"NVDA","action":"buy","target":"5"}"#, "'target' stands beside 'action'"),
        (#"{"symbol":"NVDA","action":"short"}"#, "'action' is 'short'; it may be hold, buy or sell"),
        (#"{"symbol":"NVDA","target":5}"#, #"'target' is no string; write "12.5""#),
        (#"{"symbol":"NVDA","target":"five"}"#, "'target' is no decimal number"),
        (#"{"symbol":"NVDA","target":"NaN"}"#, "'target' is no decimal number"),
        (#"{"symbol":"NVDA","target":"1e5"}"#, "'target' is no decimal number"),
        (
            #"{"symbol":"NVDA","target":"99999999999999999999"}"#,
            "'target' is no decimal number: the amount is too large"
        ),
        (#"{"symbol":"NVDA","target":"0.123456789"}"#, "'target' is no decimal number"),
        (#"{"symbol":"NVDA","action":"buy","limit_price":120.5}"#, "'limit_price' is no string"),
        (#"{"symbol":"NVDA","action":"buy","limit_price":"0"}"#, "'limit_price' is 0, not above 0"),
        (#"{"symbol":"NVDA","action":"buy","limit_price":"-1"}"#, "'limit_price' is -1, not above 0"),
        (#"{"symbol":"NVDA","action":"hold","limit_price":"1"}"#, "'limit_price' makes no sense beside 'hold'"),
        (#"{"symbol":"NVDA","action":"buy","confidence":1.5}"#, "'confidence' is 1.5; 0 to 1 is allowed"),
        (#"{"symbol":"NVDA","action":"buy","probabilities":{"buy":1}}"#, "'probabilities' is no object"),
        (#"{"symbol":"NVDA","action":"buy","reason":5}"#, "'reason' is no string"),
        (#"{"symbol":"NVDA","action":"buy","reason":"\u001b[2J"}"#, "'reason' holds control characters"),
        (
            #"{"symbol":"NVDA","action":"buy","reason":"\#(String(repeating: "x", count: 1_001))"}"#,
            "'reason' has 1001 characters"
        ),
        (#"{"symbol":"NVDA","action":"buy","quantity":"5"}"#, "'quantity' is not known"),
        (
            #"{"symbol":"NVDA","action":"buy","limitprice":"5"}"#,
            "'limitprice' is not known; did you mean 'limit_price'?"
        ),
        (#"{"symbol":"NVDA","action":"buy","cycle":"today"}"#, "'cycle' is 'today', which is no cycle"),
        (#"{"symbol":"NVDA","action":"buy","action":"sell"}"#, "the key 'action' stands twice"),
    ]

    @Test("What cannot be meant is refused with its key", arguments: refused)
    func refuses(line: String, message: String) {
        let error = #expect(throws: LineRefusal.self) { try read(line) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
}
