import Core
import Foundation
import Testing

@testable import Rehearsal

/// A small market with prices written by hand, and a client that says what KIS's documents say.
struct Market {
    /// Nine o'clock in Seoul on a Friday.
    static let nine = Instant(epochSeconds: 1_795_132_800)
    /// Half past nine in New York on the same day.
    static let newYork = Instant(epochSeconds: 1_795_185_000)

    var kis: SimulatedKIS
    var environment = KISEnvironment.virtual
    var elapsed: Int64 = 0
    var token = ""

    init(
        environment: KISEnvironment = .virtual, start: Instant = Self.nine, bars: [Bar] = Self.bars(),
        callsPerSecond: Int = .max, change: (inout KISSimulatorConfiguration) -> Void = { _ in }
    ) {
        var configuration = KISSimulatorConfiguration(seed: 11, start: start)
        configuration.symbols = [
            SimulatedSymbol(
                code: "005930", name: "SYNTH A", venue: .krx, basePrice: FixedPoint(70_500), depth: 100, bars: bars),
            SimulatedSymbol(
                code: "AAPL", name: "SYNTH B", venue: .nasdaq, basePrice: FixedPoint(200), depth: 100,
                bars: [Self.bar(Self.newYork, 20_000, 20_100, 20_000, 20_100, 400, scale: 100)]),
        ]
        configuration.fees = SimulatedFees(
            domesticCommission: FixedPoint(int64Units: 15_000), domesticSaleTax: FixedPoint(int64Units: 200_000),
            overseasCommission: FixedPoint(int64Units: 250_000), usSaleFee: FixedPoint(int64Units: 2060))
        configuration.historySessions = 0
        configuration.callsPerSecond = [.real: callsPerSecond, .virtual: callsPerSecond]
        change(&configuration)
        kis = SimulatedKIS(configuration)
        self.environment = environment
    }

    /// Two minutes: 70,000 · 69,900 · 70,200 · 70,100, then 70,100 · 70,300 · 69,800 · 69,900; 100 shares a trade.
    static func bars() -> [Bar] {
        [
            bar(nine, 70_000, 70_200, 69_900, 70_100, 400),
            bar(nine.advanced(bySeconds: 60), 70_100, 70_300, 69_800, 69_900, 400),
        ]
    }

    static func bar(
        _ at: Instant, _ open: Int, _ high: Int, _ low: Int, _ close: Int, _ volume: Int, scale: Int64 = 1
    ) -> Bar {
        func price(_ number: Int) -> Price { Price(FixedPoint(int64Units: Int64(number) * 100_000_000 / scale)) }
        return Bar(
            openAt: at, open: price(open), high: price(high), low: price(low), close: price(close),
            volume: Quantity(FixedPoint(volume)), source: .imported)
    }

    var account: String { environment == .real ? "5001234501" : "5012345601" }

    // MARK: Calls

    mutating func call(
        _ method: String, _ path: String, _ trID: String, _ fields: KeyValuePairs<String, String>,
        headers: [String: String] = [:]
    ) throws -> (reply: KISReply, json: JSONValue) {
        if token.isEmpty { token = try login() }
        let credential = try #require(kis.gateway.credential(environment))
        var all = [
            "authorization": "Bearer \(token)", "appkey": credential.appKey, "appsecret": credential.appSecret,
            "tr_id": trID, "content-type": "application/json; charset=utf-8",
        ]
        all.merge(headers) { $1 }
        var uri = path
        var body: [UInt8] = []
        if method == "GET" {
            uri += "?" + fields.map { "\($0.key)=\($0.value.replacing(" ", with: "%20"))" }.joined(separator: "&")
        } else {
            body = Rehearsal.row(fields).utf8
        }
        elapsed += 1_000_000
        let request = KISRequest(method: method, uri: uri, headers: all, body: body)
        let outcome = kis.answer(request, at: environment, elapsed: elapsed)
        let reply = try #require(outcome.reply)
        return (reply, try JSONValue(parsing: reply.body))
    }

    mutating func post(_ path: String, _ body: JSONValue) throws -> (reply: KISReply, json: JSONValue) {
        let request = KISRequest(
            method: "POST", uri: path, headers: ["content-type": "application/json"], body: body.utf8)
        let reply = try #require(kis.answer(request, at: environment, elapsed: elapsed).reply)
        return (reply, try JSONValue(parsing: reply.body))
    }

    mutating func askToken() throws -> (reply: KISReply, json: JSONValue) {
        let credential = try #require(kis.gateway.credential(environment))
        return try post(
            "/oauth2/tokenP",
            [
                "grant_type": "client_credentials", "appkey": .string(credential.appKey),
                "appsecret": .string(credential.appSecret),
            ])
    }

    private mutating func login() throws -> String {
        try #require(try askToken().json["access_token"]?.stringValue)
    }

