import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("The link, the farms and the data")
struct GatewayHealthTests {
    private func ready() throws -> SessionScript {
        var script = SessionScript()
        try script.toReady()
        return script
    }

    /// The gateway goes on giving signs of life while time passes.
    private func pass(_ script: inout SessionScript, _ duration: Duration) throws -> [IBSession.Action] {
        var actions: [IBSession.Action] = []
        for _ in 0..<(duration.components.seconds / 10) {
            actions += script.after(.seconds(10))
            _ = try script.hears("53|1|")
        }
        return actions
    }

    @Test(
        "1100: no new orders, told once however often it comes; 1102: reconcile; 1101: subscribe anew, then reconcile")
    func link() throws {
        for (code, deeds) in [(1102, [.reconcile]), (1101, [.subscribe, .reconcile])] as [(Int, [IBSession.Action])] {
            var script = try ready()
            let lost = try script.error(1100, "Connectivity between IB and TWS has been lost.")
            #expect(lost.deeds == [] && lost.news.map(\.weight) == [.alert])
            for _ in 0..<5 { #expect(try script.error(1100) == []) }
            #expect(try script.error(2110) == [])
            #expect(
                !script.session.mayPlaceOrders && !script.session.mayTrustLists(at: script.now)
                    && !script.session.health.isDataSound)
            #expect(script.session.welcome != nil, "frames that still arrive are read")
            script.advance(.seconds(20))
            let back = try script.error(code)
            #expect(back.deeds == deeds)
            guard case .linkRestored(_, .seconds(20))? = back.news.first else { throw Unexpected() }
            #expect(
                script.session.mayPlaceOrders && script.session.mayTrustLists(at: script.now)
                    && script.session.health.isDataSound)
        }
    }

    @Test("A link that stays lost alerts once more after five minutes, and not in the night's reset")
    func lasting() throws {
        var script = try ready()
        _ = try script.error(1100)
        let actions = try pass(&script, .seconds(900))
        #expect(actions.news == [.linkStillLost(for: .seconds(300))])

        var night = SessionScript(wall: SessionScript.noon.advanced(bySeconds: 11 * 3600 + 2500))  // 23:41:40
        try night.toReady()
        let lost = try night.error(1100)
        #expect(lost.news.map(\.weight) == [.log])
        #expect(try pass(&night, .seconds(900)).news == [])
        #expect(try pass(&night, .seconds(3600)).news.count == 1, "it is lost still when the reset is over")
    }

    @Test("2110 that comes before the gateway lets us in holds orders back")
    func early() throws {
        var script = SessionScript()
        script.toStarting()
        _ = try script.error(2110)
        _ = try script.hears("15|1|DU1,|")
        _ = try script.hears("9|1|42|")
        #expect(script.session.welcome != nil && !script.session.mayPlaceOrders)
    }

    /// A connection that ended while the link was lost, and another one behind it.
    private func reconnected() throws -> SessionScript {
        var script = try ready()
        _ = try script.error(1100)
        _ = script.session.closed("gone", at: script.now)
        _ = script.after(.seconds(2))
        _ = script.session.connected(at: script.now)
        _ = script.session.greeted(.version(.newest, clock: ""), at: script.now)
        return script
    }

    @Test(
        "A link that was lost is not back because the connection is: it is when the gateway says so, or reaches a farm")
    func remembered() throws {
        for (code, isBack) in [
            (0, false), (1102, true), (1101, true), (2104, true), (2158, true), (2107, true), (2119, false),
        ] {
            var script = try reconnected()
            _ = try script.hears("15|1|DU1,|")
            _ = try script.hears("9|1|42|")
            #expect(!script.session.mayTrustLists(at: script.now))
            if code != 0 { _ = try script.error(code, "farm:usfarm") }
            #expect(script.session.mayTrustLists(at: script.now) == isBack && script.session.mayPlaceOrders == isBack)
        }
        // Said before we are let in, it counts as well.
        var early = try reconnected()
        _ = try early.error(2104, "Market data farm connection is OK:usfarm")
        _ = try early.hears("15|1|DU1,|")
        _ = try early.hears("9|1|42|")
        #expect(early.session.mayTrustLists(at: early.now))
    }

    @Test(
        "On one connection a farm that comes back says nothing of the link; a gateway that says nothing at all is believed in time"
    )
    func silent() throws {
        var same = try ready()
        _ = try same.error(1100)
        _ = try same.error(2104, "Market data farm connection is OK:usfarm")
        #expect(!same.session.mayTrustLists(at: same.now))

        var script = try reconnected()
        _ = try script.hears("15|1|DU1,|")
        _ = try script.hears("9|1|42|")
        #expect(try pass(&script, .seconds(290)).deeds.contains(.reconcile) == false)
        #expect(!script.session.mayTrustLists(at: script.now))
        #expect(try pass(&script, .seconds(20)).deeds.contains(.reconcile))
        #expect(script.session.mayTrustLists(at: script.now))
        // Told again on the new connection, it lasts.
        var lost = try reconnected()
        _ = try lost.error(1100)
        _ = try lost.hears("15|1|DU1,|")
        _ = try lost.hears("9|1|42|")
        _ = try pass(&lost, .seconds(600))
        #expect(!lost.session.mayTrustLists(at: lost.now))
    }

    @Test("Lists of the night's reset are not trusted, whatever the gateway says")
    func reset() throws {
        for (second, isTrusted) in [
            (11 * 3600 + 2399, true), (11 * 3600 + 2400, false), (12 * 3600 + 899, false), (12 * 3600 + 900, true),
        ] {
            // Noon, and so many seconds.
            var script = SessionScript(wall: SessionScript.noon.advanced(bySeconds: Int64(second)))
            try script.toReady()
            #expect(script.session.mayTrustLists(at: script.now) == isTrusted, "\(second)")
        }
    }

    @Test("A farm that is not reached makes data stale until it is, and alerts after three minutes")
    func farms() throws {
        var script = try ready()
        for code in [2104, 2106, 2158, 2107, 2108, 2119] {
            #expect(try script.error(code, "farm is fine:usfarm") == [])
        }
        let broken = try script.error(2103, "Market data farm connection is broken:usfarm")
        #expect(broken.news.map(\.weight) == [.warning])
        #expect(try script.error(2103, "Market data farm connection is broken:usfarm") == [])
        _ = try script.error(2105, "HMDS data farm connection is broken:ushmds")
        #expect(script.session.health.brokenFarms == ["usfarm", "ushmds"] && !script.session.health.isDataSound)
        #expect(script.session.mayPlaceOrders, "orders take another way")
        #expect(try script.error(2119, "Market data farm is connecting:usfarm") == [])
        #expect(script.session.health.brokenFarms.count == 2)
        #expect(
            try script.error(
                2108, "Market data farm connection is inactive but should be available upon demand.:ushmds"
            ).news
                == [.farmSound("ushmds")])
        #expect(try pass(&script, .seconds(600)).news == [.farmStillBroken("usfarm", for: .seconds(180))])
        #expect(try script.error(2104, "Market data farm connection is OK:usfarm").news == [.farmSound("usfarm")])
        #expect(script.session.health.isDataSound)
        // However many names a gateway invents, memory is bounded.
        for number in 0..<1000 { _ = try script.error(2103, "broken:farm\(number)") }
        #expect(script.session.health.brokenFarms.count == 64)
    }

    @Test("Another session takes the data: stale, one alert, asked for again after minutes")
    func competing() throws {
        var script = try ready()
        let taken = try script.error(10197, "No market data during competing live session", id: 1_000_000_001)
        #expect(taken.news.map(\.weight) == [.alert] && taken.deeds == [])
        #expect(try script.error(10197, id: 1_000_000_002) == [] && !script.session.health.isDataSound)
        #expect(try pass(&script, .seconds(180)) == [.subscribe])
        #expect(script.session.health.isDataSound)
        // Still there: stale again, and nobody is alerted twice for it.
        #expect(try script.error(10197, id: 1_000_000_003) == [] && !script.session.health.isDataSound)
        #expect(try pass(&script, .seconds(180)) == [.subscribe])
        _ = try pass(&script, .seconds(3600))
        #expect(try script.error(10197, id: 1_000_000_004).news.count == 1)
    }

    @Test("A gateway that takes no orders is told once, with the setting that is to be cleared")
    func readOnly() throws {
        var script = try ready()
        let told = try script.error(
            321, "Error validating request.-'b2' : cause - The API interface is currently in Read-Only mode.", id: 7)
        #expect(told.news.count == 1 && !script.session.mayPlaceOrders && script.session.mayTrustLists(at: script.now))
        #expect(told.news.first?.sentence.contains("Read-Only API") == true)
        #expect(try script.error(321, "Read-Only", id: 8) == [])
        // 321 of another cause is not of the gateway's state.
        var other = try ready()
        #expect(try other.error(321, "Invalid account code", id: 7) == [] && other.session.mayPlaceOrders)
    }

    @Test("100: keep still. 2100, 2101: account values another way")
    func others() throws {
        var script = try ready()
        #expect(try script.error(100, "Max rate of messages per second has been exceeded").deeds == [.slowDown])
        #expect(try script.error(420, "Invalid real-time query", id: 1_000_000_001) == [])
        for code in [2100, 2101] { #expect(try script.error(code).deeds == [.subscribeAccountValues]) }
    }

    private struct Unexpected: Error {}
}

