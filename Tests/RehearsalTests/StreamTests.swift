import Core
import Foundation
import Testing

@testable import Rehearsal

@Suite("The simulated stream")
struct StreamTests {
    /// A session, and what it says.
    struct Client {
        var market: Market
        let session: Int
        let approval: String

        init(_ market: Market, approval: String? = nil) throws {
            var market = market
            self.approval = try approval ?? market.approval()
            session = market.kis.streams.open(market.environment)
            self.market = market
        }

        mutating func say(_ trID: String, _ key: String, type: String = "1") throws -> JSONValue {
            let message: JSONValue = [
                "header": [
                    "approval_key": .string(approval), "custtype": "P", "tr_type": .string(type),
                    "content-type": "utf-8",
                ], "body": ["input": ["tr_id": .string(trID), "tr_key": .string(key)]],
            ]
            let answers = market.kis.receive(session, message.text)
            guard case .text(let text) = answers.first?.action else { return .null }
            return try JSONValue(parsing: text)
        }

        mutating func code(_ trID: String, _ key: String, type: String = "1") throws -> String? {
            try say(trID, key, type: type)["body"]?["msg_cd"]?.stringValue
        }

        mutating func frames(until second: Int64) -> [String] {
            texts(market.kis.advance(to: Market.nine.advanced(bySeconds: second)))
        }

        func texts(_ deliveries: [StreamDelivery]) -> [String] {
            deliveries.compactMap { if case .text(let text) = $0.action { text } else { nil } }
        }
    }

