import Broker
import Core
import Synchronization
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Sending orders to KIS")
struct KISBrokerSubmitTests {
    static let accepted = """
        {"rt_cd":"0","msg_cd":"APBK0013","msg1":"주문 전송 완료 되었습니다.",
        "output":{"KRX_FWDG_ORD_ORGNO":"06010","ODNO":"0000123401","ORD_TMD":"100132"}}
        """
    static let acceptedOnPaper = """
        {"rt_cd":"0","msg_cd":"40600000","msg1":"모의투자 매수주문이 완료 되었습니다.",
        "output":{"KRX_FWDG_ORD_ORGNO":"00950","ODNO":"23401","ORD_TMD":"100132"}}
        """

    static func request(
        _ instrument: Instrument, _ type: OrderType, side: Side = .buy, quantity: Int = 10,
        _ timeInForce: TimeInForce = .day, id: String = "c1", expiresAt: Instant? = nil
    ) -> OrderRequest {
        OrderRequest(
            clientOrderID: ClientOrderID(id), instrument: instrument, side: side, type: type,
            quantity: Quantity(quantity), timeInForce: timeInForce, expiresAt: expiresAt)
    }

    @Test("An accepted order has the number of its day and desk, padded, on either host")
    func accepted() async throws {
        for (isReal, body) in [(true, Self.accepted), (false, Self.acceptedOnPaper)] {
            let caller = ScriptedCaller(["TTTC0012U": [.json(body)]])
            let broker = try KISBroker.scripted(caller, real: isReal)
            let outcomes = await broker.submit([Self.request(try .korean(), .limit(Price(70_500)))])
            let number = isReal ? "20310304-K-0000123401" : "20310304-K-0000023401"
            #expect(outcomes == [.acknowledged(BrokerOrderID(number), at: .kisFixture)])
            #expect(caller.calls.count == 1)
            #expect(caller.calls[0]["EXCG_ID_DVSN_CD"] == (isReal ? "KRX" : nil))
        }
    }

    @Test("What a slow batch carries beyond the window stays here, and the outcome of each order says so")
    func window() async throws {
        let clock = ManualClock(.kisFixture)
        let caller = ScriptedCaller(["TTTC0012U": [.json(Self.accepted)]]) { clock.advance(seconds: 20) }
        let broker = try KISBroker.scripted(caller, clock: clock)
        let end = Instant.kisFixture.advanced(bySeconds: 30)
        let outcomes = await broker.submit(
            try (1...4).map {
                Self.request(
                    try .korean(), .limit(Price(70_500)), quantity: $0, id: "c\($0)", expiresAt: $0 == 4 ? nil : end)
            })
        #expect(caller.calls.map { $0["ORD_QTY"] } == ["1", "2", "4"], "the third came 40 s after the first")
        guard case .notSent(let detail) = outcomes[2] else {
            Issue.record("\(outcomes[2])")
            return
        }
        #expect(detail.contains("its window ended at \(end)"))
    }

    @Test("A signal in the middle of a batch keeps the rest here")
    func signalled() async throws {
        let raised = Atomic(false)
        let caller = ScriptedCaller(["TTTC0012U": [.json(Self.accepted)]]) {
            raised.store(true, ordering: .relaxed)
        }
        let broker = try KISBroker.scripted(caller, isStopping: { raised.load(ordering: .relaxed) })
        let outcomes = await broker.submit(
            try (1...2).map { Self.request(try .korean(), .limit(Price(70_500)), quantity: $0, id: "c\($0)") })
        #expect(caller.calls.count == 1)
        guard case .acknowledged = outcomes[0], case .notSent(let detail) = outcomes[1] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(detail.contains("signal"))
    }

