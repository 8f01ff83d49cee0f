import Core
import Foundation
import Sessions
import Testing

@Suite("Time zones from built-in rules")
struct ZoneRulesTests {
    @Test(
        "Every zone agrees with the system's zone data, hourly around each change from 2005 to 2030",
        arguments: ZoneRules.known)
    func againstFoundation(identifier: String) throws {
        let zone = try #require(ZoneRules.named(identifier))
        let system = try #require(TimeZone(identifier: identifier == "UTC" ? "GMT" : identifier))
        var probes: [Int64] = []
        let (start, end): (Int64, Int64) = (1_104_537_600, 1_924_992_000)
        for day in stride(from: start, to: end, by: 86_400 * 3) { probes.append(day) }
        var date = Date(timeIntervalSince1970: Double(start))
        while let change = system.nextDaylightSavingTimeTransition(after: date),
            change.timeIntervalSince1970 < Double(end)
        {
            let second = Int64(change.timeIntervalSince1970)
            for hour in -30...30 { probes.append(second + Int64(hour) * 3600) }
            probes.append(second - 1)
            date = change
        }
        if zone.offsetSeconds(at: Instant(epochSeconds: start))
            != zone.offsetSeconds(at: Instant(epochSeconds: start + 15_552_000))
        {
            #expect(probes.count > 50 * 61)
        }
        for second in probes {
            let expected = system.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            #expect(zone.offsetSeconds(at: Instant(epochSeconds: second)) == expected, "\(identifier) \(second)")
        }
    }

    @Test(
        "Local time and back gives the same instant, except in the hour that clocks repeat", arguments: ZoneRules.known)
    func roundTrip(identifier: String) throws {
        let zone = try #require(ZoneRules.named(identifier))
        for hour in stride(from: Int64(1_104_537_600), to: 1_924_992_000, by: 3600 * 7) {
            let instant = Instant(epochSeconds: hour)
            let (date, second) = zone.local(instant)
            let back = zone.instant(of: date, secondOfDay: second)
            let isRepeated = back == instant.advanced(bySeconds: -3600)
            #expect(back == instant || isRepeated)
            if isRepeated { #expect(zone.offsetSeconds(at: back) == zone.offsetSeconds(at: instant) + 3600) }
        }
    }

    @Test("A local time that clocks skip moves forward, one shown twice is the first")
    func gapAndOverlap() throws {
        let zone = try #require(ZoneRules.named("America/New_York"))
        let spring = try #require(CivilDate(iso: "2025-03-09"))
        #expect(zone.instant(of: spring, secondOfDay: 9000) == Instant(rfc3339: "2025-03-09T07:30:00Z"))
        let autumn = try #require(CivilDate(iso: "2025-11-02"))
        #expect(zone.instant(of: autumn, secondOfDay: 5400) == Instant(rfc3339: "2025-11-02T05:30:00Z"))
        #expect(zone.instant(of: autumn, secondOfDay: 7200) == Instant(rfc3339: "2025-11-02T07:00:00Z"))
    }

    @Test("An unknown name has no rules")
    func unknown() { #expect(ZoneRules.named("Mars/Olympus") == nil) }
}