@Suite("Times of rest")
struct RestCalendarTests {
    private func rest(_ text: String) throws -> RestCalendar.Rest? {
        RestCalendar().rest(at: try #require(Instant(rfc3339: text)))
    }

    @Test("The night's reset and the restart, by New York's clocks in winter and in summer")
    func nights() throws {
        for (winter, summer, expected) in [
            ("2026-11-24T04:39:59Z", "2026-06-24T03:39:59Z", nil),
            ("2026-11-24T04:40:00Z", "2026-06-24T03:40:00Z", .nightlyReset),
            ("2026-11-24T04:45:00Z", "2026-06-24T03:45:00Z", .dailyRestart),
            ("2026-11-24T05:00:00Z", "2026-06-24T04:00:00Z", .nightlyReset),
            ("2026-11-24T05:14:59Z", "2026-06-24T04:14:59Z", .nightlyReset),
            ("2026-11-24T05:15:00Z", "2026-06-24T04:15:00Z", nil),
            ("2026-11-24T17:00:00Z", "2026-06-24T17:00:00Z", nil),
        ] as [(String, String, RestCalendar.Rest?)] {
            #expect(try rest(winter) == expected, "\(winter)")
            #expect(try rest(summer) == expected, "\(summer)")
        }
    }

    @Test("From Sunday's midnight to noon the login may be missing; from then on it is")
    func sunday() throws {
        #expect(try rest("2026-11-29T05:20:00Z") == .weeklyLogin && rest("2026-11-29T16:59:59Z") == .weeklyLogin)
        #expect(try rest("2026-11-29T17:00:00Z") == nil)
        let calendar = RestCalendar()
        #expect(!calendar.isLoginMissing(at: try #require(Instant(rfc3339: "2026-11-29T16:59:59Z"))))
        #expect(calendar.isLoginMissing(at: try #require(Instant(rfc3339: "2026-11-29T17:00:00Z"))))
        #expect(!calendar.isLoginMissing(at: try #require(Instant(rfc3339: "2026-11-30T17:00:00Z"))))
    }
}
