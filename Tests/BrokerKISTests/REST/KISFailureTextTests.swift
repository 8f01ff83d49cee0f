import Core
import Testing

@testable import BrokerKIS

@Suite("Texts of failed calls")
struct KISFailureTextTests {
    /// One of every row of the table, and some that nobody has listed.
    private static let codes: [String] =
        KISCodeMeaning.table.flatMap { row -> [String] in
            switch row.codes {
            case .these(let codes): codes.sorted()
            case .range(let prefix, let range): ["\(prefix)\("\(10_000 + range.lowerBound)".suffix(4))"]
            }
        } + ["APBK9999", "EGW77777", "40999999"]

    private static func reaction(_ code: String, _ message: String, _ kind: KISEndpoint.Kind) -> KISReaction {
        let body = #"{"rt_cd":"1","msg_cd":"\#(code)","msg1":"\#(message)"}"#
        return KISReaction.to(status: 500, body: KISBody(Array(body.utf8)), of: kind)
    }

    private static func count(_ code: String, in text: String) -> Int { text.ranges(of: code).count }

    @Test("The code of a read's failure stands in its text once, with or without KIS's own words", arguments: codes)
    func reads(code: String) throws {
        for message in ["", "기간이 만료된 token 입니다."] {
            let reaction = Self.reaction(code, message, .inquiry)
            let error = KISFailureText(call: "inquire-balance", veil: KISVeil([])).read(reaction)
            let text = KISFailure(error).description
            #expect(Self.count(code, in: text) == 1, "\(text)")
            #expect(message.isEmpty || Self.count(message, in: text) == 1, "\(text)")
            #expect(!text.contains("  ") && !text.contains("()"), "\(text)")
            let broker = try KISBroker.scripted(ScriptedCaller([:]))
            #expect(Self.count(code, in: "\(broker.wrap(error))") == 1)
        }
    }

    @Test("So does that of an order's, whatever its outcome", arguments: codes)
    func orders(code: String) {
        let reaction = Self.reaction(code, "주문이 불가합니다.", .order)
        let error = KISFailureText(call: "order-cash", veil: KISVeil([])).order(reaction)
        #expect(Self.count(code, in: "\(KISBroker.outcome(error))") == 1)
    }

    @Test("A wrong key, word for word")
    func golden() {
        let body = #"{"error_code":"EGW00103","error_description":"유효하지 않은 AppKey입니다."}"#
        let reaction = KISReaction.to(status: 403, body: KISBody(Array(body.utf8)), of: .inquiry)
        let error = KISFailureText(call: "inquire-balance", veil: KISVeil([])).read(reaction)
        #expect(
            KISFailure(error).description
                == "inquire-balance: EGW00103 유효하지 않은 AppKey입니다. (the app key or the app secret is missing or wrong); "
                + "compare both with the KIS portal; a virtual key works on the virtual host only, a real one on the "
                + "real host")
    }
}