    @Test("41 registrations, then no more; one that goes makes room")
    func budget() throws {
        var client = try Client(Market())
        for number in 0..<41 { #expect(try client.code("H0STCNT0", "\(100_000 + number)") == "OPSP0000") }
        let answer = try client.say("H0STCNT0", "005930")
        #expect(answer["body"]?["msg_cd"] == "OPSP0008" && answer["body"]?["rt_cd"] == "1")
        #expect(answer["body"]?["output"] == nil)
        #expect(try client.code("H0STCNT0", "100000", type: "2") == "OPSP0001")
        #expect(try client.code("H0STASP0", "005930") == "OPSP0000")
        #expect(try client.code("H0STASP0", "005930") == "OPSP0002")
        #expect(try client.code("H0STCNT0", "777777", type: "2") == "OPSP0003")
    }

    @Test("An unknown approval key, an unknown stream, one that the virtual environment lacks, no JSON")
    func refusals() throws {
        var stranger = try Client(Market(), approval: "no-such-key")
        #expect(try stranger.code("H0STCNT0", "005930") == "OPSP0011")
        var client = try Client(Market())
        #expect(try client.code("H0XXXXX0", "005930") == "OPSP8991")
        #expect(try client.code("HDFSCNT0", "DNASAAPL") == "OPSP8991")
        let texts = client.texts(client.market.kis.receive(client.session, "{\"header\""))
        #expect(texts.count == 1 && texts[0].contains("OPSP8997"))
    }

    @Test("One session an app key: the second is told so, until the first is gone")
    func oneSession() throws {
        var first = try Client(Market())
        #expect(try first.code("H0STCNT0", "005930") == "OPSP0000")
        var second = try Client(first.market, approval: first.approval)
        let answer = try second.say("H0STCNT0", "005930")
        #expect(answer["body"]?["msg_cd"] == "OPSP8996" && answer["body"]?["rt_cd"] == "9")
        #expect(answer["header"]?["tr_id"] == "(null)")
        second.market.kis.closeSession(first.session)
        #expect(try second.code("H0STCNT0", "005930") == "OPSP0000")
    }

    @Test("A wrong login id ends the session without a word")
    func wrongLogin() throws {
        var client = try Client(Market())
        #expect(try client.say("H0STCNI9", "somebody") == .null)
        #expect(client.market.kis.streams.sessionCount == 0)
    }

    @Test(
        "Trades and books have the width of their edition, whatever the count",
        arguments: [(KISStreamEdition.first, 46, 59), (.second, 46, 59), (.third, 47, 60)])
    func widths(_ edition: KISStreamEdition, _ tradeWidth: Int, _ bookWidth: Int) throws {
        var client = try Client(Market { $0.edition = edition })
        _ = try client.say("H0STCNT0", "005930")
        _ = try client.say("H0STASP0", "005930")
        var records = 0
        for frame in client.frames(until: 180) {
            let parts = frame.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
            let count = try #require(Int(parts[2]))
            let values = parts[3].split(separator: "^", omittingEmptySubsequences: false).count
            #expect(parts[0] == "0" && parts[2].count == 3)
            #expect(values == count * (parts[1] == "H0STCNT0" ? tradeWidth : bookWidth))
            records += count
        }
        // The first trade was at nine o'clock itself, before the registration: seven are left, with a book each.
        #expect(records == 14)
    }

    @Test("Trades that come together share frames")
    func grouping() throws {
        var client = try Client(Market())
        _ = try client.say("H0STCNT0", "005930")
        let frames = client.frames(until: 180)
        #expect(frames.count < 7 && frames.contains { !$0.hasPrefix("0|H0STCNT0|001|") })
        let last = try #require(frames.last?.split(separator: "^", omittingEmptySubsequences: false).map(String.init))
        // The last record: 69,900 at 09:01:59, the day's 800 shares less the 0 before, in won.
        #expect(last.suffix(47).dropFirst(1).prefix(2) == ["090159", "69900"])
        #expect(last.suffix(47).dropFirst(13).prefix(1) == ["800"])
    }

    @Test("The cipher gives what OpenSSL's own users get, made with another library")
    func cipher() {
        let (key, iv) = ("abcdefghijklmnopqrstuvwxyzabcdef", "0a1b2c3d4e5f6071")
        let known = [
            "hts01^5012345601^0000023401": "ZXIo7VaN2+X/lXsGOl4tDfySDO2g5LVOfoHJSAbVxWY=",
            "": "dulbSxMJygbz3m4MxEKs9A==", "삼성전자^10": "H0JgAkq3c//02KaiwJbnZw==",
            "xxxxxxxxxxxxxxxx": "O2eeRLNXniF64cnBso3WMBpiTGGReavkJmMs72/SEkY=",
        ]
        for (plain, hidden) in known { #expect(NoticeCipher.encrypted(plain, key: key, iv: iv) == hidden) }
    }

    @Test(
        "Notices say receipt, then fill, by position", arguments: [(KISStreamEdition.first, 23), (.third, 26)])
    func notices(_ edition: KISStreamEdition, _ width: Int) throws {
        var market = Market { $0.edition = edition }
        let number = try market.order("buy", 150, at: 70_100)
        let records = StreamRecords(edition: edition)
        let account = try #require(market.kis.exchange.accounts[market.account])
        let order = try #require(market.kis.exchange.orders.last)
        let fill = SimulatedNotice(
            kind: .fill(quantity: 50, price: FixedPoint(70_100)), order: order, name: "SYNTH A", at: Market.nine)
        let values = records.domesticNotice(fill, account)
        #expect(values.count == width)
        #expect(values[1] == "5012345601" && Int(values[2]) == number && values[4] == "02" && values[8] == "005930")
        #expect(values[9] == "0000000050" && values[10] == "000070100" && values[11] == "090000")
        #expect(values[13] == "2" && values[14] == "2" && values[16] == "000000150")
        #expect(values.last == "000070100")
        let receipt = records.domesticNotice(
            SimulatedNotice(kind: .accepted, order: order, name: "SYNTH A", at: Market.nine), account)
        #expect(receipt[9] == "0000000150" && receipt[13] == "1" && receipt[14] == "1")
    }

    @Test("Notices from abroad: bare numbers, implied decimals, the order's quantity on fills only")
    func overseasNotices() throws {
        var market = Market(environment: .real, start: Market.newYork)
        let order = try market.kis.exchange.place(
            OrderTicket(
                account: "5001234501", venue: .nasdaq, code: "AAPL", isBuy: true, type: "00", quantity: 3,
                price: try FixedPoint("148.01")), in: .real)
        let account = try #require(market.kis.exchange.accounts["5001234501"])
        func values(_ kind: SimulatedNotice.Kind, _ edition: KISStreamEdition) -> [String] {
            StreamRecords(edition: edition).overseasNotice(
                SimulatedNotice(kind: kind, order: order, name: "SYNTH B", at: Market.newYork), account)
        }
        let receipt = values(.accepted, .third)
        #expect(receipt.count == 25 && values(.accepted, .first).count == 21)
        #expect(receipt[1] == "50012345" && receipt[2] == "30001201" && receipt[7] == "AAPL" && receipt[18] == "6")
        #expect(receipt[8] == "0000000003" && receipt[9] == "001480100" && receipt[15].isEmpty)
        #expect(receipt[12] == "1" && receipt[13] == "1" && receipt[24] == "000001480100")
        let fill = values(.fill(quantity: 2, price: try FixedPoint("147.5")), .third)
        #expect(fill[8] == "0000000002" && fill[9] == "001475000" && fill[12] == "2" && fill[15] == "000000003")
    }
}
