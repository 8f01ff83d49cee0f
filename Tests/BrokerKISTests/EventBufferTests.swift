import Core
import Testing

@testable import BrokerKIS

@Suite("Events that wait for their reader")
struct EventBufferTests {
    private func trade(_ number: Int) throws -> KISStreamEvent {
        var decoder = StreamDecoder()
        let record = StreamFrames.trade(price: "\(1000 + number)", volume: "\(number + 1)")
        return .data(try #require(try decoder.decode(StreamFrames.frame("H0STCNT0", [record])).first))
    }

    private func notice(_ name: String = "domestic-fill") throws -> KISStreamEvent {
        let fixture = try StreamFrames.notice(name)
        var decoder = try StreamDecoder(fixture)
        return .data(try #require(try decoder.decode(fixture.frame).first))
    }

    private func all(_ buffer: EventBuffer) async -> [KISStreamEvent] {
        buffer.finish()
        var events: [KISStreamEvent] = []
        for await event in KISStreamEvents(buffer: buffer) { events.append(event) }
        return events
    }

    @Test("Events come out in the order in which they came")
    func order() async throws {
        let buffer = EventBuffer(limit: 100)
        let events = try (0..<20).map { $0 % 3 == 0 ? try notice() : try trade($0) }
        for event in events { buffer.put(event) }
        #expect(await all(buffer) == events)
    }

    @Test("A slow reader loses the oldest trades, is told how many, and never loses a notice to them")
    func dropping() async throws {
        let buffer = EventBuffer(limit: 10)
        let fill = try notice()
        buffer.put(fill)
        for number in 0..<1000 { buffer.put(try trade(number)) }
        let expected = [.news(.dataDropped(990)), fill] + (try (990..<1000).map(trade))
        #expect(await all(buffer) == expected)
    }

    @Test("A reader that takes nothing at all is told of notices that are lost")
    func noticesDropped() async throws {
        let buffer = EventBuffer(limit: 10)
        let fill = try notice()
        for _ in 0..<13 { buffer.put(fill) }
        let expected = [.news(.noticesDropped(3))] + [KISStreamEvent](repeating: fill, count: 10)
        #expect(await all(buffer) == expected)
    }

    @Test("A reader that waits gets the next event, and nothing after the end or when it is cancelled")
    func waiting() async throws {
        let buffer = EventBuffer(limit: 10)
        let event = try trade(1)
        let reading = Task { await buffer.next() }
        await Task.yield()
        buffer.put(event)
        #expect(await reading.value == event)
        let cancelled = Task { await buffer.next() }
        await Task.yield()
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        let ended = Task { await buffer.next() }
        await Task.yield()
        buffer.finish()
        #expect(await ended.value == nil)
        buffer.put(event)
        #expect(await buffer.next() == nil)
    }
}
