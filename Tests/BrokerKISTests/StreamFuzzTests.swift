import Core
import Foundation
import Settings
import TestSupport
import Testing

@testable import BrokerKIS

/// Frames that were changed on their way. Nothing crashes, and whatever is decoded stands in the frame: a second reader,
/// which splits strings and shares no line with the decoder, finds the same values at the same places of the same record.
///
/// `TAKT_FUZZ_FRAMES` says how many frames; the tests alone are content with some thousands.
@Suite("Changed frames", .timeLimit(.minutes(30)))
struct StreamFuzzTests {
    private static let frames = ProcessInfo.processInfo.environment["TAKT_FUZZ_FRAMES"].flatMap { Int($0) } ?? 8000
    private static let seeds: [UInt64] = [1, 2, 3, 4]

    /// Lets the tests run that wait for a server: the threads they share are as many as the processors.
    private static func giveWay(_ round: Int) async { if round % 50 == 0 { await Task.yield() } }

    private static let originals: [String] = {
        let trades = (0..<6).map { StreamFrames.trade(["005930", "000660", "0001A0"][$0 % 3], volume: "\(9000 + $0)") }
        return [
            StreamFrames.frame("H0STCNT0", [trades[0]]), StreamFrames.frame("H0STCNT0", Array(trades[0..<2])),
            StreamFrames.frame("H0UNCNT0", trades),
            StreamFrames.frame("H0STCNT0", trades.prefix(3).map { $0 + "^KRX" }),
            StreamFrames.frame("H0STASP0", [StreamFrames.book]),
            StreamFrames.frame("H0NXASP0", [StreamFrames.book + "^70550^10^0^70540^9^0"]),
            StreamFrames.frame("HDFSCNT0", [StreamFrames.overseasTrade]),
            StreamFrames.frame("HDFSCNT0", [StreamFrames.overseasTrade, StreamFrames.overseasTrade]),
            StreamFrames.frame("HDFSCNT0", [String(StreamFrames.overseasTrade.dropFirst("DNASAAPL^".count))]),
            StreamFrames.frame("HDFSASP0", [StreamFrames.overseasBook(levels: 10)]),
            StreamFrames.frame("HDFSASP1", [StreamFrames.overseasBook(levels: 1)]),
        ]
    }()

    @Test("Prices: no crash, and no event that does not stand in the frame", arguments: seeds)
    func prices(seed: UInt64) async {
        var random = SeededGenerator(seed: seed, stream: "prices")
        var decoder = StreamDecoder()
        var survivors = 0
        for round in 0..<(Self.frames / Self.seeds.count) {
            await Self.giveWay(round)
            let bytes = changed(random.pick(Self.originals), &random)
            guard case .success(let data) = decoder.decode(bytes: bytes) else { continue }
            survivors += 1
            if let objection = PlainReader.objection(to: data, in: bytes) {
                let text = String(decoding: bytes, as: UTF8.self)
                return #expect(Bool(false), "seed \(seed), round \(round): \(objection)\n\(text)")
            }
        }
        // A fuzz that only ever meets refusals proves little.
        #expect(survivors > Self.frames / Self.seeds.count / 50)
    }

