import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Signing in, market days and costs")
struct KISBrokerInquiryTests {
    // MARK: Signing in

    private static let balance = #"{"output2":[{"dnca_tot_amt":"1","prvs_rcdl_excc_amt":"1"}]}"#
    private static let tomorrow = Instant.korea("2031-03-05T08:41:07")

    private func signIn(
        _ signIn: KISSignIn, real: Bool, markets: [KISMarket] = [.krx, .nasdaq]
    ) async throws -> (sentences: [String], calls: [String]) {
        let caller = ScriptedCaller(
            ["TTTC8434R": [.json(Self.balance)], "TTTS3012R": [.json(#"{"output1":[],"output2":{}}"#)]],
            signIn: .success(signIn))
        let broker = try KISBroker.scripted(caller, real: real, markets: markets)
        return (try await broker.signIn(), caller.calls.map(\.endpoint.realID))
    }

    @Test("What was proven is told in a sentence for each: both key pairs, the notices, the account")
    func proven() async throws {
        let result = try await signIn(
            KISSignIn(
                trading: .init(environment: .virtual, goodUntil: Self.tomorrow),
                quotes: .init(environment: .real, goodUntil: Self.tomorrow), knowsHTSID: true), real: false)
        #expect(
            result.sentences == [
                "trading keys: an access token of the virtual host, good until 2031-03-04T23:41:07Z",
                "quote keys: an access token of the real host, good until 2031-03-04T23:41:07Z",
                "order notices: an approval key can be had",
                "account: KIS answers for ••••••••-01 under the trading keys",
            ])
        #expect(result.calls == ["TTTC8434R"])
    }

    @Test("Without quote keys and login name it says what is not to be had; an account abroad is read abroad")
    func withoutQuoteKeys() async throws {
        let keys = KISSignIn.Keys(environment: .virtual, goodUntil: Self.tomorrow)
        let virtual = try await signIn(
            KISSignIn(trading: keys, quotes: nil, knowsHTSID: false), real: false, markets: [.nasdaq])
        #expect(virtual.sentences[1].contains("the virtual host has no holidays"))
        #expect(virtual.sentences[2].contains("no HTS id is configured"))
        #expect(virtual.calls == ["TTTS3012R"])
        let real = KISSignIn.Keys(environment: .real, goodUntil: Self.tomorrow)
        let whole = try await signIn(KISSignIn(trading: real, quotes: nil, knowsHTSID: true), real: true)
        #expect(whole.sentences[1] == "quote keys: none, prices are asked for with the trading keys")
    }

    @Test("Keys that KIS refuses, and an account that is not theirs, are refused credentials")
    func refused() async throws {
        let refusal = KISError.credentialsRefused(call: "access token", code: "EGW00103", detail: "d")
        let caller = ScriptedCaller([:], signIn: .failure(refusal))
        await #expect(throws: BrokerError.credentialsRefused(broker: .kis, detail: "access token: EGW00103 d")) {
            try await KISBroker.scripted(caller).signIn()
        }
        let stranger = KISError.configuration(
            call: "inquire-balance", code: "OPSQ2000", detail: "KIS does not know the account", cure: "check it")
        let keys = KISSignIn.Keys(environment: .real, goodUntil: Self.tomorrow)
        let other = ScriptedCaller(
            ["TTTC8434R": [.failure(stranger)]],
            signIn: .success(KISSignIn(trading: keys, quotes: nil, knowsHTSID: true)))
        await #expect(
            throws: BrokerError.credentialsRefused(
                broker: .kis, detail: "inquire-balance: OPSQ2000 KIS does not know the account; check it")
        ) { try await KISBroker.scripted(other).signIn() }
    }

