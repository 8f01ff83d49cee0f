import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Data frames of KIS's stream")
struct StreamDecoderTests {
    private func fault(_ text: String) -> KISFrameFault? {
        var decoder = StreamDecoder()
        do { _ = try decoder.decode(text) } catch { return error as? KISFrameFault }
        return nil
    }

    @Test("A domestic trade is read to the won and the second")
    func trade() throws {
        var decoder = StreamDecoder()
        let trades = try decoder.decode(StreamFrames.frame("H0STCNT0", [StreamFrames.trade()])).compactMap(\.trade)
        let trade = try #require(trades.first)
        #expect(trades.count == 1 && trade.stream == .domesticTrades)
        #expect("\(trade.symbol.code)" == "005930" && trade.symbol.market == nil)
        #expect(trade.symbol.code == KISCode("005930") && trade.symbol.code != KISCode("005935"))
        #expect("\(trade.at)" == "2031-03-04T01:01:33Z" && "\(trade.tradingDay)" == "2031-03-04")
        #expect(trade.price == Price(70_500) && trade.quantity == Quantity(7))
        #expect(trade.cumulativeQuantity == Quantity(8_123_456))
        #expect(trade.ask == Price(70_600) && trade.bid == Price(70_400))
        #expect(trade.askQuantity == Quantity(1200) && trade.bidQuantity == Quantity(900))
        #expect(trade.phase == .regular && !trade.isHalted)
    }

    @Test("Several records of a frame are several trades, each of its own symbol", arguments: [1, 2, 3, 20, 999])
    func several(count: Int) throws {
        let symbols = ["005930", "000660", "0001A0", "Q530036"]
        let records = (0..<count).map {
            StreamFrames.trade(symbols[$0 % 4], price: "\(1000 + $0)", volume: "\(90_000 + $0)")
        }
        var decoder = StreamDecoder()
        let trades = try decoder.decode(StreamFrames.frame("H0STCNT0", records)).compactMap(\.trade)
        #expect(trades.map { "\($0.symbol.code)" } == (0..<count).map { symbols[$0 % 4] })
        #expect(trades.map(\.price) == (0..<count).map { Price(1000 + $0) })
    }

    @Test("Values that KIS adds at the end change nothing", arguments: 1...4)
    func growth(added: Int) throws {
        let more = (0..<added).map { "^N\($0)" }.joined()
        let records = ["005930", "000660"].map { StreamFrames.trade($0) + more }
        var decoder = StreamDecoder()
        let trades = try decoder.decode(StreamFrames.frame("H0STCNT0", records)).compactMap(\.trade)
        #expect(trades.map { "\($0.symbol.code)" } == ["005930", "000660"])
        #expect(decoder.widths[.domesticTrades] == 46 + added)
    }