    mutating func approval() throws -> String {
        let credential = try #require(kis.gateway.credential(environment))
        let answer = try post(
            "/oauth2/Approval",
            [
                "grant_type": "client_credentials", "appkey": .string(credential.appKey),
                "secretkey": .string(credential.appSecret),
            ])
        return try #require(answer.json["approval_key"]?.stringValue)
    }

    // MARK: Orders

    /// The answer to a Korean order.
    mutating func send(
        _ side: String, _ quantity: Int, at price: Int, type: String = "00", condition: Int? = nil
    ) throws -> JSONValue {
        let id = (environment == .real ? "T" : "V") + (side == "buy" ? "TTC0012U" : "TTC0011U")
        return try call(
            "POST", "/uapi/domestic-stock/v1/trading/order-cash", id,
            [
                "CANO": String(account.prefix(8)), "ACNT_PRDT_CD": "01", "PDNO": "005930", "ORD_DVSN": type,
                "ORD_QTY": "\(quantity)", "ORD_UNPR": "\(price)", "EXCG_ID_DVSN_CD": "KRX",
                "CNDT_PRIC": condition.map { "\($0)" } ?? "",
            ]
        ).json
    }

    /// The number of an order that must be taken.
    mutating func order(
        _ side: String, _ quantity: Int, at price: Int, type: String = "00", condition: Int? = nil
    ) throws -> Int {
        let answer = try send(side, quantity, at: price, type: type, condition: condition)
        try #require(answer["rt_cd"] == "0", "\(answer.text)")
        return try #require(answer["output"]?["ODNO"]?.stringValue.flatMap { Int($0) })
    }

    mutating func change(_ what: String, _ number: Int, quantity: Int?, price: Int = 0) throws -> JSONValue {
        try call(
            "POST", "/uapi/domestic-stock/v1/trading/order-rvsecncl",
            environment == .real ? "TTTC0013U" : "VTTC0013U",
            [
                "CANO": String(account.prefix(8)), "ACNT_PRDT_CD": "01",
                "KRX_FWDG_ORD_ORGNO": environment == .real ? "06010" : "00950", "ORGN_ODNO": "\(number)",
                "ORD_DVSN": "00", "RVSE_CNCL_DVSN_CD": what, "ORD_QTY": "\(quantity ?? 0)", "ORD_UNPR": "\(price)",
                "QTY_ALL_ORD_YN": quantity == nil ? "Y" : "N",
            ]
        ).json
    }

    mutating func list(
        _ fields: [String: String] = [:], next: JSONValue? = nil
    ) throws -> (reply: KISReply, json: JSONValue) {
        let today = kis.exchange.today.compact
        return try call(
            "GET", "/uapi/domestic-stock/v1/trading/inquire-daily-ccld",
            environment == .real ? "TTTC0081R" : "VTTC0081R",
            [
                "CANO": String(account.prefix(8)), "ACNT_PRDT_CD": "01", "INQR_STRT_DT": today, "INQR_END_DT": today,
                "SLL_BUY_DVSN_CD": "00", "PDNO": "", "CCLD_DVSN": fields["CCLD_DVSN"] ?? "00",
                "INQR_DVSN": fields["INQR_DVSN"] ?? "00", "INQR_DVSN_3": "00", "INQR_DVSN_1": "", "ORD_GNO_BRNO": "",
                "ODNO": fields["ODNO"] ?? "", "EXCG_ID_DVSN_CD": "KRX",
                "CTX_AREA_FK100": next?["ctx_area_fk100"]?.stringValue ?? "",
                "CTX_AREA_NK100": next?["ctx_area_nk100"]?.stringValue ?? "",
            ], headers: next == nil ? [:] : ["tr_cont": "N"])
    }

    mutating func row(of number: Int) throws -> JSONValue {
        let rows = try list().json["output1"]?.arrayValue ?? []
        return try #require(rows.first { $0["odno"]?.stringValue.flatMap { Int($0) } == number })
    }

    mutating func balance() throws -> (positions: [JSONValue], totals: JSONValue) {
        let answer = try call(
            "GET", "/uapi/domestic-stock/v1/trading/inquire-balance",
            environment == .real ? "TTTC8434R" : "VTTC8434R",
            [
                "CANO": String(account.prefix(8)), "ACNT_PRDT_CD": "01", "AFHR_FLPR_YN": "N", "OFL_YN": "",
                "INQR_DVSN": "02", "UNPR_DVSN": "01", "FUND_STTL_ICLD_YN": "N", "FNCG_AMT_AUTO_RDPT_YN": "N",
                "PRCS_DVSN": "00", "CTX_AREA_FK100": "", "CTX_AREA_NK100": "",
            ]
        ).json
        return (answer["output1"]?.arrayValue ?? [], try #require(answer["output2"]?.arrayValue?.first))
    }
}
