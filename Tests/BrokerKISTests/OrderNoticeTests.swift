import Core
import Settings
import Testing

@testable import BrokerKIS

/// The payloads were encrypted by the `cryptography` package (`Fixtures/make_notices.py`).
@Suite("Order notices of KIS's stream")
struct OrderNoticeTests {
    private func notice(_ name: String) throws -> KISOrderNotice {
        let fixture = try StreamFrames.notice(name)
        var decoder = try StreamDecoder(fixture)
        return try #require(try decoder.decode(fixture.frame).first?.notice)
    }

    @Test("What another library encrypted is decrypted to the letter", arguments: StreamFrames.notices)
    func decryption(fixture: StreamFrames.Notice) throws {
        let key = try #require(NoticeKey(key: fixture.key, initialVector: fixture.vector))
        let plain = Array(fixture.payload.utf8).withUnsafeBufferPointer { key.decrypt($0) }
        #expect(plain.map { String(decoding: $0, as: UTF8.self) } == fixture.plain)
    }

    @Test("A fill has its own quantity and price, and those of its order")
    func fill() throws {
        let fill = try notice("domestic-fill")
        #expect(fill.event == .filled && fill.purpose == .new && fill.side == .buy)
        #expect(fill.orderNumber == BrokerOrderID("0000023401") && fill.originalOrderNumber == nil)
        #expect(fill.account.reveal() == "5012345601" && !"\(fill)".contains("5012345601"))
        #expect("\(fill.symbol)" == "005930" && fill.market == nil && fill.orderKind == "00")
        #expect(fill.quantity == Quantity(4) && fill.price == Price(70_500))
        #expect(fill.orderQuantity == Quantity(10) && fill.orderPrice == Price(70_600))
        #expect("\(fill.at)" == "2031-03-04T01:01:40Z" && !fill.isStampedOnReceipt)
    }

    @Test("Receipt, refusal and cancellation are told apart")
    func others() throws {
        let received = try notice("domestic-received")
        #expect(received.event == .received && received.quantity == Quantity(4) && received.orderQuantity == nil)
        #expect(try notice("domestic-refused").event == .refused)
        let cancelled = try notice("domestic-cancelled")
        #expect(cancelled.event == .confirmed && cancelled.purpose == .cancellation)
        #expect(cancelled.originalOrderNumber == BrokerOrderID("0000023401"))
        #expect(try notice("domestic-korean").event == .filled)
    }

    @Test("The notices of before Nextrade, with 23 values, are read as well; a late one is of the day before")
    func old() throws {
        let sold = try notice("domestic-23")
        #expect(sold.side == .sell && sold.orderPrice == Price(70_400) && sold.price == Price(70_500))
        #expect("\(sold.at)" == "2031-03-03T14:59:59Z")
    }

    @Test("Two notices in a frame are two")
    func two() throws {
        let fixture = try StreamFrames.notice("domestic-two")
        var decoder = try StreamDecoder(fixture)
        let notices = try decoder.decode(fixture.frame).compactMap(\.notice)
        #expect(notices.map { "\($0.symbol)" } == ["005930", "000660"])
        #expect(notices.map(\.orderNumber.text) == ["0000023401", "0000023405"])
    }

    @Test(
        "Overseas prices have the decimals of their market",
        arguments: [
            ("overseas-fill", "201.44"), ("overseas-21", "201.44"), ("overseas-tokyo", "201440"),
            ("overseas-hanoi", "2014400"),
        ])
    func decimals(name: String, price: String) throws {
        let fill = try notice(name)
        #expect(try fill.price == Price(price) && fill.quantity == Quantity(3) && fill.event == .filled)
        #expect(fill.isStampedOnReceipt && fill.at == StreamFrames.receivedAt)
    }

    @Test("A price of a market that is not known is not guessed")
    func noMarket() throws {
        let fill = try notice("overseas-nowhere")
        #expect(fill.price == nil && fill.quantity == Quantity(3) && fill.market == "Z")
    }

    @Test("Without the key, with another, and in the clear, a notice says nothing")
    func noKey() throws {
        let fixture = try StreamFrames.notice("domestic-fill")
        var decoder = StreamDecoder()
        let text = fixture.frame
        #expect(throws: KISFrameFault.keyMissing(.domesticNoticesVirtual)) { try decoder.decode(text) }
        let other = try StreamFrames.notice("domestic-two")
        var wrong = try StreamDecoder(other)
        #expect(throws: KISFrameFault.undecryptable(.domesticNoticesVirtual)) { try wrong.decode(text) }
        let open = StreamFrames.frame("H0STCNI9", [fixture.plain])
        #expect(throws: KISFrameFault.undecryptable(.domesticNoticesVirtual)) { try wrong.decode(open) }
        var reset = try StreamDecoder(fixture)
        reset.forgetKeys()
        #expect(throws: KISFrameFault.keyMissing(.domesticNoticesVirtual)) { try reset.decode(text) }
    }

    @Test(
        "Every single changed letter of an encrypted notice is noticed", arguments: ["domestic-fill", "overseas-fill"])
    func tampering(name: String) throws {
        let fixture = try StreamFrames.notice(name)
        var decoder = try StreamDecoder(fixture)
        let letters = Array(fixture.payload.utf8)
        for index in letters.indices {
            for other in [UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "="), 0x20] where other != letters[index] {
                var changed = letters
                changed[index] = other
                let frame = "1|\(fixture.stream.rawValue)|001|" + String(decoding: changed, as: UTF8.self)
                #expect(throws: KISFrameFault.self, "letter \(index)") { try decoder.decode(frame) }
            }
            let cut = "1|\(fixture.stream.rawValue)|001|" + String(decoding: letters[..<index], as: UTF8.self)
            #expect(throws: KISFrameFault.self, "cut at \(index)") { try decoder.decode(cut) }
        }
    }

    @Test("A key is not printed")
    func secrecy() throws {
        let key = try #require(
            NoticeKey(key: String(repeating: "k", count: 32), initialVector: String(repeating: "v", count: 16)))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!"\(key)\(String(reflecting: key))\(dumped)".contains("kk"))
        #expect(NoticeKey(key: "short", initialVector: String(repeating: "v", count: 16)) == nil)
    }

    @Test(
        "Base64 is taken only as it is written",
        arguments: [
            ("", []), ("AA==", [0]), ("AAA=", [0, 0]), ("/+8B", [255, 239, 1]), ("AB==", nil), ("A", nil), ("AA", nil),
            ("A===", nil), ("AA=A", nil), ("A A=", nil), ("====", nil),
        ] as [(String, [UInt8]?)])
    func base64(text: String, bytes: [UInt8]?) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { Base64.decode($0) } == bytes)
    }
}
