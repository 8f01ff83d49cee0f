import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("The session of a stream")
struct StreamSessionTests {
    typealias Action = StreamSession.Action

    private static let notices = RegistrationBookTests.notices
    private static let trades = RegistrationBookTests.trades(0)

    private func session(seed: UInt64 = 1) -> StreamSession {
        var session = StreamSession(seed: seed)
        session.want([
            KISWantedRegistration(Self.notices, .orderNotices), KISWantedRegistration(Self.trades, .trades),
        ])
        return session
    }

    private func live(seed: UInt64 = 1) -> StreamSession {
        var session = session(seed: seed)
        _ = session.tick(.zero)
        _ = session.connected()
        return session
    }

    private func wait(of session: StreamSession) -> Duration? {
        if case .waiting(let left) = session.state { left } else { nil }
    }

    /// Lets time pass until something is to be done: what, and after how long.
    private func next(_ session: inout StreamSession, limit: Int = 2000) -> (actions: [Action], after: Duration) {
        for second in 0..<limit {
            let actions = session.tick(.seconds(1))
            if !actions.isEmpty { return (actions, .seconds(second + 1)) }
        }
        return ([], .seconds(limit))
    }

    private func answer(_ registration: KISRegistration?, _ code: String) throws -> RegistrationAnswer {
        try RegistrationBookTests.answer(registration, code)
    }

    @Test("It connects, registers what is wanted one by one, and tells each answer")
    func register() throws {
        var session = session()
        #expect(session.tick(.milliseconds(200)) == [.connect(isKeyRefused: false)])
        #expect(session.connected() == [.tell(.connected)])
        #expect(session.tick(.milliseconds(200)) == [.send(.register(Self.notices))])
        #expect(session.tick(.milliseconds(200)) == [.send(.register(Self.trades))])
        #expect(session.answered(try answer(Self.notices, "OPSP0000")) == [.tell(.registered(Self.notices))])
        #expect(session.answered(try answer(Self.trades, "OPSP0000")) == [.tell(.registered(Self.trades))])
        #expect(session.tick(.milliseconds(200)) == [])
    }

    @Test("More than a minute without anything is the end of a connection; a keep-alive in time is not")
    func silence() {
        var session = live()
        for _ in 0..<10 {
            for _ in 0..<60 { #expect(!session.tick(.seconds(1)).contains(.close)) }
            session.heard()
        }
        for _ in 0..<60 { #expect(!session.tick(.seconds(1)).contains(.close)) }
        let actions = session.tick(.seconds(1))
        #expect(actions.first == .close && actions.count == 2 && wait(of: session) != nil)
    }

    @Test("Everything is registered again after an end")
    func again() throws {
        var session = live()
        _ = session.tick(.zero)
        _ = session.answered(try answer(Self.notices, "OPSP0000"))
        #expect(session.ended("lost").count == 1)
        #expect(next(&session).actions == [.connect(isKeyRefused: false)])
        _ = session.connected()
        #expect(session.tick(.zero) == [.send(.register(Self.notices))])
        #expect(session.tick(.zero) == [.send(.register(Self.trades))])
    }

    @Test("Waits double, with jitter, up to two minutes, and end after thirty attempts", arguments: propertySeeds)
    func backOff(seed: UInt64) throws {
        var session = session(seed: seed)
        _ = session.tick(.zero)
        var waits: [Duration] = []
        var stop: [Action] = []
        for _ in 0..<100 {
            let actions = session.connectFailed("nobody there")
            guard let left = wait(of: session) else {
                stop = actions
                break
            }
            waits.append(left)
            #expect(next(&session).actions == [.connect(isKeyRefused: false)])
        }
        #expect(stop == [.tell(.stopped(.attemptsExhausted(30)))])
        #expect(waits.count == 29)
        for (index, wait) in waits.enumerated() {
            let whole = min(Duration.seconds(2 << min(index, 10)), .seconds(120))
            #expect(wait >= whole / 2 && wait <= whole)
        }
        // Long enough for the nightly maintenance.
        #expect(waits.reduce(.zero, +) > .seconds(25 * 60))
        #expect(session.tick(.seconds(10_000)).isEmpty)
    }

    @Test("A server that accepts and hangs up at once is no success: the waits go on doubling")
    func shortLived() throws {
        var session = session()
        var waited = Duration.zero
        _ = session.tick(.zero)
        for _ in 0..<8 {
            _ = session.connected()
            _ = session.tick(.milliseconds(200))
            _ = session.ended("lost")
            waited += next(&session).after
        }
        #expect(waited > .seconds(200))
        // One that has lasted begins anew.
        _ = session.connected()
        for _ in 0..<70 {
            _ = session.tick(.seconds(1))
            session.heard()
        }
        _ = session.ended("lost")
        #expect(try #require(wait(of: session)) <= .seconds(2))
    }

    @Test(
        "An app key in use is alerted and left alone for at least 90 seconds, longer each time",
        arguments: propertySeeds)
    func keyInUse(seed: UInt64) throws {
        var session = live(seed: seed)
        for round in 0..<5 {
            _ = session.tick(.zero)
            let actions = session.answered(try answer(nil, "OPSP8996"))
            guard case .tell(.keyInUse(let told))? = actions.last, actions.first == .close else {
                return #expect(Bool(false), "not told: \(actions)")
            }
            #expect(told >= .seconds(min(90 << round, 600)))
            #expect(session.ended("closed") == [])
            let (next, after) = next(&session)
            #expect(next == [.connect(isKeyRefused: false)] && after >= told)
            _ = session.connected()
        }
    }

    @Test("An unknown approval key is replaced once; a second refusal is final", arguments: ["OPSP0010", "OPSP0011"])
    func approvalKey(code: String) throws {
        var session = live()
        _ = session.tick(.zero)
        let refusal = try answer(Self.notices, code)
        #expect(session.answered(refusal) == [.close, .tell(.approvalKeyRefused(code: code, message: "text"))])
        #expect(next(&session).actions == [.connect(isKeyRefused: true)])
        _ = session.connected()
        _ = session.tick(.zero)
        #expect(
            session.answered(refusal) == [.close, .tell(.stopped(.approvalKeyRefused(code: code, message: "text")))])
        #expect(session.isStopped)
    }

    @Test("A key that lived for a while is replaced again when its day is over")
    func approvalKeyLater() throws {
        var session = live()
        for _ in 0..<3 {
            for _ in 0..<61 {
                _ = session.tick(.seconds(1))
                session.heard()
            }
            #expect(session.answered(try answer(Self.notices, "OPSP0011")).count == 2)
            #expect(next(&session).actions == [.connect(isKeyRefused: true)])
            _ = session.connected()
        }
    }

    @Test("Hung up on twice at the notices, it goes on without them, and tries them again in ten minutes")
    func hangUps() throws {
        var session = session()
        _ = session.tick(.zero)
        var told: [Action] = []
        for _ in 0..<2 {
            _ = session.connected()
            #expect(session.tick(.zero) == [.send(.register(Self.notices))])
            told = session.ended("lost")
            _ = next(&session)
        }
        #expect(told.first == .tell(.hungUpOn(Self.notices, retryAfter: .seconds(600))))
        _ = session.connected()
        #expect(session.tick(.zero) == [.send(.register(Self.trades))])
        _ = session.answered(try answer(Self.trades, "OPSP0000"))
        for _ in 0..<599 {
            session.heard()
            #expect(session.tick(.seconds(1)) == [])
        }
        #expect(session.tick(.seconds(1)) == [.send(.register(Self.notices))])
    }

    @Test("A mistake in the configuration ends its registration, not the session")
    func configuration() throws {
        var session = live()
        _ = session.tick(.zero)
        #expect(
            session.answered(try answer(Self.notices, "OPSP8993"))
                == [.tell(.refused(Self.notices, code: "OPSP8993", message: "text"))])
        #expect(session.tick(.zero) == [.send(.register(Self.trades))])
    }

