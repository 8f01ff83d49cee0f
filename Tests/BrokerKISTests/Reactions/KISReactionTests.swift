import Core
import Testing

@testable import BrokerKIS

/// The table of codes as the fact sheet has it, written out here a second time and by its own classes: R retry, T renew,
/// F configuration or credentials, B refusal, U outcome unknown, ok.
@Suite("Reactions to KIS's codes")
struct KISReactionTests {
    enum Class: Sendable {
        case retry, unknown, renew, configuration, credentials, slow, refusal, success, empty, tooSoon
    }

    struct Row: Sendable {
        let codes: [String]
        let is_: Class
        init(_ codes: String, _ class_: Class) {
            self.codes = codes.split(separator: " ").map(String.init)
            is_ = class_
        }
    }

    static let sheet: [Row] = [
        Row("EGW00001 EGW00002", .retry),
        Row("EGW00003 EGW00004 EGW00206 EGW00207 EGW00303", .configuration),
        Row("EGW00101 EGW00115 EGW00116 EGW00132", .configuration),
        Row("EGW00102 EGW00103 EGW00104 EGW00105 EGW00304", .credentials),
        Row("EGW00121 EGW00122 EGW00123", .renew),
        Row("EGW00131", .configuration),
        Row("EGW00133", .tooSoon),
        Row("EGW00201", .slow),
        Row("EGW00202 EGW00203 EGW00300", .retry),
        Row("EGW00205 EGW00208", .configuration),
        Row("EGW00213 EGW2004", .configuration),
        Row("EGW00301 EGW00302", .unknown),
        Row("IGW00009", .unknown),
        Row("OPSQ0002 OPSQ2000 OPSQ2001 OPSQ2002", .configuration),
        Row("OPSQ1002 OPSQ0003 OPSQ0007 OPSQ0011 OPSQ3000 OPSQ3999", .retry),
        Row("KIOK0510 KIOK0530 KIOK0420 KIOK0460 MCA00000 APBK0013 40600000 APBK1711", .success),
        Row("KIOK0560", .empty),
        Row("APBK0656 APBK0952 APBK0400 APBK0919 APBK0918 APBK1664 40580000 40100000", .refusal),
    ]

    private func envelope(_ result: String, _ code: String, _ message: String = "") -> KISBody {
        KISBody(
            JSONValue.object([
                .init("rt_cd", .string(result)), .init("msg_cd", .string(code)), .init("msg1", .string(message)),
            ]).utf8)
    }

    private func gateway(_ code: String) -> KISBody {
        KISBody(JSONValue.object([.init("error_code", .string(code)), .init("error_description", "x")]).utf8)
    }

