import Core
import Reporting
import Testing

@Suite struct ReportFormatTests {
    @Test(
        "Numbers are grouped in thousands and rounded half to even",
        arguments: [
            ("1234567.5", 2, "1,234,567.50"), ("-1234.565", 2, "−1,234.56"), ("999", 0, "999"), ("1000", 0, "1,000"),
            ("-0.004", 2, "0.00"), ("0.005", 2, "0.00"), ("0.015", 2, "0.02"), ("100000", 0, "100,000"), ("0", 0, "0"),
        ])
    func number(text: String, digits: Int, expected: String) throws {
        #expect(ReportFormat.number(try FixedPoint(text), digits: digits) == expected)
    }

    @Test("Money has the digits of its currency and a sign where asked") func money() throws {
        #expect(ReportFormat.money(Money(try FixedPoint("50249640.4"), .krw)) == "50,249,640 KRW")
        #expect(ReportFormat.money(Money(try FixedPoint("1234.5"), .usd)) == "1,234.50 USD")
        #expect(ReportFormat.signedMoney(Money(try FixedPoint("0.5"), .usd)) == "+0.50 USD")
        #expect(ReportFormat.signedMoney(Money(try FixedPoint("-0.5"), .usd)) == "−0.50 USD")
        #expect(ReportFormat.signedMoney(.zero(.krw)) == "0 KRW")
        #expect(ReportFormat.signedAmount(Money(try FixedPoint("0.001"), .usd)) == "0.00")
    }

    @Test("Prices show two to four decimals, won none they do not have") func price() throws {
        #expect(ReportFormat.price(try Price("181.1"), .usd) == "181.10")
        #expect(ReportFormat.price(try Price("100.40530612"), .usd) == "100.4053")
        #expect(ReportFormat.price(try Price("71150"), .krw) == "71,150")
        #expect(ReportFormat.price(try Price("71150.5"), .krw) == "71,150.5")
    }

    @Test("Quantities keep the decimals they have") func quantity() throws {
        #expect(ReportFormat.quantity(try Quantity("-1234.3333")) == "−1,234.3333")
        #expect(ReportFormat.quantity(Quantity(120)) == "120")
    }

    @Test("Shares become per cent") func percent() throws {
        #expect(ReportFormat.percent(Fraction(try FixedPoint("0.12345"))) == "12.34 %")
        #expect(ReportFormat.signedPercent(Fraction(try FixedPoint("-0.05")), digits: 0) == "−5 %")
        #expect(ReportFormat.percent(Double.nan) == ReportFormat.unknown)
        #expect(ReportFormat.percent(nil as Double?) == ReportFormat.unknown)
        #expect(ReportFormat.decimal(1.005, digits: 2) == "1.00")
    }

    @Test(
        "Durations take the unit that suits them",
        arguments: [
            (0.42, "0.4 ms"), (850, "850 ms"), (1830, "1.8 s"), (245_000, "4 min 05 s"), (-1, "–"), (.infinity, "–"),
        ])
    func duration(milliseconds: Double, expected: String) {
        #expect(ReportFormat.duration(milliseconds: milliseconds) == expected)
    }

    @Test("Times are written in the zone of the report") func zone() throws {
        let at = try #require(Instant(rfc3339: "2026-11-24T15:05:09Z"))
        #expect(ReportSample.seoul.dateAndClock(at) == "2026-11-25 00:05")
        #expect(ReportSample.seoul.clock(at, seconds: true) == "00:05:09")
        #expect(ReportZone.utc.dateAndClock(at) == "2026-11-24 15:05")
    }
}

@Suite struct EscapeTests {
    @Test("No text from outside becomes markup") func html() {
        let escaped = Escape.html(#"<img src=x onerror="a('b')">&"#)
        #expect(escaped == "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;")
        #expect(Escape.html("a\u{0}b\u{202E}c\nd") == "a\u{FFFD}b\u{FFFD}c d")
        #expect(Escape.html("삼성전자 é 🙂") == "삼성전자 é 🙂")
    }

    @Test("Markdown's own marks are quoted") func markdown() {
        #expect(Escape.markdown("a|b`c` <b>_d_\n# e") == "a\\|b\\`c\\` &lt;b&gt;\\_d\\_ \\# e")
    }
}

@Suite struct MarkdownTableTests {
    @Test(
        "Wide characters take two cells, combining ones none",
        arguments: [
            ("abc", 3), ("삼성전자", 8), ("SK하이닉스", 10), ("e\u{301}", 1), ("日本", 4), ("–", 1), ("−1", 2),
        ])
    func width(text: String, cells: Int) { #expect(TextWidth.cells(text) == cells) }

    @Test("Every line of a table with Korean names is equally wide") func alignment() {
        let text = ReportSample.report().markdown(zone: ReportSample.seoul)
        var widths: [[Int]] = [[]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("|") { widths[widths.count - 1].append(TextWidth.cells(line)) } else { widths.append([]) }
        }
        let tables = widths.filter { !$0.isEmpty }
        #expect(tables.count > 12)
        for table in tables { #expect(Set(table).count == 1, "\(table)") }
        #expect(text.contains("삼성전자"))
    }
}
