import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("The session")
struct IBSessionTests {
    @Test(
        "Connect, hello, startApi; ready when accounts and the next order id are there, in either order",
        arguments: [true, false])
    func handshake(accountsFirst: Bool) throws {
        var script = SessionScript()
        #expect(script.session.start(at: script.now) == [.connect])
        #expect(script.session.start(at: script.now) == [], "it is started once")
        #expect(script.session.connected(at: script.now) == [.sendHello])
        #expect(
            script.session.greeted(.version(ServerVersion(176), clock: "?"), at: script.now)
                == [.startAPI(ServerVersion(176), clientID: 7)])
        // Farm notices and orders come unasked in between.
        #expect(try script.error(2104, "Market data farm connection is OK:usfarm") == [])
        #expect(try script.hears("3|7|Submitted|0|10|0|600745656|0|0|1||0|") == [])
        let (first, second) = accountsFirst ? ("15|1|DU1,DU2,|", "9|1|42|") : ("9|1|42|", "15|1|DU1,DU2,|")
        #expect(try script.hears(first) == [])
        #expect(!script.session.mayPlaceOrders)
        let welcome = IBWelcome(version: ServerVersion(176), accounts: ["DU1", "DU2"], nextOrderID: 42)
        #expect(try script.hears(second) == [.tell(.ready(welcome)), .askTime, .subscribe, .reconcile])
        #expect(
            script.session.welcome == welcome && script.session.mayPlaceOrders
                && script.session.mayTrustLists(at: script.now))
        // Said again later, they change nothing.
        #expect(try script.hears(first) == [] && script.session.welcome == welcome)
    }

    @Test("Each step has ten seconds of its own, and says what did not come")
    func deadlines() throws {
        var connecting = SessionScript()
        _ = connecting.session.start(at: connecting.now)
        var greeting = SessionScript()
        greeting.toGreeting()
        var starting = SessionScript()
        starting.toStarting()
        var half = SessionScript()
        half.toStarting()
        _ = try half.hears("9|1|42|")
        for (script, words) in [
            (connecting, "no connection within 10 s"), (greeting, "trusted addresses"),
            (starting, "its accounts and the next"),
            (half, "did not tell its accounts within"),
        ] {
            var script = script
            #expect(script.after(.seconds(9)) == [])
            let actions = script.after(.seconds(1))
            #expect(actions.deeds == [.close])
            guard case .disconnected(let detail, .seconds(1), 1)? = actions.news.first else {
                Issue.record("\(actions)")
                continue
            }
            #expect(detail.contains(words))
            #expect(script.after(.seconds(1)) == [.connect])
        }
        // A step that ends gives the next one its full time.
        var slow = SessionScript()
        _ = slow.session.start(at: slow.now)
        slow.advance(.seconds(9))
        _ = slow.session.connected(at: slow.now)
        #expect(slow.after(.seconds(9)) == [])
        _ = slow.session.greeted(.version(.newest, clock: ""), at: slow.now)
        #expect(slow.after(.seconds(9)) == [])
    }

    @Test("Frames before the hello are borne, but not for ever")
    func strays() {
        var script = SessionScript()
        script.toGreeting()
        for _ in 0..<32 { #expect(script.session.greeted(nil, at: script.now) == []) }
        #expect(script.session.greeted(nil, at: script.now).deeds == [.close])
    }

    @Test("A version that is not spoken, and another address, end it with a sentence for the operator")
    func refusals() {
        for (hello, stop) in [
            (.version(ServerVersion(156), clock: ""), .versionNotSpoken(ServerVersion(156))),
            (.version(ServerVersion(201), clock: ""), .versionNotSpoken(ServerVersion(201))),
            (.redirect(to: "gw2:4001"), .redirected(to: "gw2:4001")),
        ] as [(Hello.OfServer, IBSessionStop)] {
            var script = SessionScript()
            script.toGreeting()
            #expect(script.session.greeted(hello, at: script.now) == [.close, .tell(.stopped(stop))])
            #expect(script.after(.seconds(3600)) == [] && script.session.state == .stopped)
            #expect(IBSessionNews.stopped(stop).weight == .alert)
        }
    }

    @Test("A client id in use is tried again, the same one, a few times; then it ends", arguments: [true, false])
    func clientIDInUse(saysSo: Bool) throws {
        var script = SessionScript()
        _ = script.session.start(at: script.now)
        for attempt in 1...6 {
            _ = script.session.connected(at: script.now)
            #expect(
                script.session.greeted(.version(.newest, clock: ""), at: script.now)
                    == [.startAPI(.newest, clientID: 7)])
            let actions =
                saysSo
                ? try script.error(326, "client id is already in use") : script.session.closed("", at: script.now)
            #expect(actions.deeds == (saysSo ? [.close] : []))
            guard attempt < 6 else {
                #expect(actions.news == [.stopped(.clientIDInUse(7))])
                break
            }
            #expect(actions.news == [.clientIDInUse(7, retryAfter: .seconds(5), attempt: attempt)])
            // The gateway's own close after it has said so is no second one.
            #expect(script.session.closed("", at: script.now) == [])
            #expect(script.after(.seconds(4)) == [] && script.after(.seconds(1)) == [.connect])
        }
        #expect(script.after(.seconds(60)) == [])
    }

    @Test("Connections that come to nothing are tried with waits that double, and end after ten")
    func attempts() {
        var script = SessionScript()
        _ = script.session.start(at: script.now)
        var waits: [Duration] = []
        var alerts = 0
        while true {
            let actions = script.session.connectFailed("connection refused", at: script.now)
            guard case .disconnected(_, let wait, _)? = actions.news.first else {
                #expect(actions == [.tell(.stopped(.attemptsExhausted(10, detail: "connection refused")))])
                break
            }
            if actions.news.contains(where: { $0.weight == .alert }) { alerts += 1 }
            waits.append(wait)
            #expect(script.after(wait) == [.connect])
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(alerts == 7, "from the third on")
    }

    @Test("Only a connection that has lasted a minute counts as one")
    func stable() throws {
        var script = SessionScript()
        try script.toReady()
        _ = script.session.closed("reset", at: script.now)
        _ = script.after(.seconds(1))
        _ = script.session.connected(at: script.now)
        _ = script.session.greeted(.version(.newest, clock: ""), at: script.now)
        _ = try script.hears("15|1|DU1,|")
        _ = try script.hears("9|1|42|")
        let soon = script.session.closed("reset", at: script.now)
        #expect(soon == [.tell(.disconnected(detail: "reset", retryAfter: .seconds(2), failures: 2))])

        var lasting = SessionScript()
        try lasting.toReady()
        for _ in 0..<7 {
            _ = lasting.after(.seconds(10))
            _ = try lasting.hears("9|1|42|")
        }
        let later = lasting.session.closed("reset", at: lasting.now)
        #expect(later == [.tell(.disconnected(detail: "reset", retryAfter: .seconds(1), failures: 1))])
    }

    @Test("A silent gateway is asked for the time; without a sign of life it is left")
    func heartbeat() throws {
        var script = SessionScript()
        try script.toReady()
        #expect(script.after(.seconds(29)) == [])
        #expect(script.after(.seconds(1)) == [.askTime])
        #expect(script.after(.seconds(9)) == [], "it is asked once")
        // Anything is an answer, a message that cannot be read too.
        script.session.heard(at: script.now)
        #expect(script.after(.seconds(29)) == [] && script.after(.seconds(1)) == [.askTime])
        let actions = script.after(.seconds(10))
        #expect(actions.deeds == [.close])
        guard case .disconnected(let detail, _, _)? = actions.news.first else { throw Unexpected() }
        #expect(detail == "it has been silent for 40 s")
    }

    @Test(
        "The clocks are compared once a connection",
        arguments: [(-6, true), (-4, false), (0, false), (4, false), (6, true)])
    func clocks(_ ahead: Int64, _ isTold: Bool) throws {
        var script = SessionScript()
        try script.toReady()
        let time = script.now.wall.epochSeconds - ahead
        #expect(try script.hears("49|1|\(time)|") == (isTold ? [.tell(.clocksDiffer(.seconds(ahead)))] : []))
        #expect(try script.hears("49|1|\(time + 1000)|") == [])
    }

    @Test("While a gateway may be gone it is waited for without an alarm and without an end")
    func rest() throws {
        // Friday, 23:50 in New York.
        var script = SessionScript(wall: SessionScript.noon.advanced(bySeconds: 11 * 3600 + 3000))
        try script.toReady()
        #expect(
            script.session.closed("eof", at: script.now) == [.tell(.resting(.dailyRestart, retryAfter: .seconds(30)))])
        #expect(script.after(.seconds(30)) == [.connect])
        for _ in 0..<15 {
            let actions = script.session.connectFailed("refused", at: script.now)
            #expect(actions.news.allSatisfy { $0.weight == .log })
            #expect(script.after(.seconds(30)) == [.connect])
        }
        // When the time is over it alerts as ever.
        script.advance(.seconds(1800))
        #expect(
            script.session.connectFailed("refused", at: script.now)
                == [.tell(.disconnected(detail: "refused", retryAfter: .seconds(1), failures: 1))])
    }

    @Test("On Sunday a gateway that is not back by noon is missing its login")
    func login() {
        // Sunday, 2026-11-29, 11:00 and 13:00 in New York.
        let sunday = SessionScript.noon.advanced(bySeconds: 2 * 86_400)
        var early = SessionScript(wall: sunday.advanced(bySeconds: -3600))
        _ = early.session.start(at: early.now)
        let resting = early.session.connectFailed("refused", at: early.now)
        #expect(resting == [.tell(.resting(.weeklyLogin, retryAfter: .seconds(30)))])
        var late = SessionScript(wall: sunday.advanced(bySeconds: 3600))
        _ = late.session.start(at: late.now)
        let missing = late.session.connectFailed("refused", at: late.now)
        #expect(missing == [.tell(.loginMissing(detail: "refused", retryAfter: .seconds(1)))])
        #expect(missing.news.first?.weight == .alert)
    }

    @Test("1300 and a cancellation close and end it in every state; what comes later changes nothing")
    func ends() throws {
        var moved = SessionScript()
        try moved.toReady()
        let actions = try moved.error(1300, "TWS socket port has been reset")
        #expect(actions.deeds == [.close] && moved.session.state == .stopped)
        #expect(moved.session.closed("", at: moved.now) == [] && moved.after(.seconds(100)) == [])

        var scripts = [SessionScript(), SessionScript(), SessionScript(), SessionScript(), SessionScript()]
        _ = scripts[1].session.start(at: scripts[1].now)
        scripts[2].toGreeting()
        scripts[3].toStarting()
        try scripts[4].toReady()
        for (index, script) in scripts.enumerated() {
            var script = script
            let actions = script.session.cancel()
            #expect(actions == (index == 0 ? [] : [.close]) + [.tell(.stopped(.cancelled))])
            #expect(script.session.cancel() == [] && script.after(.seconds(100)) == [])
            #expect(script.session.connected(at: script.now) == [.close], "a connection that came too late")
        }
    }

    @Test(
        "No order of events brings it into a corner, and nothing is sent before it is ready", arguments: propertySeeds)
    func anyOrder(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "ib-session")
        var limits = IBSession.Limits()
        limits.attempts = nil
        limits.clientIDAttempts = 1000
        var script = SessionScript(limits: limits)
        _ = script.session.start(at: script.now)
        let messages = [
            "15|1|DU1,|", "9|1|42|", "49|1|1795798800|", "4|2|-1|1100|x||", "4|2|-1|1102|x||", "4|2|-1|1101|x||",
            "4|2|-1|2103|x:f||",
            "4|2|-1|2104|x:f||", "4|2|7|10197|x||", "4|2|-1|326|x||", "4|2|7|321|Read-Only||", "4|2|-1|100|x||",
            "53|1|",
        ]
        var wasReady = 0
        for round in 0..<2000 {
            let before = script.session.state
            let actions: [IBSession.Action]
            switch random.int(0...9) {
            case 0: actions = script.session.connected(at: script.now)
            case 1: actions = script.session.connectFailed("no", at: script.now)
            case 2:
                actions = script.session.greeted(
                    random.chance(0.1) ? nil : .version(.newest, clock: ""), at: script.now)
            case 3 where random.chance(0.2): actions = script.session.closed("eof", at: script.now)
            case 3...7: actions = try script.hears(random.pick(messages))
            default: actions = script.after(.seconds(random.int(1...15)))
            }
            if script.session.welcome != nil { wasReady += 1 }
            for action in actions.deeds {
                switch action {
                case .connect: #expect(script.session.isConnecting)
                case .sendHello: #expect({ if case .greeting = script.session.state { true } else { false } }())
                case .startAPI: #expect({ if case .starting = script.session.state { true } else { false } }())
                case .askTime, .subscribe, .reconcile:
                    #expect(script.session.welcome != nil, "seed \(seed), round \(round): \(before)")
                case .close, .subscribeAccountValues, .slowDown, .tell: break
                }
            }
            #expect(script.session.state != .stopped && script.session.state != .idle)
            // From wherever it is, a gateway that behaves leads to ready: no state but that lasts longer than its deadline.
            if random.chance(0.01), script.session.welcome == nil {
                for _ in 0..<10 where !script.session.isConnecting { _ = script.after(.seconds(61)) }
                _ = script.session.connected(at: script.now)
                _ = script.session.greeted(.version(.newest, clock: ""), at: script.now)
                _ = try script.hears("15|1|DU1,|")
                _ = try script.hears("9|1|42|")
                #expect(script.session.welcome == SessionScript.welcome, "seed \(seed), round \(round)")
            }
        }
        #expect(wasReady > 10)
    }

    private struct Unexpected: Error {}
}

extension IBSession {
    fileprivate var isConnecting: Bool { if case .connecting = state { true } else { false } }
}