    @Test(
        "Every code has the class of the sheet, in both shapes, with every status, for reads and for orders",
        arguments: sheet)
    func table(row: Row) {
        for code in row.codes {
            for status in [200, 403, 500] {
                for kind in [KISEndpoint.Kind.inquiry, .marketData, .order] {
                    let success = row.is_ == .success || row.is_ == .empty
                    let bodies = success ? [envelope("0", code)] : [envelope("1", code), gateway(code)]
                    for body in bodies {
                        let reaction = KISReaction.to(status: status, body: body, of: kind)
                        #expect(
                            reaction.kind == expected(row.is_, isOrder: kind == .order), "\(code) \(status) \(kind)")
                        #expect(reaction.code == code)
                        #expect(reaction.text.hasPrefix(code))
                    }
                }
            }
        }
    }

    private func expected(_ class_: Class, isOrder: Bool) -> KISReaction.Kind {
        switch class_ {
        case .retry, .unknown: isOrder ? .outcomeUnknown : .retry
        case .renew: .renew
        case .configuration: .configuration
        case .credentials: .credentials
        case .slow: .slowDown
        case .refusal: .refused
        case .success, .empty: .success
        case .tooSoon: isOrder ? .outcomeUnknown : .unavailable
        }
    }

    @Test("No code stands in two rows, and each that stops something says in English what it is and what to do")
    func rows() {
        for row in KISReactionTests.sheet {
            for code in row.codes { #expect(KISCodeMeaning.table.count { $0.codes.contains(code) } == 1, "\(code)") }
        }
        for row in KISCodeMeaning.table {
            #expect(!row.meaning.isEmpty)
            let isEnglish = row.meaning.utf8.allSatisfy { $0 < 0x80 }
            #expect(isEnglish)
            if row.kind != .success, row.kind != .empty { #expect(!row.cure.isEmpty, "\(row.codes)") }
        }
        for code in ["OPSQ0012", "OPSQ30000", "OPSQ03", "OPSQ000A", "EGW0020", "egw00201", ""] {
            #expect(KISCodeMeaning.of(code) == nil, "\(code)")
        }
    }

    @Test("Bodies of no form KIS has: reads go by the status, the outcome of an order is unknown whatever the status")
    func foreign() {
        for text in [
            "", "  \r\n", "<html>502</html>", "[]", "null", "{}", #"{"output":{}}"#, #"{"rt_cd":"0""#, "\u{0}\u{1}",
            #"{"rt_cd":0}"#,
        ] {
            let body = KISBody(Array(text.utf8))
            for status in [200, 204, 301, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504] {
                #expect(KISReaction.to(status: status, body: body, of: .order).kind == .outcomeUnknown)
                let expected: KISReaction.Kind =
                    switch status {
                    case 200, 204: .malformed
                    case 408, 429, 500...: .retry
                    default: .configuration
                    }
                #expect(KISReaction.to(status: status, body: body, of: .inquiry).kind == expected, "\(text) \(status)")
            }
        }
    }

    @Test("A code that nobody listed: the order desks' form is a refusal, everything else leaves an order unknown")
    func unlisted() {
        for code in ["APBK9999", "40999999"] {
            #expect(KISReaction.to(status: 200, body: envelope("7", code), of: .order).kind == .refused)
            #expect(KISReaction.to(status: 500, body: envelope("7", code), of: .inquiry).kind == .refused)
        }
        for code in ["EGW99999", "IGW00001", "", "APBK", "APBK99999", "APBKabcd", "90000000", "4060000", "X"] {
            for status in [200, 403, 500] {
                #expect(KISReaction.to(status: status, body: envelope("1", code), of: .order).kind == .outcomeUnknown)
            }
            #expect(KISReaction.to(status: 500, body: envelope("1", code), of: .inquiry).kind == .retry)
            #expect(KISReaction.to(status: 200, body: envelope("1", code), of: .inquiry).kind == .refused)
        }
        // An unlisted text in a successful answer is no news.
        #expect(KISReaction.to(status: 200, body: envelope("0", "APBK0042"), of: .order).kind == .success)
    }

    @Test("An answer whose code and result contradict each other is nothing to build on")
    func contradictions() {
        for code in ["EGW00201", "EGW00123", "APBK0952", "OPSQ2000", "EGW00001"] {
            #expect(KISReaction.to(status: 200, body: envelope("0", code), of: .order).kind == .outcomeUnknown)
        }
        for code in ["APBK0013", "40600000", "MCA00000", "KIOK0560"] {
            #expect(KISReaction.to(status: 200, body: envelope("1", code), of: .order).kind == .outcomeUnknown)
            #expect(KISReaction.to(status: 200, body: envelope("1", code), of: .inquiry).kind == .malformed)
        }
        #expect(KISReaction.to(status: 200, body: envelope("0", "EGW00123"), of: .inquiry).kind == .renew)
    }

    @Test(
        "Whatever the answer: an order is taken for placed on rt_cd 0 only, for not placed on a listed code or a desk's only"
    )
    func anything() {
        var chance = SeededGenerator(seed: 20_261_127)
        let codes =
            KISReactionTests.sheet.flatMap(\.codes) + [
                "", "APBK1234", "EGW00999", "41234567", "ZZZ", "\u{0}", "APBK０００１",
            ]
        let results = ["0", "1", "2", "7", "9", "", "00", "-1", "０"]
        for _ in 0..<20_000 {
            let code = codes[Int(chance.next() % UInt64(codes.count))]
            let result = results[Int(chance.next() % UInt64(results.count))]
            let status = 200 + Int(chance.next() % 400)
            let body = chance.next() % 4 == 0 ? gateway(code) : envelope(result, code, "주문")
            let reaction = KISReaction.to(status: status, body: body, of: .order)
            switch reaction.kind {
            case .success:
                guard case .envelope(_, "0", _, _) = body else {
                    Issue.record("placed: \(body)")
                    return
                }
            case .refused, .configuration, .credentials, .slowDown, .renew:
                let known = KISCodeMeaning.of(code)
                #expect(known != nil || code == "APBK1234" || code == "41234567", "\(code)")
                if case .envelope(_, "0", _, _) = body { Issue.record("not placed: \(body)") }
            case .outcomeUnknown: break
            case .retry, .malformed, .unavailable: Issue.record("an order is never \(reaction.kind)")
            }
        }
    }
}

@Suite("Refusals by their words")
struct KISRefusalTests {
    struct Case: Sendable {
        let code: String
        let message: String
        let reason: KISRefusal
    }

    @Test(
        "The Korean words count before the code",
        arguments: [
            Case(code: "APBK0919", message: "장운영일자가 주문일과 상이합니다", reason: .marketClosed),
            Case(code: "APBK0918", message: "장운영시간이 아닙니다.", reason: .marketClosed),
            Case(code: "APBK0918", message: "매도가능수량이 부족합니다", reason: .insufficientHolding),
            Case(code: "APBK0918", message: "예수금이 부족합니다", reason: .insufficientCash),
            Case(code: "APBK0952", message: "주문가능금액을 초과 했습니다", reason: .insufficientCash),
            Case(code: "APBK0400", message: "주문 가능한 수량을 초과했습니다.", reason: .insufficientHolding),
            Case(code: "APBK9999", message: "호가단위 오류입니다", reason: .tickSize),
            Case(code: "APBK9999", message: "상한가를 초과하였습니다", reason: .priceLimit),
            Case(code: "APBK9999", message: "모의투자 잔고내역이 없습니다", reason: .insufficientHolding),
            Case(code: "40580000", message: "모의투자 장종료 입니다.", reason: .marketClosed),
            Case(code: "40100000", message: "모의투자 영업일이 아닙니다.", reason: .marketClosed),
            Case(code: "APBK0919", message: "주문가능 금액 확인", reason: .insufficientCash),
            Case(code: "APBK0656", message: "해당종목정보가 없습니다.", reason: .unknownSymbol),
            Case(code: "APBK7777", message: "알 수 없는 오류", reason: .other),
        ])
    func words(_ example: Case) {
        #expect(KISRefusal.of(code: example.code, message: example.message) == example.reason)
    }

    @Test("Every word of the sheet leads to its reason whatever the code")
    func sheet() {
        let sheet: [(KISRefusal, String)] = [
            (.marketClosed, "영업일/장종료/장시작전/장운영시간"), (.insufficientCash, "주문가능금액/예수금/부족"),
            (.insufficientHolding, "매도가능/잔고/수량"), (.tickSize, "호가단위"), (.priceLimit, "상한가/하한가"),
        ]
        for (reason, words) in sheet {
            for word in words.split(separator: "/") {
                #expect(KISRefusal.of(code: "APBK0656", message: "xx \(word) yy") == reason, "\(word)")
            }
        }
    }
}
