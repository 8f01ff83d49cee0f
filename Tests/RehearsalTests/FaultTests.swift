import Core
import Testing

@testable import Rehearsal

@Suite("The simulator's faults")
struct FaultTests {
    static let orders = "order-cash"

    func plan(_ rules: KISFaultPlan.Rule...) -> KISFaultPlan { KISFaultPlan(seed: 3, rules: rules) }

    /// What a client sees of an order: `nil` for a connection that closed.
    func send(_ market: inout Market) throws -> Outcome {
        if market.token.isEmpty { _ = try market.list() }
        let credential = try #require(market.kis.gateway.credential(.virtual))
        let request = KISRequest(
            method: "POST", uri: "/uapi/domestic-stock/v1/trading/order-cash",
            headers: [
                "authorization": "Bearer \(market.token)", "appkey": credential.appKey,
                "appsecret": credential.appSecret, "tr_id": "VTTC0012U", "content-type": "application/json",
            ],
            body: row([
                "CANO": "50123456", "ACNT_PRDT_CD": "01", "PDNO": "005930", "ORD_DVSN": "00", "ORD_QTY": "1",
                "ORD_UNPR": "70000",
            ]).utf8)
        return market.kis.answer(request, at: .virtual, elapsed: 1)
    }

    struct Case: Sendable {
        let fault: KISFault
        /// Of the answer; `nil` for none.
        let status: Int?
        let orders: Int
    }

    @Test(
        "Before acceptance nothing is ordered, after it everything is, whatever the client sees",
        arguments: [
            Case(fault: .dropBeforeAccept, status: nil, orders: 0),
            Case(fault: .dropAfterAccept, status: nil, orders: 1),
            Case(fault: .serverError, status: 500, orders: 0),
            Case(fault: .serverErrorAfterAccept, status: 500, orders: 1),
            Case(fault: .rateLimit, status: 500, orders: 0), Case(fault: .tokenExpiry, status: 500, orders: 0),
            Case(fault: .slow, status: 200, orders: 1), Case(fault: .malformedBody, status: 200, orders: 1),
            Case(fault: .halfAnswer, status: 200, orders: 1), Case(fault: .lateRefusal, status: 200, orders: 1),
        ])
    func acceptance(_ item: Case) throws {
        var market = Market()
        _ = try market.list()
        market.kis.faults.plan = plan(.init(item.fault, at: Self.orders, .calls([1])))
        let outcome = try send(&market)
        #expect(outcome.reply?.status == item.status)
        #expect(market.kis.exchange.orders.count == item.orders)
        let log = market.kis.faults.log
        #expect(log.map(\.fault) == [item.fault] && log[0].call == 1 && log[0].endpoint.hasSuffix(Self.orders))
        switch item.fault {
        case .malformedBody: #expect(throws: JSONError.self) { try JSONValue(parsing: outcome.reply?.body ?? []) }
        case .halfAnswer: #expect(outcome.isHalf)
        case .slow: #expect(outcome.delayMilliseconds == 1500)
        case .lateRefusal: #expect(market.kis.exchange.orders[0].refused == 1 && market.kis.exchange.fills.isEmpty)
        default: break
        }
    }

    @Test("After the token has expired the owner gets another one at once")
    func renewal() throws {
        var market = Market()
        market.kis.faults.plan = plan(.init(.tokenExpiry, at: "inquire-daily-ccld", .calls([2])))
        #expect(try market.list().json["rt_cd"] == "0")
        let old = market.token
        #expect(try market.list().json["msg_cd"] == "EGW00123")
        market.token = ""
        #expect(try market.list().json["rt_cd"] == "0")
        #expect(market.token != old)
    }

