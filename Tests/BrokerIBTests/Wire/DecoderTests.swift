import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("The decoder")
struct DecoderTests {
    @Test("A short frame is a fault of that one message, and counted; the next is read")
    func faults() throws {
        var decoder = IBDecoder(version: .newest)
        #expect(throws: IBMessageFault(message: 3, field: 2, reason: .missing, length: 4)) {
            try decoder.decode(bytes: Golden.bytes("3|7|"))
        }
        #expect(throws: IBMessageFault(message: 61, field: 14, reason: .unset, length: 69)) {
            try decoder.decode(
                bytes: Golden.bytes("61|3|DU1|495512563|ES|FUT|20260320|0.0||50||USD|ESH6|ES|2147483647|1|"))
        }
        #expect(throws: IBMessageFault(message: nil, field: 0, reason: .notWhole, length: 6)) {
            try decoder.decode(bytes: Golden.bytes("hello|"))
        }
        #expect(throws: IBMessageFault(message: nil, field: 0, reason: .missing, length: 0)) {
            try decoder.decode(bytes: [])
        }
        _ = try decoder.decode(bytes: Golden.bytes("9|1|42|"))
        #expect(decoder.counters == IBDecoderCounters(decoded: 1, unknown: 0, faults: 4))
    }

    @Test("Numbers nobody reads are counted and handed on", arguments: [0, 18, 76, 107, 249, 9_000_000_000])
    func unknown(_ number: Int64) throws {
        var decoder = IBDecoder(version: .newest)
        guard case .unknown(number) = try decoder.decode(bytes: Golden.bytes("\(number)|x|")) else {
            Issue.record("\(number) was read")
            return
        }
        #expect(decoder.counters == IBDecoderCounters(decoded: 0, unknown: 1, faults: 0))
    }

    @Test("A fault keeps no bytes of the message: accounts stand in them")
    func secrecy() {
        #expect {
            try IBDecoder.decode("61|3|DU1234567|x|")
        } throws: { error in
            !"\(error)".contains("DU1234567")
        }
    }

    @Test("The number for unset never becomes a quantity, a price or an amount")
    func sentinels() throws {
        for unset in [
            "2147483647", "9223372036854775807", "-9223372036854775808", "1.7976931348623157E308", "Infinity", "",
        ] {
            guard case .tickSize(let tick) = try IBDecoder.decode("2|6|1|8|\(unset)|"),
                case .orderStatus(let status) = try IBDecoder.decode(
                    "3|7|Submitted|\(unset)|\(unset)|\(unset)|1|0|\(unset)|1||\(unset)|"),
                case .commission(let commission) = try IBDecoder.decode("59|1|E1|\(unset)|USD|\(unset)|||"),
                case .profitAndLoss(let pnl) = try IBDecoder.decode("94|1|\(unset)|\(unset)|\(unset)|")
            else { throw Unexpected() }
            #expect(tick.size == nil)
            #expect(status.filled == nil && status.remaining == nil && status.averagePrice == nil)
            #expect(commission.commission == nil && commission.realized == nil)
            #expect(pnl.daily == nil && pnl.unrealized == nil && pnl.realized == nil)
            // An execution or a position without its quantity is none.
            let execution = try Golden.text(Golden.answer("execution").body)
            let broken = execution.replacing("|BOT|10|", with: "|BOT|\(unset)|")
            #expect(throws: IBMessageFault.self) { try IBDecoder.decode(broken) }
        }
    }

    private struct Unexpected: Error {}

    @Test("No quote is no price: −1 with the size 0")
    func noQuote() throws {
        for (text, expected) in [
            ("1|6|1|2|-1.0|0|0|", nil), ("1|6|1|2|-1|0|0|", nil), ("1|6|1|2|-1.0||0|", nil),
            ("1|6|1|2|-1.0|5|0|", Price(-1)), ("1|6|1|2|-0.99|0|0|", .cents(-99)),
            ("1|6|1|1|150.25|300|0|", .cents(15_025)),
        ] as [(String, Price?)] {
            guard case .tickPrice(let tick) = try IBDecoder.decode(text) else { throw Unexpected() }
            #expect(tick.quote == expected, "\(text)")
        }
        #expect(IBTickType.delayedLast.sizeType == .delayedLastSize && IBTickType.close.sizeType == nil)
        #expect(IBTickType.delayedBid.isDelayed && !IBTickType.bid.isDelayed)
    }

    @Test("A notice of no request has no id, whether it is −1 or the largest number of 32 bits")
    func notices() throws {
        for (id, expected) in [("-1", nil), ("2147483647", nil), ("7", 7), ("0", 0)] as [(String, Int64?)] {
            guard case .error(let notice) = try IBDecoder.decode("4|2|\(id)|2104|OK||") else { throw Unexpected() }
            #expect(notice.id == expected && notice.code == 2104)
        }
    }

    @Test("An execution that went neither way is a fault, and so is an order")
    func sides() throws {
        let execution = try Golden.text(Golden.answer("execution").body)
        #expect(throws: IBMessageFault.self) { try IBDecoder.decode(execution.replacing("|BOT|", with: "|BUY|")) }
        let order = try Golden.text(Golden.answer("open-order").body)
        #expect(throws: IBMessageFault.self) { try IBDecoder.decode(order.replacing("|BUY|", with: "||")) }
    }

    @Test("Escapes in a long name are undone, and what is none stays")
    func escapes() {
        for (text, expected) in [
            ("APPLE INC", "APPLE INC"), (#"Nikkei \u65e5\u7d4c 225"#, "Nikkei 日経 225"), (#"\ud83d\ude00"#, "😀"),
            (#"a\u12"#, #"a\u12"#), (#"a\uzzzz"#, #"a\uzzzz"#), (#"C:\temp"#, #"C:\temp"#), (#"\"#, #"\"#),
        ] { #expect(IBContractDetails.unescaped(text) == expected) }
    }

    @Test("A condition of a kind nobody knows is a fault, not an order that is read wrongly")
    func unknownCondition() throws {
        let text = try Golden.text(Golden.answer("completed-order-conditions").body)
        #expect {
            try IBDecoder.decode(text.replacing("|6|1|a|1|150.0|", with: "|6|2|a|1|150.0|"))
        } throws: { error in
            (error as? IBMessageFault)?.reason == .unknownEntry
        }
    }
}

@Suite("What is not sent")
struct EncodingErrorTests {
    @Test("A letter beyond ASCII, as 579 has it, with its field")
    func letters() {
        var request = ReferenceRequests.order(.market)
        for text in ["Zürich", "a\tb", "a\0b", "日経"] {
            request.order.reference = text
            #expect(throws: IBEncodingError.notPrintable(field: 27, text: text)) { try request.frame(for: .newest) }
        }
        request.order.reference = " ~"
        #expect(throws: Never.self) { try request.frame(for: .newest) }
    }

    @Test(
        "Combinations, orders without account, reference or quantity, and orders for an auction that ask for another time"
    )
    func contradictions() {
        var contract = ReferenceRequests.stock
        contract.type = .combination
        #expect(throws: IBEncodingError.combination) {
            try MarketDataRequest(requestID: 1, contract: contract).frame(for: .newest)
        }
        let changes: [(inout IBOrder) -> Void] = [
            { $0.account = "" }, { $0.reference = "" }, { $0.quantity = .zero }, { $0.quantity = Quantity(-1) },
            {
                $0.type = .marketOnClose
                $0.timeInForce = .goodTillCancelled
            },
            { $0.type = .trailingLimit(.amount(Price(1)), firstStop: Price(100), limitOffset: Price(-1)) },
        ]
        for change in changes {
            #expect(throws: IBEncodingError.self) {
                try ReferenceRequests.order(.limit(Price(1)), change: change).frame(for: .newest)
            }
        }
        var historical = HistoricalDataRequest(
            requestID: 1, contract: ReferenceRequests.stock, end: .fixture, barSize: .minutes5,
            span: IBBarSpan(count: 1, unit: .days), regularHoursOnly: true, keepsUpToDate: true)
        #expect(throws: IBEncodingError.self) { try historical.frame(for: .newest) }
        historical.end = nil
        #expect(throws: Never.self) { try historical.frame(for: .newest) }
        historical.barSize = .second1
        #expect(throws: IBEncodingError.self) { try historical.frame(for: .newest) }
    }

    @Test("The plain order of the documentation, field by field")
    func documentation() throws {
        let text =
            "3|7|0|AAPL|STK||0|||SMART||USD|||||BUY|10|LMT|150.25||DAY||DU1||0|tk-0001|1|0|0|0|0|0|0|0||0|||||||0||-1|0|||0|||0|0||"
            + "0||||||0|||||0|||||||||||0|||0|0|||0||0|0|0|0|||||||0|||||||||0|0|0||||0|||"
        let frame = try ReferenceRequests.order(.limit(.cents(15_025))).frame(for: .newest)
        #expect(Golden.text(frame.dropFirst(4)) == text)
        #expect(text.split(separator: "|", omittingEmptySubsequences: false).count - 1 == 114)
    }
}