    @Test("An order abroad has the day of the exchange")
    func abroad() async throws {
        let body = Self.accepted.replacing("100132", with: "000612").replacing("0000123401", with: "0030001201")
        let caller = ScriptedCaller(["TTTT1006U": [.json(body)]], receivedAt: .korea("2031-03-04T00:06:13"))
        let broker = try KISBroker.scripted(caller)
        let request = Self.request(try .american(), .limit(try Price("201.5")), side: .sell)
        #expect(
            await broker.submit([request])
                == [.acknowledged(BrokerOrderID("20310303-O-0030001201"), at: .korea("2031-03-04T00:06:13"))])
    }

    @Test(
        "Success without an order number is not known to be one",
        arguments: [
            #"{"rt_cd":"0","msg_cd":"APBK0013","msg1":"ok"}"#, #"{"rt_cd":"0","output":{"ODNO":""}}"#,
            #"{"rt_cd":"0","output":{"ODNO":"0000000000"}}"#, #"{"rt_cd":"0","output":[]}"#,
            #"{"rt_cd":"0","output":{"ODNO":"ERROR"}}"#,
        ])
    func noNumber(body: String) async throws {
        let broker = try KISBroker.scripted(ScriptedCaller(["TTTC0012U": [.json(body)]]))
        let outcome = await broker.submit([Self.request(try .korean(), .market)])[0]
        guard case .unknown = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("Every failure of a call becomes the outcome that is safe")
    func failures() {
        let call = "order-cash"
        #expect(KISBroker.outcome(.notSent(call: call, detail: "no connection")) == .notSent(detail: "no connection"))
        #expect(
            KISBroker.outcome(.refused(call: call, code: "APBK0952", message: "주문가능금액을 초과 했습니다 (no cash)"))
                == .rejected(code: "APBK0952", message: "주문가능금액을 초과 했습니다 (no cash)"))
        #expect(KISBroker.outcome(.outcomeUnknown(call: call, detail: "d")) == .unknown(detail: "d"))
        #expect(KISBroker.outcome(.malformedAnswer(call: call, detail: "d")) == .unknown(detail: "d"))
        #expect(KISBroker.outcome(.unavailable(call: call, detail: "d")) == .unknown(detail: "d"))
        #expect(
            KISBroker.outcome(.configuration(call: call, code: "OPSQ2000", detail: "account", cure: "correct it"))
                == .rejected(code: "OPSQ2000", message: "account; correct it"))
        #expect(
            KISBroker.outcome(.credentialsRefused(call: call, code: "EGW00103", detail: "key"))
                == .notSent(detail: "EGW00103 key"))
    }

    @Test("Orders go out once each, in order; a refused one does not keep the others back")
    func inOrder() async throws {
        let caller = ScriptedCaller([
            "TTTC0012U": [
                .json(Self.accepted), .failure(.refused(call: "order-cash", code: "APBK0952", message: "초과")),
                .json(Self.accepted.replacing("123401", with: "123402")),
            ]
        ])
        let broker = try KISBroker.scripted(caller)
        let codes = ["005930", "000660", "035720"]
        let outcomes = await broker.submit(try codes.map { Self.request(try .korean($0), .market) })
        #expect(caller.calls.map { $0["PDNO"] } == codes)
        #expect(caller.mostAtOnce == 1)
        guard case .acknowledged = outcomes[0], case .rejected(let code, _) = outcomes[1],
            case .acknowledged = outcomes[2]
        else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(code == "APBK0952")
    }

    @Test("After an unknown outcome the same instrument is left alone, another is not")
    func afterDoubt() async throws {
        let caller = ScriptedCaller([
            "TTTC0012U": [.failure(.outcomeUnknown(call: "order-cash", detail: "reset")), .json(Self.accepted)]
        ])
        let broker = try KISBroker.scripted(caller)
        let outcomes = await broker.submit([
            Self.request(try .korean("005930"), .market, id: "a"),
            Self.request(try .korean("005930"), .market, id: "b"),
            Self.request(try .korean("000660"), .market, id: "c"),
        ])
        #expect(caller.calls.map { $0["PDNO"] } == ["005930", "000660"])
        guard case .unknown = outcomes[0], case .notSent = outcomes[1], case .acknowledged = outcomes[2] else {
            Issue.record("\(outcomes)")
            return
        }
    }

    @Test("Two submissions at a time send one order at a time")
    func oneAtATime() async throws {
        let caller = ScriptedCaller(["TTTC0012U": [.json(Self.accepted)]])
        let broker = try KISBroker.scripted(caller)
        let request = Self.request(try .korean(), .market)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = await broker.submit([request]) } }
        }
        #expect(caller.calls.count == 20)
        #expect(caller.mostAtOnce == 1)
    }

    @Test("What KIS does not have is refused with our own code, and nothing is sent")
    func refusals() async throws {
        let caller = ScriptedCaller([:])
        let broker = try KISBroker.scripted(caller, real: false, markets: [.krx])
        let outcomes = await broker.submit([
            Self.request(try .korean(), .stop(Price(70_000))), Self.request(try .korean(), .market, .immediateOrCancel),
            Self.request(try .american(), .limit(Price(100))), Self.request(try .american(), .market),
            Self.request(try .korean(), .limit(Price(70_501))),
        ])
        let codes = outcomes.map { outcome -> String? in
            guard case .rejected(let code, _) = outcome else { return nil }
            return code
        }
        #expect(codes == ["kis-order-type", "kis-order-type", "kis-market", "kis-market", "kis-price-step"])
        #expect(caller.calls.isEmpty)
    }

    @Test("Capabilities say what either account takes")
    func capabilities() throws {
        let real = try KISBroker.scripted(ScriptedCaller([:])).capabilities
        #expect(!real.listsClientOrderIDs)
        #expect(real.visibilityDelay == .seconds(10))
        #expect(real.clockTolerance == .seconds(5))
        let korean: Set = ["market", "limit", "market-to-limit", "conditional-limit", "best-own-side"]
        #expect(real.orderTypes == korean.union(["stop-limit"]))
        #expect(real.timesInForce == [.day, .immediateOrCancel, .fillOrKill, .atOpen, .atClose])
        #expect(!real.allowsShort)
        let virtual = try KISBroker.scripted(ScriptedCaller([:]), real: false).capabilities
        #expect(virtual.orderTypes == korean)
        #expect(virtual.timesInForce == [.day])
        let american = try KISBroker.scripted(ScriptedCaller([:]), markets: [.nasdaq]).capabilities
        #expect(american.orderTypes == ["market", "limit"])
        #expect(american.timesInForce == [.day, .atOpen, .atClose])
    }
}

