import Core
import Foundation
import Settings
import Sockets
import Synchronization
import TestSupport
import Testing
import TransportServers

@testable import BrokerKIS

/// A clock on which waits pass so many times as fast. Where a test is about answers, the server has time for them even on a
/// busy machine: the ten seconds for an answer are one.
private struct HurriedClock: WallClock {
    var hurry = 10
    func now() -> Instant { StreamFrames.receivedAt }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration / hurry) }
}

/// Approval keys `key-1`, `key-2` …, and which were said to be refused.
private final class ApprovalKeys: Sendable {
    private let state = Mutex((issued: 0, refused: [String]()))
    var issued: Int { state.withLock { $0.issued } }
    var refused: [String] { state.withLock { $0.refused } }

    func next(_ refused: Secret?) -> Secret {
        state.withLock { state in
            if let refused { state.refused.append(refused.reveal()) }
            state.issued += 1
            return Secret("key-\(state.issued)")
        }
    }
}

/// The stream over real sockets, with a server of other people's making.
@Suite(
    "The stream against an independent server", .timeLimit(.minutes(1)),
    .enabled(if: TestServers.hasPreparedPython, "TAKT_TEST_PYTHON is not set; scripts/test sets it"))
struct KISStreamTests {
    private static let folder = Result { try TransportServers::TemporaryFolder() }
    private static let server = Result {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/kis_server.py").path
        return try TestServer(
            python: try #require(TestServers.preparedPython), script: script, arguments: [try folder.get().path])
    }

    static let notices = KISRegistration(.domesticNoticesVirtual, "hts01")
    static let samsung = KISRegistration(.domesticTrades, "005930")
    static let hynix = KISRegistration(.domesticTrades, "000660")
    static let usual = [
        KISWantedRegistration(hynix, .trades), KISWantedRegistration(samsung, .heldTrades),
        KISWantedRegistration(notices, .orderNotices),
    ]

    /// What the server wrote down about this connection's name.
    private func log(_ name: String) throws -> [JSONValue] {
        try Self.folder.get().lines(name).map { try JSONValue(parsing: $0) }
    }

    private func connects(_ name: String) throws -> Int { try log(name).count { $0["event"] == "connect" } }

    /// Runs the stream until an event for which `isLast` holds, or its end: all that came.
    private func run(
        _ scenario: String, _ name: String, wanted: [KISWantedRegistration] = usual,
        limits: StreamSession.Limits = .init(), keys: ApprovalKeys = ApprovalKeys(), hurry: Int = 10,
        act: @escaping @Sendable (KISStreamEvent, KISStream) async -> Void = { _, _ in },
        until isLast: (KISStreamEvent) -> Bool
    ) async throws -> (events: [KISStreamEvent], counts: KISStreamCounts) {
        let address = try WebSocketAddress("ws://127.0.0.1:\(try Self.server.get().port)/\(scenario)/\(name)")
        let stream = KISStream(
            KISStreamConfiguration(address: address), wanted: wanted, limits: limits,
            approvalKey: { keys.next($0) }, clock: HurriedClock(hurry: hurry))
        let running = Task { await stream.run() }
        var events: [KISStreamEvent] = []
        for await event in stream.events {
            events.append(event)
            await act(event, stream)
            if isLast(event) { break }
        }
        running.cancel()
        await running.value
        return (events, await stream.counts)
    }

    private func news(_ events: [KISStreamEvent]) -> [KISStreamNews] {
        events.compactMap { if case .news(let news) = $0 { news } else { nil } }
    }

    @Test(
        "A day: registrations, trades, a notice, keep-alive; then the line is cut, and all is there again with new keys"
    )
    func day() async throws {
        let name = "day-\(UInt32.random(in: 0...UInt32.max))"
        let isSecondFill = { (event: KISStreamEvent) in
            if case .data(.orderNotice(let notice)) = event { notice.quantity == Quantity(6) } else { false }
        }
        let (events, counts) = try await run("day", name, until: isSecondFill)

        let trades = events.compactMap { if case .data(let data) = $0 { data.trade } else { nil } }
        #expect(
            trades.map { "\($0.symbol.code) \($0.price) \($0.quantity)" }
                == ["005930 70500 7", "000660 210500 2", "005930 70500 7", "000660 210500 2", "005930 70600 5"])
        // The frame that was sent twice is told apart, and what was traded unseen is counted.
        #expect(trades.map(\.continuity) == [.first, .first, .repeated, .repeated, .gap(Quantity(7))])
        let fills = events.compactMap { if case .data(let data) = $0 { data.notice } else { nil } }
        #expect(fills.map(\.quantity) == [Quantity(4), Quantity(6)])
        #expect(fills.allSatisfy { $0.event == .filled && $0.orderNumber.text == "0000023401" })

        let news = news(events)
        let registered: [KISStreamNews] = [Self.notices, Self.samsung, Self.hynix].map { .registered($0) }
        #expect(news.filter { if case .registered = $0 { true } else { false } } == registered + registered)
        #expect(news.count { $0 == .connected } == 2)
        #expect(news.contains(.widthChanged(.domesticTrades, known: 46, now: 47)))
        #expect(news.contains(.frameRefused(.unknownStream("H0XXXX00"))))
        // A notice under the key of the first connection.
        #expect(news.contains(.frameRefused(.undecryptable(.domesticNoticesVirtual))))
        #expect(counts.unknown == 2 && counts.undecryptable == 1 && counts.repeated == 2 && counts.keepAlives == 1)

        let log = try log(name)
        let requests = log.filter { $0["event"] == "request" }
        #expect(
            requests.compactMap { $0["id"]?.stringValue } == [
                "H0STCNI9", "H0STCNT0", "H0STCNT0", "H0STCNI9", "H0STCNT0", "H0STCNT0",
            ])
        #expect(
            requests.compactMap { $0["key"]?.stringValue } == [
                "hts01", "005930", "000660", "hts01", "005930", "000660",
            ])
        #expect(
            requests.compactMap { $0["approval"]?.stringValue } == [
                "key-1", "key-1", "key-1", "key-2", "key-2", "key-2",
            ])
        #expect(requests.allSatisfy { $0["type"] == "1" && $0["custtype"] == "P" })
        let echoes = log.filter { $0["event"] == "echo" }
        #expect(echoes.map { $0["text"] } == [#"{"header":{"tr_id":"PINGPONG","datetime":"20310304100200"}}"#])
    }

    @Test("A key in use is not fought over: one connection, a long wait, then the next")
    func inUse() async throws {
        let name = "in-use-\(UInt32.random(in: 0...UInt32.max))"
        let started = ContinuousClock.now
        let (events, counts) = try await run("in-use", name, hurry: 100) { $0 == .news(.registered(Self.hynix)) }
        // Two waits, of at least 90 and 180 s on the clock of the test.
        #expect(ContinuousClock.now - started >= .seconds(2.7))
        #expect(try connects(name) == 3 && counts.connections == 3)
        let waits = news(events).compactMap { if case .keyInUse(let wait) = $0 { wait } else { nil } }
        #expect(waits.count == 2 && waits[0] >= .seconds(90) && waits[1] >= .seconds(180))
    }

    @Test("MAX SUBSCRIBE OVER is believed, and a more important wish takes the place of the least important")
    func full() async throws {
        let name = "full-\(UInt32.random(in: 0...UInt32.max))"
        let others = (1...3).map { KISWantedRegistration(KISRegistration(.domesticTrades, "10000\($0)"), .trades) }
        let held = KISWantedRegistration(Self.samsung, .heldTrades)
        let (events, _) = try await run("full", name, wanted: others + [Self.usual[2]]) { event, stream in
            if event == .news(.budgetLowered(3)) { await stream.want(others + [Self.usual[2], held]) }
        } until: {
            $0 == .news(.registered(Self.samsung))
        }
        // Whether there is time to tell of what has no room before the wish comes is not the point.
        let told = news(events).filter { if case .withoutRoom = $0 { false } else { true } }
        #expect(
            told.suffix(3) == [
                .budgetLowered(3), .unregistered(others[1].registration), .registered(Self.samsung),
            ])
        #expect(try connects(name) == 1)
    }

    @Test("A refused approval key is replaced by a new one, once")
    func staleKey() async throws {
        let name = "stale-\(UInt32.random(in: 0...UInt32.max))"
        let keys = ApprovalKeys()
        let (events, _) = try await run("stale", name, keys: keys) { $0 == .news(.registered(Self.hynix)) }
        #expect(keys.issued == 2 && keys.refused == ["key-1"])
        #expect(news(events).contains(.approvalKeyRefused(code: "OPSP0011", message: "invalid approval : NOT FOUND")))

        let never = "never-\(UInt32.random(in: 0...UInt32.max))"
        let used = ApprovalKeys()
        _ = used.next(nil)
        _ = used.next(nil)
        let refused = KISStreamNews.stopped(
            .approvalKeyRefused(code: "OPSP0011", message: "invalid approval : NOT FOUND"))
        let (end, _) = try await run("stale", never, keys: used) { _ in false }
        #expect(news(end).last == refused)
        #expect(try connects(never) == 2)
    }

    @Test("A connection that has fallen silent is replaced")
    func silent() async throws {
        let name = "silent-\(UInt32.random(in: 0...UInt32.max))"
        var connections = 0
        let (events, counts) = try await run("silent", name, hurry: 100) { event in
            if event == .news(.connected) { connections += 1 }
            return connections == 2
        }
        #expect(counts.connections == 2)
        let reasons = news(events).compactMap { if case .disconnected(let detail, _) = $0 { detail } else { nil } }
        #expect(reasons == ["nothing was heard for 60 s"])
    }

    @Test("A server that hangs up on the notices is asked for them twice, then for prices alone")
    func hangUp() async throws {
        let name = "hang-up-\(UInt32.random(in: 0...UInt32.max))"
        let (events, _) = try await run("hang-up", name, hurry: 20) { $0 == .news(.registered(Self.hynix)) }
        #expect(try log(name).count { $0["event"] == "hung up" } == 2)
        #expect(news(events).contains(.hungUpOn(Self.notices, retryAfter: .seconds(600))))
        #expect(try connects(name) == 3)
    }

    @Test("With nobody there it gives up after its attempts, and a cancelled stream ends at once")
    func nobody() async throws {
        let address = try WebSocketAddress("ws://127.0.0.1:1/")
        var limits = StreamSession.Limits()
        limits.attempts = 4
        let stream = KISStream(
            KISStreamConfiguration(address: address), wanted: Self.usual, limits: limits,
            approvalKey: { _ in Secret("key") }, clock: HurriedClock(hurry: 100))
        let running = Task { await stream.run() }
        var last: KISStreamEvent?
        var count = 0
        for await event in stream.events {
            last = event
            count += 1
        }
        await running.value
        #expect(last == .news(.stopped(.attemptsExhausted(4))) && count == 4)

        let name = "cancel-\(UInt32.random(in: 0...UInt32.max))"
        let (_, _) = try await run("silent", name) { $0 == .news(.registered(Self.hynix)) }
        // The server saw a goodbye, or at least the end of the connection.
        for _ in 0..<1000 where try log(name).last?["event"] != "end" { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try log(name).last?["event"] == "end")
    }
}