    @Test("Encrypted notices: a changed frame is refused, or says what the unchanged one says", arguments: seeds)
    func notices(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed, stream: "notices")
        let fixtures = StreamFrames.notices
        for round in 0..<(Self.frames / Self.seeds.count / 2) {
            await Self.giveWay(round)
            let fixture = random.pick(fixtures)
            var decoder = try StreamDecoder(fixture)
            let original = try decoder.decode(fixture.frame)
            guard case .success(let data) = decoder.decode(bytes: changed(fixture.frame, &random)) else { continue }
            #expect(data == original, "seed \(seed), round \(round)")
        }
    }

    @Test("Notices behind the encryption: no crash, and every number stands where it must", arguments: seeds)
    func plainNotices(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed, stream: "plain")
        for round in 0..<(Self.frames / Self.seeds.count / 2) {
            await Self.giveWay(round)
            let fixture = random.pick(StreamFrames.notices)
            var decoder = StreamDecoder()
            // The head is put on after the change, since the frame around an encrypted payload has its own test.
            let bytes = changed(fixture.plain, &random)
            let count = Int(fixture.count) ?? 1
            let data = bytes.withUnsafeBufferPointer { buffer -> [KISStreamData]? in
                do throws(KISFrameFault) {
                    return try decoder.data(fixture.stream, buffer, count, StreamFrames.receivedAt)
                } catch { return nil }
            }
            guard let data else { continue }
            let head = Array("0|\(fixture.stream.rawValue)|\(count)|".utf8)
            if let objection = PlainReader.objection(to: data, in: head + bytes) {
                return #expect(Bool(false), "seed \(seed), round \(round): \(objection)")
            }
        }
    }

    @Test("Control messages: no crash, whatever the text", arguments: seeds)
    func control(seed: UInt64) {
        var random = SeededGenerator(seed: seed, stream: "control")
        let text =
            #"{"header":{"tr_id":"H0STCNI9","tr_key":"hts01","encrypt":"Y"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","#
            + #""msg1":"SUBSCRIBE SUCCESS","output":{"iv":"0a1b2c3d4e5f6071","key":"abcdefghijklmnopqrstuvwxyzabcdef"}}}"#
        var session = StreamSession(seed: seed)
        session.want([KISWantedRegistration(KISRegistration(.domesticNoticesVirtual, "hts01"), .orderNotices)])
        _ = session.tick(.zero)
        _ = session.connected()
        for _ in 0..<(Self.frames / Self.seeds.count / 4) {
            guard case .answer(let answer)? = ControlMessage(changed(text, &random)) else { continue }
            _ = session.answered(answer)
        }
    }

    @Test("Every beginning of a frame is refused or read like the frame it could be")
    func beginnings() {
        for original in Self.originals {
            let bytes = Array(original.utf8)
            var decoder = StreamDecoder()
            for length in 0..<bytes.count {
                guard case .success(let data) = decoder.decode(bytes: Array(bytes[..<length])) else { continue }
                #expect(PlainReader.objection(to: data, in: Array(bytes[..<length])) == nil)
            }
        }
    }

    /// One to four changes of the kinds that wires, proxies and other people's programs make.
    private func changed(_ text: String, _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(text.utf8)
        let special: [UInt8] = Array("^|-.0 +A9\0{".utf8) + [0xFF, 0x80]
        for _ in 0..<random.int(1...4) where !bytes.isEmpty {
            let place = random.int(0...bytes.count - 1)
            switch random.int(0...8) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.int(0...255))
            case 1: bytes[place] = random.pick(special)
            case 2: bytes.insert(random.pick(special), at: place)
            case 3: bytes.remove(at: place)
            case 4: bytes = Array(bytes[..<place])
            case 5:
                let end = min(bytes.count, place + random.int(1...60))
                bytes.insert(contentsOf: bytes[place..<end], at: random.int(0...bytes.count))
            case 6: bytes.removeSubrange(place..<min(bytes.count, place + random.int(1...60)))
            case 7: bytes[place] = UInt8(ascii: "0") + UInt8(random.int(0...9))
            default:
                // Another count.
                if bytes.count > 13, bytes[1] == UInt8(ascii: "|") {
                    bytes.replaceSubrange(11..<14, with: String(1000 + random.int(0...7)).suffix(3).utf8)
                }
            }
        }
        return bytes
    }
}

/// Reads a frame with the means of the standard library, to compare.
private enum PlainReader {
    /// `nil` if every event has its values in its own record of the frame.
    static func objection(to data: [KISStreamData], in bytes: [UInt8]) -> String? {
        let parts = bytes.split(separator: UInt8(ascii: "|"), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return "no frame" }
        let values = parts[3].split(separator: UInt8(ascii: "^"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: CharacterSet(charactersIn: " ")) }
        guard let count = Int(String(decoding: parts[2], as: UTF8.self)), data.count == count else {
            return "\(data.count) events of a frame of another count"
        }
        let width = values.count / count
        for (index, item) in data.enumerated() {
            let record = Array(values[index * width..<(index + 1) * width])
            let objection =
                switch item {
                case .trade(let trade): check(trade, record)
                case .book(let book): check(book, record)
                case .orderNotice(let notice): check(notice, record)
                }
            if let objection { return "record \(index): \(objection)" }
        }
        return nil
    }

