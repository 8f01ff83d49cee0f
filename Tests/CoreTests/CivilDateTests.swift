import Core
import TestSupport
import Testing

@Suite struct CivilDateTests {
    @Test("Every day from 1900 to 2100 has Python's number, month, day, weekday and spelling")
    func everyDay() throws {
        let rows = try Fixture.rows("years.csv")
        #expect(rows.count == 201)
        for row in rows {
            let first = try #require(Int(row[1]))
            let count = try #require(Int(row[2]))
            var checksum = 0
            var listing = ""
            for number in first..<first + count {
                let date = CivilDate(daysSinceEpoch: number)
                checksum = (checksum * 31 + date.month * 400 + date.day * 10 + date.isoWeekday) % 1_000_000_007
                listing += date.description
                #expect("\(date.year)" == row[0])
                #expect(CivilDate(year: date.year, month: date.month, day: date.day) == date)
            }
            #expect("\(checksum)" == row[3])
            #expect(Digest(of: listing).hex == row[4])
        }
    }

    @Test("Days are read with and without hyphens")
    func reading() {
        let date = CivilDate(iso: "2026-11-20")
        #expect(date?.daysSinceEpoch == 20_777)
        #expect(CivilDate(compact: "20261120") == date)
        #expect(date?.compact == "20261120")
        #expect(date?.isoWeekday == 5)
        #expect(date?.startUTC.description == "2026-11-20T00:00:00Z")
        #expect(date?.advanced(byDays: 11).description == "2026-12-01")
    }

    @Test(
        "Days that do not exist and other spellings are refused",
        arguments: [
            "2026-02-29", "2100-02-29", "1900-02-29", "2026-04-31", "2026-00-01", "2026-13-01", "2026-01-00",
            "2026-1-1", "26-01-01", "2026/01/01", "2026-01-01 ", "-026-01-01", "2026-01-0+", "", "--", "20260101",
        ])
    func refused(text: String) {
        #expect(CivilDate(iso: text) == nil)
    }

    @Test(
        "Compact days that do not exist are refused",
        arguments: ["20260229", "2026112", "202611200", "2026112a", "00000000"])
    func refusedCompact(text: String) {
        #expect(CivilDate(compact: text) == nil)
    }

    @Test("The 29th of February exists in leap years only", arguments: [1904, 2000, 2024, 2096, 2400])
    func leapYears(year: Int) {
        #expect(CivilDate(year: year, month: 2, day: 29)?.advanced(byDays: 1).month == 3)
        #expect(CivilDate(year: year + 1, month: 2, day: 29) == nil)
    }
}