    @Test("A hidden order shows up in the list after its time")
    func lateVisibility() throws {
        var market = Market()
        market.kis.faults.plan = plan(.init(.lateVisibility, at: Self.orders, .calls([2]), seconds: 40))
        let (first, second) = (try market.order("buy", 1, at: 69_000), try market.order("buy", 1, at: 69_000))
        func listed() throws -> [Int] {
            try (market.list().json["output1"]?.arrayValue ?? []).compactMap {
                $0["odno"]?.stringValue.flatMap { Int($0) }
            }
        }
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 39))
        #expect(try listed() == [first])
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 40))
        #expect(try listed() == [second, first])
    }

    @Test("The same seed strikes the same calls, in whatever order endpoints are called", arguments: [1, 2, 3, 5, 8])
    func reproducible(_ seed: UInt64) {
        let rules: [KISFaultPlan.Rule] = [
            .init(.dropAfterAccept, at: "*", .rate(0.2)), .init(.serverError, at: "b", .rate(0.3)),
        ]
        func struck(_ calls: [String], _ seed: UInt64) -> [String] {
            var desk = FaultDesk(KISFaultPlan(seed: seed, rules: rules))
            for call in calls { _ = desk.draw("/" + call, ofStream: false, at: Market.nine) }
            return desk.log.map { "\($0.fault.rawValue) \($0.endpoint) \($0.call)" }.sorted()
        }
        let mixed = (0..<200).map { $0 % 3 == 0 ? "a" : "b" }
        let sorted = mixed.sorted()
        #expect(struck(mixed, seed) == struck(sorted, seed))
        #expect(struck(mixed, seed) != struck(mixed, seed + 1))
        // Two hundred calls at 0.2 and 133 at 0.3: about eighty.
        #expect((50...110).contains(struck(mixed, seed).count))
    }

    @Test("A plan reads as it is written, and says what is wrong with it")
    func text() throws {
        let json = try JSONValue(
            parsing: #"{"seed":7,"rules":[{"fault":"slow","endpoint":"price","calls":[2,4],"milliseconds":90},"#
                + #"{"fault":"late-notice","endpoint":"H0STCNI9","rate":0.5,"seconds":9}]}"#)
        #expect(
            try KISFaultPlan(json: json)
                == KISFaultPlan(
                    seed: 7,
                    rules: [
                        .init(.slow, at: "price", .calls([2, 4]), milliseconds: 90),
                        .init(.lateNotice, at: "H0STCNI9", .rate(0.5), seconds: 9),
                    ]))
        #expect(throws: KISFaultPlanError.unknownFault(rule: 0, "fire")) {
            try KISFaultPlan(json: ["rules": [["fault": "fire"]]])
        }
        #expect(throws: KISFaultPlanError.noTrigger(rule: 0)) {
            try KISFaultPlan(json: ["rules": [["fault": "slow"]]])
        }
    }

    // MARK: The stream

    /// The frames of one order's notices, decrypted by nobody: only how many, and of which kind.
    func noticeActions(_ rule: KISFaultPlan.Rule, seconds: Int64 = 0) throws -> [StreamDelivery.Action] {
        var client = try StreamTests.Client(Market())
        #expect(try client.code("H0STCNI9", "rehearsal") == "OPSP0000")
        client.market.kis.faults.plan = plan(rule)
        _ = try client.market.kis.exchange.place(
            OrderTicket(
                account: "5012345601", venue: .krx, code: "005930", isBuy: true, type: "00", quantity: 1,
                price: FixedPoint(70_000)), in: .virtual)
        var deliveries = client.market.kis.publish()
        if seconds > 0 { deliveries += client.market.kis.advance(to: Market.nine.advanced(bySeconds: seconds)) }
        return deliveries.map(\.action)
    }

    @Test("Notices: doubled, late, lost, cut, in pieces; the session that ends")
    func notices() throws {
        let name = "H0STCNI9"
        let plain = try noticeActions(.init(.slow, at: name, .calls([1])))
        #expect(plain.count == 2)
        let doubled = try noticeActions(.init(.duplicateNotice, at: name, .calls([2])))
        #expect(doubled.count == 3 && doubled[1] == doubled[2] && doubled[0] == plain[0])
        let late = try noticeActions(.init(.lateNotice, at: name, .calls([1]), seconds: 5), seconds: 6)
        #expect(late == plain.reversed())
        #expect(try noticeActions(.init(.lostNotice, at: name, .calls([1]))) == [plain[1]])
        let cut = try noticeActions(.init(.halfFrame, at: name, .calls([1])))
        guard case .text(let whole) = plain[0], case .text(let half) = cut[0] else { throw Unexpected() }
        #expect(half.count == whole.count / 2 && whole.hasPrefix(half))
        guard case .fragments(let parts) = try noticeActions(.init(.fragmentedFrame, at: name, .calls([1])))[0] else {
            throw Unexpected()
        }
        #expect(parts.count == 2 && parts.joined() == whole)
        #expect(try noticeActions(.init(.disconnect, at: name, .calls([1]))) == [.close])
    }

    struct Unexpected: Error {}

    @Test("A record of the wrong width has one value too many or too few")
    func wrongWidth() throws {
        var client = try StreamTests.Client(Market())
        _ = try client.say("H0STASP0", "005930")
        client.market.kis.faults.plan = plan(.init(.wrongWidth, at: "H0STASP0", .rate(1)))
        let frames = client.frames(until: 180)
        let wrong = frames.map { frame in
            let parts = frame.split(separator: "|", omittingEmptySubsequences: false)
            return parts[3].split(separator: "^", omittingEmptySubsequences: false).count - 60 * (Int(parts[2]) ?? 0)
        }
        #expect(!wrong.isEmpty && wrong.allSatisfy { abs($0) == 1 })
    }
}