    @Test("Over HTTP: two tokens and an approval key of the trading pair, nothing else, and nothing secret told")
    func overHTTP() async throws {
        let answer = StubKIS.reply(Self.balance.replacing(#"{"output2""#, with: #"{"rt_cd":"0","output2""#))
        let stub = try await StubKIS(["replies": [answer], "token_spacing": .double(0)])
        let broker = KISBroker(
            try KISClientTests.client(stub, quotes: true), account: try KISAccount("\(StubKIS.Planted.account)-01"),
            rules: KISTradingRules(environment: .virtual, markets: [.krx]), instruments: [], clock: RealClock())
        let sentences = try await broker.signIn()
        #expect(sentences.count == 4 && sentences[1].hasPrefix("quote keys: an access token of the real host"))
        for secret in StubKIS.Planted.all { #expect(!sentences.contains { $0.contains(secret) }) }
        let seen = try await stub.seen()
        #expect(
            seen.map { $0.path.prefix { $0 != "?" } } == [
                "/oauth2/tokenP", "/oauth2/tokenP", "/oauth2/Approval",
                "/uapi/domestic-stock/v1/trading/inquire-balance",
            ])
        let bodies = try seen[..<3].map { try JSONValue(parsing: $0.body)["appkey"]?.stringValue }
        #expect(bodies == [StubKIS.Planted.appKey, StubKIS.Planted.quoteKey, StubKIS.Planted.appKey])
        _ = try await broker.signIn()
        #expect(try await stub.tokenIssues() == 2, "a token that lives is used again")
    }

    @Test("Of two key pairs, the message says which one was refused, and its code once")
    func whichKeys() async throws {
        let refusal = StubKIS.reply(
            #"{"error_code":"EGW00103","error_description":"유효하지 않은 AppKey입니다."}"#, status: 403)
        let stub = try await StubKIS(["token": [StubKIS.reply(Self.token), refusal]])
        let client = try KISClientTests.client(stub, quotes: true)
        let error = await #expect(throws: KISError.self) { try await client.signIn() }
        let text = error.map { KISFailure($0).description } ?? ""
        #expect(
            text.hasPrefix("access token for the quote keys: EGW00103 KIS issues no access token: 유효하지 않은 AppKey입니다. (")
        )
        #expect(text.ranges(of: "EGW00103").count == 1)
    }

    private static let token = #"{"access_token":"a-token-of-the-trading-keys","expires_in":86400}"#

    // MARK: Market days

    private static func days(_ dates: [String], open: String = "Y") -> String {
        let rows = dates.map {
            #"{"bass_dt":"\#($0)","wday_dvsn_cd":"02","bzdy_yn":"Y","tr_day_yn":"Y","opnd_yn":"\#(open)","sttl_day_yn":"Y"}"#
        }
        return #"{"output":[\#(rows.joined(separator: ","))],"ctx_area_fk":"A ","ctx_area_nk":"20310305 "}"#
    }

    @Test("The days wanted and no page more: a day is open by its own mark, and settles by another")
    func marketDays() async throws {
        let caller = ScriptedCaller([
            "CTCA0903R": [
                .json(Self.days(["20310301", "20310302"], open: "N"), more: true),
                .json(Self.days(["20310303", "20310304", "20310305"]), more: true),
            ]
        ])
        let days = try await KISBroker.scripted(caller)
            .marketDays(ExchangeID("XKRX"), from: .day("2031-03-01"), through: .day("2031-03-04"))
        #expect(days.isComplete)
        #expect(days.items.map(\.date.description) == ["2031-03-01", "2031-03-02", "2031-03-03", "2031-03-04"])
        #expect(days.items.map(\.isOpen) == [false, false, true, true])
        #expect(!days.items.contains { !$0.isSettlementDay })
        #expect(caller.calls.map(\.isContinuation) == [false, true])
        #expect(caller.calls.map { $0["CTX_AREA_NK"] } == ["", "20310305 "])
        #expect(caller.calls.allSatisfy { $0["BASS_DT"] == "20310301" })
    }

    @Test("A list that ends too early, or has a mark that is none, is not the whole one")
    func incompleteDays() async throws {
        let told = ToldTrouble()
        let broken = Self.days(["20310303", "20310304"]).replacing(
            #""opnd_yn":"Y""#, with: #""opnd_yn":"?""#, maxReplacements: 1)
        let caller = ScriptedCaller(["CTCA0903R": [.json(broken)]])
        let days = try await KISBroker.scripted(caller, trouble: told.tell)
            .marketDays(ExchangeID("XKRX"), from: .day("2031-03-03"), through: .day("2031-03-31"))
        #expect(days.items.map(\.date.description) == ["2031-03-04"] && !days.isComplete)
        #expect(
            told.all == [
                "chk-holiday, row 1: opnd_yn '?' is not known", "chk-holiday: KIS announces days until 2031-03-04 only",
            ])
    }

    @Test("Other exchanges are not to be had; an empty span asks for nothing")
    func otherExchanges() async throws {
        let caller = ScriptedCaller([:])
        let broker = try KISBroker.scripted(caller)
        await #expect(
            throws: BrokerError.unavailable(
                broker: .kis, detail: "KIS announces the days of the Korean market (XKRX) only, not those of XNAS")
        ) { try await broker.marketDays(ExchangeID("XNAS"), from: .day("2031-03-03"), through: .day("2031-03-04")) }
        let none = try await broker.marketDays(
            ExchangeID("XKRX"), from: .day("2031-03-05"), through: .day("2031-03-04"))
        #expect(none.items.isEmpty && none.isComplete && caller.calls.isEmpty)
    }

    @Test("A virtual account without quote keys is told which keys it takes, and nothing is sent")
    func withoutRealHost() async throws {
        let stub = try await StubKIS(replies: [StubKIS.success])
        let broker = KISBroker(
            try KISClientTests.client(stub), account: .fixture,
            rules: KISTradingRules(environment: .virtual, markets: [.krx]), instruments: [], clock: RealClock())
        let error = await #expect(throws: BrokerError.self) {
            try await broker.marketDays(ExchangeID("XKRX"), from: .day("2031-03-03"), through: .day("2031-03-04"))
        }
        guard case .credentialsRefused(_, let detail)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("NO-QUOTE-KEY") && detail.contains("KIS_QUOTE_APP_KEY"))
        #expect(try await stub.seen().isEmpty)
    }

    // MARK: Costs

    private static let totals = """
        {"output1":[],"output2":{"tot_ord_qty":"10","tot_ccld_qty":"4","tot_ccld_amt":"282000","prsm_tlex_smtl":"42",
        "pchs_avg_pric":"70500.0000"},"rt_cd":"0","msg_cd":"KIOK0510","msg1":"조회가 완료되었습니다"}
        """

    @Test("What the executions of a day cost by KIS's own estimate, and what they came to", arguments: [true, false])
    func costs(isReal: Bool) async throws {
        let caller = ScriptedCaller(["TTTC0081R": [.json(Self.totals)]])
        let costs = try await KISBroker.scripted(caller, real: isReal).chargedCosts(on: .day("2031-03-04"))
        #expect(
            costs == [
                BrokerDayCosts(
                    date: .day("2031-03-04"), costs: Money(FixedPoint(42), .krw),
                    traded: Money(FixedPoint(282_000), .krw), isEstimate: true)
            ])
        let call = caller.calls[0]
        #expect([call["INQR_STRT_DT"], call["INQR_END_DT"], call["CCLD_DVSN"]] == ["20310304", "20310304", "01"])
    }

    @Test("Older days stand in another list; where that one begins is not known, and not guessed")
    func olderCosts() async throws {
        let caller = ScriptedCaller(["CTSC9215R": [.json(Self.totals)], "TTTC0081R": [.json(Self.totals)]])
        let broker = try KISBroker.scripted(caller)
        let today = CivilDate.day("2031-03-04")
        for (age, id) in [(84, "TTTC0081R"), (93, "CTSC9215R")] {
            #expect(try await broker.chargedCosts(on: today.advanced(byDays: -age)).count == 1)
            #expect(caller.calls.last?.endpoint.realID == id)
        }
        for age in [85, 92] {
            await #expect(throws: BrokerError.self) {
                try await broker.chargedCosts(on: today.advanced(byDays: -age))
            }
        }
        #expect(caller.calls.count == 2)
    }

    @Test("Where KIS says nothing there is nothing: no sums, or no Korean shares")
    func noCosts() async throws {
        let caller = ScriptedCaller(["TTTC0081R": [.json(#"{"output1":[],"output2":{"tot_ccld_qty":"0"}}"#)]])
        #expect(try await KISBroker.scripted(caller).chargedCosts(on: .day("2031-03-04")).isEmpty)
        let abroad = ScriptedCaller([:])
        #expect(try await KISBroker.scripted(abroad, markets: [.nasdaq]).chargedCosts(on: .day("2031-03-04")).isEmpty)
        #expect(abroad.calls.isEmpty)
        let torn = ScriptedCaller(["TTTC0081R": [.json(Self.totals.replacing(#""42""#, with: #""4z""#))]])
        await #expect(
            throws: BrokerError.malformedAnswer(
                broker: .kis, detail: "inquire-daily-ccld: prsm_tlex_smtl '4z' is no number")
        ) { try await KISBroker.scripted(torn).chargedCosts(on: .day("2031-03-04")) }
    }
}