    @Test("What finds no room is told once, and again when it has found some")
    func withoutRoom() throws {
        var session = StreamSession(budget: 1, seed: 1)
        let other = RegistrationBookTests.trades(1)
        let both = [Self.trades, other].map { KISWantedRegistration($0, .trades) }
        session.want(both)
        _ = session.tick(.zero)
        _ = session.connected()
        _ = session.tick(.zero)
        // Not while the answer is awaited.
        #expect(session.tick(.zero) == [])
        _ = session.answered(try answer(Self.trades, "OPSP0000"))
        #expect(session.tick(.zero) == [.tell(.withoutRoom([other]))])
        #expect(session.tick(.zero) == [])
        session.want([both[1]])
        #expect(session.tick(.zero) == [.send(.unregister(Self.trades))])
        _ = session.answered(try answer(Self.trades, "OPSP0001"))
        #expect(session.tick(.zero) == [.send(.register(other))])
        _ = session.answered(try answer(other, "OPSP0000"))
        #expect(session.tick(.zero) == [.tell(.withoutRoom([]))])
    }

    @Test("A complaint about nothing known is only told")
    func complaint() throws {
        var session = live()
        #expect(
            session.answered(try answer(nil, "OPSP7777")) == [.tell(.unknownAnswer(code: "OPSP7777", message: "text"))])
        #expect(session.isLive)
    }

    @Test("Cancelled, it closes and does nothing more")
    func cancel() {
        var session = live()
        #expect(session.cancel() == [.close, .tell(.stopped(.cancelled))])
        #expect(session.cancel() == [])
        #expect(session.tick(.seconds(100)) == [])
        #expect(session.connected() == [.close])
    }

    @Test(
        "Whatever comes in whatever order, connections are rare and every one is followed by a wait",
        arguments: propertySeeds)
    func property(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var session = session(seed: seed)
        let codes = [
            "OPSP0000", "OPSP0001", "OPSP0002", "OPSP0007", "OPSP0008", "OPSP0011", "OPSP8993", "OPSP8996", "OPSP9999",
        ]
        var seconds = 0
        var connects: [Int] = []
        for _ in 0..<20_000 {
            var actions: [Action]
            switch random.int(0...9) {
            case 0: actions = session.connected()
            case 1: actions = session.connectFailed("x")
            case 2: actions = session.ended("x")
            case 3:
                session.heard()
                actions = []
            case 4:
                actions = session.answered(
                    try answer(random.pick([Self.notices, Self.trades, nil]), random.pick(codes)))
            default:
                seconds += 1
                actions = session.tick(.seconds(1))
            }
            if case .connect? = actions.first {
                connects.append(seconds)
                #expect(actions.count == 1)
            }
            if session.isStopped { break }
        }
        // Never more than five connections in any fifteen seconds, whatever the other side does.
        for index in connects.indices.dropFirst(5) { #expect(connects[index] - connects[index - 5] >= 15) }
    }
}