    @Test("Fewer values, and a count that does not fit, refuse the frame")
    func widths() {
        let narrow = StreamFrames.trade().split(separator: "^", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "^")
        #expect(fault(StreamFrames.frame("H0STCNT0", [narrow])) == .widthDoesNotFit(.domesticTrades, width: 45))
        let two = [StreamFrames.trade(), StreamFrames.trade("000660")]
        #expect(
            fault(StreamFrames.frame("H0STCNT0", two, count: 3))
                == .countDoesNotFit(.domesticTrades, values: 92, count: 3))
        #expect(fault(StreamFrames.frame("H0STCNT0", two, count: 1)) == .widthDoesNotFit(.domesticTrades, width: 92))
        #expect(fault(StreamFrames.frame("H0STCNT0", two, count: 4)) == .widthDoesNotFit(.domesticTrades, width: 23))
        // Three records said to be two: the second would begin in the middle of one.
        let three = StreamFrames.frame("H0STCNT0", two + [StreamFrames.trade("035720")], count: 2)
        #expect(fault(three) == .unreadableValue(.domesticTrades, index: 0))
    }

    @Test(
        "What is no value of its kind refuses the frame",
        arguments: [
            (StreamFrames.trade("59"), 0), (StreamFrames.trade("00593o"), 0), (StreamFrames.trade(time: "246000"), 1),
            (StreamFrames.trade(time: "1001"), 1), (StreamFrames.trade(price: ""), 2),
            (StreamFrames.trade(price: "-1"), 2), (StreamFrames.trade(price: "7e4"), 2),
            (StreamFrames.trade(price: "0"), 2), (StreamFrames.trade(price: "1234567890123456789"), 2),
            (StreamFrames.trade(size: ""), 12), (StreamFrames.trade(date: "20310229"), 33),
        ])
    func values(record: String, index: Int) {
        #expect(
            fault(StreamFrames.frame("H0STCNT0", [record])) == .unreadableValue(.domesticTrades, index: index))
        // A good record beside it does not save the frame: where one value is wrong, the places of all are in doubt.
        #expect(
            fault(StreamFrames.frame("H0STCNT0", [StreamFrames.trade(), record]))
                == .unreadableValue(.domesticTrades, index: index))
    }

    @Test("Zeros before a number and blanks around it are no part of it")
    func padding() throws {
        var decoder = StreamDecoder()
        let record = StreamFrames.trade(price: "  000000000000000070500 ", size: "0000000007", volume: " 12")
        let trade = try #require(try decoder.decode(StreamFrames.frame("H0STCNT0", [record])).first?.trade)
        #expect(trade.price == Price(70_500) && trade.quantity == Quantity(7))
        #expect(trade.cumulativeQuantity == Quantity(12))
    }

    @Test(
        "What is no frame is told as that",
        arguments: [
            "", "0", "0|", "0|H0STCNT0", "0|H0STCNT0|001", "2|H0STCNT0|001|", "0|H0STCNT0|000|x", "0|H0STCNT0|1x1|x",
            "0||001|x", "0|H0STCNT0|0001|x", "hello",
        ])
    func noFrame(text: String) { #expect(fault(text) == .notAFrame) }

    @Test("A stream that is not known is named")
    func unknown() { #expect(fault("0|H0STXXX0|001|a^b") == .unknownStream("H0STXXX0")) }

    @Test("The book has its levels, best first, without the empty ones")
    func book() throws {
        var decoder = StreamDecoder()
        let book = try #require(try decoder.decode(StreamFrames.frame("H0STASP0", [StreamFrames.book])).first?.book)
        #expect(book.asks.map(\.price) == (0..<9).map { Price(70_600 + 100 * $0) })
        #expect(book.bids.map(\.price) == (0..<9).map { Price(70_500 - 100 * $0) })
        #expect(book.bids.map(\.quantity) == (1...9).map { Quantity(10 * $0) })
        #expect(book.expectedPrice == Price(70_550))
        #expect("\(book.at)" == "2031-03-04T01:01:34Z")
        let wide = StreamFrames.frame("H0UNASP0", [StreamFrames.book + "^70550^10^0^70540^9^0^X"])
        #expect(try decoder.decode(wide).first?.book?.asks == book.asks)
    }

    @Test("A time without its day is of the day nearest to its receipt")
    func midnight() {
        let before = Instant(epochSeconds: 1_930_316_399)
        #expect("\(before)" == "2031-03-03T14:59:59Z")
        #expect(KoreanTime.instant(secondOfDay: 86_399, near: before) == before)
        #expect(KoreanTime.instant(secondOfDay: 86_399, near: before.advanced(bySeconds: 2)) == before)
        #expect(KoreanTime.instant(secondOfDay: 1, near: before) == before.advanced(bySeconds: 2))
    }

    @Test("An overseas trade is read with its decimals, with RSYM and without")
    func overseas() throws {
        var decoder = StreamDecoder()
        let with = try #require(
            try decoder.decode(StreamFrames.frame("HDFSCNT0", [StreamFrames.overseasTrade])).first?.trade)
        #expect("\(with.symbol.key)" == "DNASAAPL" && "\(with.symbol.code)" == "AAPL")
        #expect(with.symbol.market?.description == "NAS")
        #expect([with.price, with.bid, with.ask].map { $0?.description } == ["201.44", "201.43", "201.45"])
        #expect(with.quantity == Quantity(100) && with.cumulativeQuantity == Quantity(3_500_120))
        #expect(with.phase == .regular)
        // 00:06:12 in Korea is 10:06:12 in New York.
        #expect("\(with.at)" == "2031-03-03T15:06:12Z" && "\(with.tradingDay)" == "2031-03-03")

        let cut = String(StreamFrames.overseasTrade.dropFirst("DNASAAPL^".count))
        let without = try #require(try decoder.decode(StreamFrames.frame("HDFSCNT0", [cut])).first?.trade)
        #expect("\(without.symbol.key)" == "AAPL" && without.symbol.market == nil)
        #expect(without.price == with.price && without.at == with.at && without.phase == .regular)
        // Symbols that begin with the letter by which RSYM is known, and one as long as a key.
        for symbol in ["DIS", "RIVNW"] {
            let frame = StreamFrames.frame("HDFSCNT0", [cut.replacing("AAPL", with: symbol)])
            #expect(try decoder.decode(frame).first?.trade?.symbol.code.description == symbol)
        }
        let both = StreamFrames.frame("HDFSCNT0", [StreamFrames.overseasTrade, StreamFrames.overseasTrade])
        #expect(try decoder.decode(both).count == 2)
    }

    @Test(
        "Decimals are exact, and a ninth is not cut off",
        arguments: [
            ("201.44000000", "201.44"), ("0.00000001", "0.00000001"), ("201.4400000000", "201.44"),
            ("201.440000001", nil), ("201.", nil), (".5", nil), ("2 01", nil), ("12345678901", nil), ("-1.5", nil),
        ] as [(String, String?)])
    func decimals(text: String, value: String?) {
        var decoder = StreamDecoder()
        let record = StreamFrames.overseasTrade.replacing("201.4400", with: text)
        let trade = try? decoder.decode(StreamFrames.frame("HDFSCNT0", [record])).first?.trade
        #expect(trade?.price.description == value)
    }

    @Test("An overseas book has as many levels as it was sent with", arguments: [1, 10])
    func overseasBook(levels: Int) throws {
        var decoder = StreamDecoder()
        let id = levels == 1 ? "HDFSASP1" : "HDFSASP0"
        let text = StreamFrames.frame(id, [StreamFrames.overseasBook(levels: levels)])
        let book = try #require(try decoder.decode(text).first?.book)
        #expect(book.bids.count == levels && book.asks.count == levels)
        #expect(try book.bids.first == .init(price: Price("201.43"), quantity: Quantity(120)))
        #expect(book.asks.last?.quantity == Quantity(80 + levels - 1))
    }
}

@Suite("Where the values of a payload stand")
struct PayloadTableTests {
    @Test("The table agrees with a plain split, whatever the bytes", arguments: propertySeeds)
    func agreesWithSplit(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = PayloadTable()
        for _ in 0..<300 {
            let bytes = (0..<random.int(0...120)).map { _ in
                random.chance(0.3) ? UInt8(ascii: "^") : UInt8(truncatingIfNeeded: random.int(0...255))
            }
            let parts = bytes.split(separator: UInt8(ascii: "^"), omittingEmptySubsequences: false).map(Array.init)
            bytes.withUnsafeBufferPointer { buffer in
                table.scan(buffer)
                #expect(table.valueCount == parts.count)
                let read = table.withReader(buffer, record: 0, width: parts.count) { reader in
                    (0..<parts.count).map { Array(reader.raw($0)) }
                }
                #expect(read == parts)
            }
        }
    }
}