@Suite("A limit in the place of a US market order")
struct PreparedOrderTests {
    @Test(
        "An order for the opening waits until KIS takes it",
        arguments: [
            ("2031-03-03T21:01:00Z", "2031-03-04T14:30:00Z", false),
            ("2031-03-04T08:59:59Z", "2031-03-04T14:30:00Z", false),
            ("2031-03-04T09:00:00Z", "2031-03-04T14:30:00Z", true),
            ("2031-03-04T14:29:59Z", "2031-03-04T14:30:00Z", true),
            // From Friday evening to Monday's opening: not on Saturday.
            ("2031-03-08T09:30:00Z", "2031-03-10T13:30:00Z", false),
            ("2031-03-10T08:00:00Z", "2031-03-10T13:30:00Z", true),
        ])
    func forTheOpening(time: String, opening: String, isTaken: Bool) async throws {
        let broker = try KISBroker.scripted(ScriptedCaller([:]), at: try #require(Instant(rfc3339: time)))
        let request = OrderRequest(
            clientOrderID: ClientOrderID("c"), instrument: try .american(), side: .buy, type: .limit(Price(200)),
            quantity: Quantity(1), timeInForce: .atOpen, expiresAt: Instant(rfc3339: opening))
        switch await broker.prepared(request) {
        case .ready: #expect(isTaken)
        case .waiting(let until, _): #expect(!isTaken && until <= (Instant(rfc3339: opening) ?? until))
        case .refused(_, let detail), .notReady(let detail): Issue.record("\(detail)")
        }
    }

    private static let price = #"{"output":{"last":"201.3000"}}"#
    private static let book = #"{"output2":{"pbid1":"201.4300","pask1":"201.4500","vbid1":"120","vask1":"80"}}"#

    private func request(_ side: Side) throws -> OrderRequest {
        KISBrokerSubmitTests.request(try .american(), .market, side: side)
    }

    @Test("It is made from the book, says so, and is what is sent")
    func fromTheBook() async throws {
        let caller = ScriptedCaller([
            "HHDFS00000300": [.json(Self.price)], "HHDFS76200100": [.json(Self.book)],
            "TTTT1002U": [.json(KISBrokerSubmitTests.accepted)],
        ])
        let broker = try KISBroker.scripted(caller)
        guard case .ready(let ready, let note) = await broker.prepared(try request(.buy)) else {
            Issue.record("not ready")
            return
        }
        #expect(ready.type == .limit(try Price("203.47")))
        #expect(ready.clientOrderID == ClientOrderID("c1"))
        #expect(note?.code == "kis-market-as-limit")
        #expect(
            note?.message
                == "NASD has no market orders: a limit of 203.47 stands in, "
                + "1 % beyond the best price of the book, 201.45"
        )
        #expect(await broker.prepared(ready) == .ready(ready, note: nil), "ready orders stay as they are")
        let quotes = caller.calls.count
        _ = await broker.submit([ready])
        #expect(caller.calls.count == quotes + 1, "a ready order asks for no price again")
        #expect(caller.calls.last?["OVRS_ORD_UNPR"] == "203.47")
    }

