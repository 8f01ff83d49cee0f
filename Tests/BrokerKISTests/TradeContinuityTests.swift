import Core
import Testing

@testable import BrokerKIS

@Suite("Trades sent twice")
struct TradeContinuityTests {
    private func trade(
        volume: Int, size: Int = 1, symbol: String = "005930", date: String = "20310304", id: String = "H0STCNT0"
    ) throws -> KISStreamTrade {
        var decoder = StreamDecoder()
        let record = StreamFrames.trade(symbol, size: "\(size)", volume: "\(volume)", date: date)
        return try #require(try decoder.decode(StreamFrames.frame(id, [record])).first?.trade)
    }

    @Test("The volume of the day must grow; what it grew by beyond the trade was not seen")
    func volume() throws {
        var continuity = TradeContinuity()
        #expect(continuity.classify(try trade(volume: 100)) == .first)
        #expect(continuity.classify(try trade(volume: 107, size: 7)) == .next)
        #expect(continuity.classify(try trade(volume: 107, size: 7)) == .repeated)
        #expect(continuity.classify(try trade(volume: 100)) == .repeated)
        #expect(continuity.classify(try trade(volume: 120, size: 3)) == .gap(Quantity(10)))
        #expect(continuity.classify(try trade(volume: 121)) == .next)
    }

    @Test("Each symbol and each stream counts for itself, and each day begins anew")
    func apart() throws {
        var continuity = TradeContinuity()
        _ = continuity.classify(try trade(volume: 100))
        #expect(continuity.classify(try trade(volume: 100, symbol: "000660")) == .first)
        #expect(continuity.classify(try trade(volume: 100, id: "H0NXCNT0")) == .first)
        #expect(continuity.classify(try trade(volume: 5, date: "20310305")) == .first)
        // A late copy of yesterday's does not turn the day back.
        #expect(continuity.classify(try trade(volume: 101, date: "20310304")) == .repeated)
        #expect(continuity.classify(try trade(volume: 6, date: "20310305")) == .next)
    }
}