    private static func check(_ trade: KISStreamTrade, _ record: [String]) -> String? {
        if trade.stream == .overseasTrades {
            let shift = trade.symbol.market == nil ? -1 : 0
            return first([
                ("symbol", "\(trade.symbol.code)" == record[1 + shift]), ("key", "\(trade.symbol.key)" == record[0]),
                ("price", same(trade.price, record[11 + shift])), ("bid", same(trade.bid, record[15 + shift])),
                ("ask", same(trade.ask, record[16 + shift])), ("size", same(trade.quantity, record[19 + shift])),
                ("volume", same(trade.cumulativeQuantity, record[20 + shift])),
                ("time", time(record[6 + shift], record[7 + shift]) == trade.at),
            ])
        }
        return first([
            ("symbol", "\(trade.symbol.code)" == record[0]), ("price", same(trade.price, record[2])),
            ("ask", same(trade.ask, record[10])), ("bid", same(trade.bid, record[11])),
            ("size", same(trade.quantity, record[12])), ("volume", same(trade.cumulativeQuantity, record[13])),
            ("time", time(record[33], record[1]) == trade.at), ("ask size", same(trade.askQuantity, record[36])),
            ("bid size", same(trade.bidQuantity, record[37])),
        ])
    }

    private static func check(_ book: KISStreamBook, _ record: [String]) -> String? {
        guard book.stream == .domesticBook || book.stream == .nextradeBook || book.stream == .combinedBook else {
            let start = book.symbol.market == nil ? 10 : 11
            let levels = min(10, (record.count - start) / 6)
            let bids = (0..<levels).map { record[start + 6 * $0] }.filter { !isNone($0) }
            let asks = (0..<levels).map { record[start + 6 * $0 + 1] }.filter { !isNone($0) }
            return first([
                ("symbol", "\(book.symbol.key)" == record[0]), ("bids", same(book.bids, bids)),
                ("asks", same(book.asks, asks)),
            ])
        }
        return first([
            ("symbol", "\(book.symbol.code)" == record[0]),
            ("asks", same(book.asks, record[3..<13].filter { !isNone($0) })),
            ("bids", same(book.bids, record[13..<23].filter { !isNone($0) })),
            ("expected", same(book.expectedPrice, record[47])),
        ])
    }

    private static func check(_ notice: KISOrderNotice, _ record: [String]) -> String? {
        let isDomestic = notice.stream == .domesticNoticesVirtual
        let side = notice.side == .sell ? "01" : "02"
        return first([
            ("account", notice.account.reveal() == record[1]), ("number", notice.orderNumber.text == record[2]),
            ("side", record[4].hasPrefix(side)), ("symbol", "\(notice.symbol)" == record[isDomestic ? 8 : 7]),
            ("quantity", same(notice.quantity, record[isDomestic ? 9 : 8])),
            ("price", !isDomestic || same(notice.price, record[10])),
            ("fill", (notice.event == .filled) == record[isDomestic ? 13 : 12].hasPrefix("2")),
        ])
    }

    private static func first(_ checks: [(String, Bool)]) -> String? { checks.first { !$0.1 }?.0 }

    private static func isNone(_ text: String) -> Bool { (Decimal(string: text.isEmpty ? "0" : text) ?? 1) == 0 }
    private static func same(_ value: (some FixedPointValue)?, _ text: String) -> Bool {
        guard let value else { return isNone(text) }
        return Decimal(string: text).map { $0 == Decimal(string: value.description) } ?? false
    }
    private static func same(_ levels: [KISStreamBook.Level], _ prices: [String]) -> Bool {
        levels.count == prices.count && zip(levels, prices).allSatisfy { same($0.price, $1) }
    }

    private static func time(_ date: String, _ clock: String) -> Instant? {
        guard date.count == 8, clock.count == 6 else { return nil }
        let (d, c) = (Array(date), Array(clock))
        return Instant(
            rfc3339: "\(String(d[0..<4]))-\(String(d[4..<6]))-\(String(d[6..<8]))T"
                + "\(String(c[0..<2])):\(String(c[2..<4])):\(String(c[4..<6]))+09:00")
    }
}