    @Test("A market order that nobody got ready is sent as such a limit all the same")
    func notPrepared() async throws {
        let caller = ScriptedCaller([
            "HHDFS00000300": [.json(Self.price)], "HHDFS76200100": [.json(Self.book)],
            "TTTT1006U": [.json(KISBrokerSubmitTests.accepted)],
        ])
        let outcome = try await KISBroker.scripted(caller).submit([request(.sell)])[0]
        guard case .acknowledged = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(caller.calls.last?["OVRS_ORD_UNPR"] == "199.41")
        #expect(caller.calls.last?["ORD_DVSN"] == "00")
    }

    @Test("Where no book can be had the last price does")
    func fromTheLast() async throws {
        let cure = KISError.configuration(call: "inquire-asking-price", code: "", detail: "no", cure: "real quote keys")
        let caller = ScriptedCaller(["HHDFS00000300": [.json(Self.price)], "HHDFS76200100": [.failure(cure)]])
        let broker = try KISBroker.scripted(caller, real: false)
        guard case .ready(let ready, let note) = await broker.prepared(try request(.sell)) else {
            Issue.record("not ready")
            return
        }
        #expect(ready.type == .limit(try Price("199.28")), "199.287, towards being executed")
        #expect(note?.message.contains("the last price, 201.3") == true)
    }

    @Test("Without any price nothing is sent")
    func noPrice() async throws {
        let failing = ScriptedCaller(["HHDFS00000300": [.failure(.unavailable(call: "price", detail: "timed out"))]])
        #expect(try await KISBroker.scripted(failing).submit([try request(.buy)]).count == 1)
        let blank = ScriptedCaller(["HHDFS00000300": [.json(#"{"output":{"last":""}}"#)]])
        for caller in [failing, blank] {
            let outcome = try await KISBroker.scripted(caller).submit([request(.buy)])[0]
            guard case .notSent = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(caller.calls.allSatisfy { $0.endpoint.kind == .marketData })
        }
    }

    @Test("In Tokyo it stays inside the day's limits")
    func insideLimits() async throws {
        let caller = ScriptedCaller([
            "HHDFS00000300": [.json(#"{"output":{"last":"3000.0"}}"#)],
            "HHDFS76200200": [.json(#"{"output":{"last":"3000.0","uplp":"3010.0","dnlp":"2990.0"}}"#)],
        ])
        let toyota = try Instrument.foreign("7203", "XTKS", "JPY", tick: "1")
        let broker = try KISBroker.scripted(caller, markets: [.tokyo], instruments: [toyota])
        for (side, price) in [(Side.buy, 3010), (.sell, 2990)] {
            guard
                case .ready(let ready, _) = await broker.prepared(
                    KISBrokerSubmitTests.request(toyota, .market, side: side, quantity: 100))
            else {
                Issue.record("not ready")
                return
            }
            #expect(ready.type == .limit(Price(price)))
        }
    }

    @Test("Korean market orders stay market orders")
    func korea() async throws {
        let broker = try KISBroker.scripted(ScriptedCaller([:]))
        let request = KISBrokerSubmitTests.request(try .korean(), .market)
        #expect(await broker.prepared(request) == .ready(request, note: nil))
    }
}
