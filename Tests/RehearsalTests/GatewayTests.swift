import Core
import Testing

@testable import Rehearsal

@Suite("The simulated gateway")
struct GatewayTests {
    @Test("One token a minute; within six hours the same one; after a day it is void")
    func tokens() throws {
        var market = Market()
        let first = try market.askToken()
        #expect(first.json["token_type"] == "Bearer" && first.json["expires_in"] == 86_400)
        // Nine in the morning and a day, in Korean time.
        #expect(first.json["access_token_token_expired"] == "2026-11-21 09:00:00")
        market.token = try #require(first.json["access_token"]?.stringValue)
        #expect(market.token.utf8.count <= 350)

        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 59))
        let early = try market.askToken()
        #expect(early.reply.status == 403 && early.json["error_code"] == "EGW00133")
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 60))
        #expect(try market.askToken().json["access_token"]?.stringValue == market.token)
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 6 * 3600))
        #expect(try market.askToken().json["access_token"]?.stringValue != market.token)

        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 86_399))
        #expect(try market.list().json["rt_cd"] == "0")
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 86_400))
        let expired = try market.list()
        #expect(expired.reply.status == 500 && expired.json["msg_cd"] == "EGW00123")
    }

    @Test(
        "Wrong credentials are told apart",
        arguments: [
            (["authorization": ""], "EGW00122"), (["authorization": "Bearer nothing"], "EGW00121"),
            (["appkey": ""], "EGW00102"), (["appkey": "PSVH"], "EGW00103"), (["appsecret": ""], "EGW00104"),
            (["appsecret": "x"], "EGW00105"),
        ])
    func credentials(_ headers: [String: String], _ code: String) throws {
        var market = Market()
        let answer = try market.call(
            "GET", "/uapi/domestic-stock/v1/quotations/inquire-price", "FHKST01010100",
            ["FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930"], headers: headers)
        #expect(answer.json["msg_cd"]?.stringValue == code && answer.reply.status == 500)
    }

    @Test("A token of the other environment is no token")
    func otherEnvironment() throws {
        var market = Market()
        market.token = try #require(try market.askToken().json["access_token"]?.stringValue)
        market.environment = .real
        #expect(try market.list().json["msg_cd"] == "EGW00121")
    }

    @Test("More calls a second than allowed are refused, and a second later they are taken again")
    func rateLimit() throws {
        var market = Market(callsPerSecond: 2)
        _ = try market.list()
        _ = try market.list()
        let third = try market.list()
        #expect(third.reply.status == 500 && third.json["msg_cd"] == "EGW00201")
        market.elapsed += 1_000_000_000
        #expect(try market.list().json["rt_cd"] == "0")
    }

    @Test("Transaction ids belong to an environment and to a path")
    func transactionIDs() throws {
        var market = Market()
        func code(_ path: String, _ id: String) throws -> String? {
            try market.call(
                "GET", "/uapi/domestic-stock/v1/trading/" + path, id, ["CANO": "50123456", "ACNT_PRDT_CD": "01"]
            ).json["msg_cd"]?.stringValue
        }
        #expect(try code("inquire-balance", "TTTC8434R") == "EGW00213")
        #expect(try code("inquire-balance", "VTTC8908R") == "OPSQ0002")
        // The virtual environment has no list of open orders.
        #expect(try code("inquire-psbl-rvsecncl", "TTTC0084R") == "EGW00213")
        #expect(try code("inquire-nothing", "VTTC8434R") == "OPSQ0002")
    }

    @Test("Fields are checked: there, not too long, of the account, texts in upper case")
    func fields() throws {
        var market = Market()
        func code(_ fields: KeyValuePairs<String, String>) throws -> String? {
            try market.call(
                "GET", "/uapi/domestic-stock/v1/trading/inquire-psbl-order", "VTTC8908R", fields
            ).json["msg_cd"]?.stringValue
        }
        let rest: KeyValuePairs = [
            "CANO": "50123456", "ACNT_PRDT_CD": "01", "PDNO": "005930", "ORD_UNPR": "70000", "ORD_DVSN": "00",
            "CMA_EVLU_AMT_ICLD_YN": "N",
        ]
        #expect(try code(rest) == "OPSQ2001")
        func with(_ name: String, _ value: String) -> KeyValuePairs<String, String> {
            let all = rest + [("OVRS_ICLD_YN", "N")]
            return Self.pairs(all.map { $0.key == name ? ($0.key, value) : ($0.key, $0.value) })
        }
        #expect(try code(with("", "")) == "MCA00000")
        #expect(try code(with("CANO", "501234567")) == "OPSQ2002")
        #expect(try code(with("CANO", "50012345")) == "OPSQ2000")
        let lower = try market.call(
            "POST", "/uapi/domestic-stock/v1/trading/order-cash", "VTTC0012U",
            ["cano": "50123456", "ACNT_PRDT_CD": "01"])
        #expect(lower.json["msg_cd"] == "OPSQ2001")
    }

    private static func pairs(_ items: [(String, String)]) -> KeyValuePairs<String, String> {
        // Seven fields: the literal is the only way to make such pairs.
        [
            items[0].0: items[0].1, items[1].0: items[1].1, items[2].0: items[2].1, items[3].0: items[3].1,
            items[4].0: items[4].1, items[5].0: items[5].1, items[6].0: items[6].1,
        ]
    }

    @Test("Answers look as KIS's do: padded messages, one upper-case answer, arrays and a field spelled by itself")
    func shapes() throws {
        var market = Market()
        let answer = try market.send("buy", 1, at: 70_000)
        #expect(answer["msg1"]?.stringValue?.count == 80)
        #expect(answer["output"]?["ODNO"]?.stringValue == "117001")
        #expect(answer["output"]?["KRX_FWDG_ORD_ORGNO"] == "00950" && answer["output"]?["ORD_TMD"] == "090000")
        #expect(answer["msg_cd"] == "40600000")
        let rows = try market.list().json
        #expect(rows["output1"]?.arrayValue?.first?["excg_id_dvsn_Cd"] == "KRX")
        #expect(rows["ctx_area_fk100"]?.stringValue?.count == 100)
        var real = Market(environment: .real)
        let other = try real.send("buy", 1, at: 70_000)
        #expect(other["output"]?["ODNO"] == "0000117001" && other["msg_cd"] == "APBK0013")
    }

    @Test("Pages: 37 orders are 15, 15 and 7, in order and each once, also when new ones come in between")
    func paging() throws {
        var market = Market()
        var numbers: [Int] = []
        for _ in 0..<37 { numbers.append(try market.order("buy", 1, at: 69_000)) }
        var answer = try market.list()
        var (seen, conts): ([Int], [String]) = ([], [])
        while true {
            seen += (answer.json["output1"]?.arrayValue ?? []).compactMap {
                $0["odno"]?.stringValue.flatMap { Int($0) }
            }
            let cont = try #require(answer.reply.headers.first { $0.0 == "tr_cont" }?.1)
            conts.append("\(cont)\(answer.json["output1"]?.arrayValue?.count ?? 0)")
            if cont == "D" || cont == "E" { break }
            _ = try market.order("buy", 1, at: 69_000)
            answer = try market.list(next: answer.json)
        }
        #expect(conts == ["F15", "M15", "E7"])
        #expect(seen == numbers.reversed())
        // Without the header the first page comes again.
        #expect(try market.list(["INQR_DVSN": "01"]).reply.headers.first { $0.0 == "tr_cont" }?.1 == "F")
    }

    @Test("New orders show in the list only after the delay")
    func listDelay() throws {
        var market = Market { $0.listDelaySeconds = 20 }
        _ = try market.order("buy", 1, at: 70_000)
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 19))
        let empty = try market.list().json
        #expect(empty["output1"]?.arrayValue?.isEmpty == true && empty["msg_cd"] == "KIOK0560")
        // The position is there before the order is.
        #expect(try market.balance().positions.first?["hldg_qty"] == "1")
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 20))
        #expect(try market.list().json["output1"]?.arrayValue?.count == 1)
    }

    @Test("An order given by hand stands in the list beside ours, and says where it came from")
    func byHand() throws {
        var market = Market()
        let ours = try market.order("buy", 1, at: 69_000)
        let other = try market.kis.placeByHand([
            "account": "5012345601", "symbol": "005930", "side": "buy", "quantity": 1, "price": "69000",
        ])
        #expect(try market.row(of: ours)["ordr_empno"] == "OpnAPI")
        #expect(try market.row(of: other)["ordr_empno"] == "HTS")
        #expect(throws: Refusal.offTick) {
            try market.kis.placeByHand([
                "account": "5012345601", "symbol": "005930", "side": "buy", "quantity": 1, "price": "69001",
            ])
        }
    }
}
