import Core
import Reporting
import Testing

@Suite struct DailyReportTests {
    let report = ReportSample.report()

    @Test("The JSON document has its schema and every section")
    func jsonKeys() throws {
        guard case .object(let members) = report.json else { throw FixtureProblem(what: "no object") }
        #expect(
            members.map(\.key) == [
                "schema", "kind", "profile", "mode", "from", "through", "generated_at", "base_currency", "verdict",
                "equity", "drawdown", "profit", "profit_by_currency", "cash_bridge", "positions", "orders_by_state",
                "in_doubt", "orders", "fills", "refusals", "limits", "cycles", "decisions", "consultations",
                "parity_differences", "breaks", "halts", "data", "steps", "alerts", "upcoming", "statistics",
                "benchmark_statistics",
            ])
        #expect(report.json["schema"] == "takt.report/1" && report.json["kind"] == "daily")
        #expect(report.json["orders_by_state"]?["filled"]?.intValue == 3)
        #expect(report.json["positions"]?.arrayValue?.first?["quantity"] == "120")
        #expect(report.json["positions"]?.arrayValue?.last?["last_price"] == JSONValue.null)
    }

    @Test("The JSON document reads back as it was written") func jsonRoundTrip() throws {
        #expect(try JSONValue(parsing: report.json.text).text == report.json.text)
    }

    @Test("The page asks for nothing from elsewhere and runs nothing") func selfContained() {
        let html = report.html(zone: ReportSample.seoul)
        for forbidden in ["<script", "<link", "<img", "<iframe", "http://", "https://", "url(", "@import", " onerror"] {
            #expect(!html.contains(forbidden) || forbidden == " onerror" && !html.contains(" onerror="), "\(forbidden)")
        }
        #expect(html.contains("default-src 'none'"))
    }

    @Test("The page is well formed: every element is closed in turn and every id is unique")
    func wellFormed() throws {
        let empty = DailyReport(
            profile: "<p>", mode: "live", from: ReportSample.day, through: ReportSample.day,
            generatedAt: ReportSample.at(16, 0), base: .usd, verdict: ReportVerdict(level: .idle, headline: "&"))
        for page in [report.html(zone: ReportSample.seoul), empty.html(zone: .utc)] { try checkNesting(page) }
    }

    private func checkNesting(_ page: String) throws {
        var open: [Substring] = []
        var ids: Set<Substring> = []
        for piece in page.split(separator: "<").dropFirst() {
            guard let end = piece.firstIndex(of: ">") else { throw FixtureProblem(what: String(piece)) }
            let tag = piece[..<end]
            let name = tag.prefix { $0 != " " && $0 != "/" }
            if let start = tag.firstRange(of: " id=\"")?.upperBound {
                let id = tag[start...].prefix { $0 != "\"" }
                #expect(ids.insert(id).inserted, "\(id) stands twice")
            }
            if tag.hasPrefix("/") {
                #expect(open.popLast() == tag.dropFirst(), "\(tag)")
            } else if !tag.hasPrefix("!"), !tag.hasSuffix("/"), name != "meta" {
                open.append(name)
            }
        }
        #expect(open.isEmpty)
    }

    @Test("Hostile texts are shown, not obeyed; Korean names are shown as they are") func texts() {
        let html = report.html(zone: ReportSample.seoul)
        #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
        #expect(html.contains("삼성전자") && html.contains("SK하이닉스"))
        #expect(!report.markdown(zone: ReportSample.seoul).contains("<script"))
    }

    @Test("The verdict stands at the top, in words", arguments: ReportVerdict.Level.allCases)
    func verdict(level: ReportVerdict.Level) throws {
        let report = ReportSample.report(verdict: level)
        let html = report.html(zone: ReportSample.seoul)
        let verdict = try #require(html.firstRange(of: "class=\"verdict \(level.rawValue)\""))
        let section = try #require(html.firstRange(of: "<section"))
        #expect(verdict.lowerBound < section.lowerBound)
        #expect(report.markdown(zone: ReportSample.seoul).contains("one break open"))
    }

    @Test("An order in doubt is counted and seen at the top") func inDoubt() {
        var report = report
        report.orders[0].state = .inDoubt
        #expect(report.inDoubt.count == 1 && report.json["in_doubt"]?.intValue == 1)
        #expect(report.html(zone: ReportSample.seoul).contains("1 in doubt"))
    }

    @Test("An empty day says in each section what empty means") func emptyDay() {
        let report = DailyReport(
            profile: "p", mode: "paper", from: ReportSample.day, through: ReportSample.day,
            generatedAt: ReportSample.at(16, 0), base: .usd,
            verdict: ReportVerdict(level: .idle, headline: "No session."))
        let markdown = report.markdown(zone: .utc)
        for sentence in ["No open positions.", "Our books and the brokers' agree.", "No halt was on.", "No alerts."] {
            #expect(markdown.contains(sentence), "\(sentence)")
        }
        #expect(report.json["statistics"] == JSONValue.null)
    }

    @Test("The same report gives the same bytes") func deterministic() {
        #expect(report.html(zone: ReportSample.seoul) == ReportSample.report().html(zone: ReportSample.seoul))
        #expect(report.json == ReportSample.report().json)
    }

    @Test("Statistics of the history carry dates") func statistics() throws {
        let statistics = try #require(report.json["statistics"])
        #expect(statistics["days"]?.intValue == Int64(report.history.count))
        #expect(statistics["max_drawdown_trough"]?.stringValue != nil)
        #expect(report.benchmarkStatistics?.beta != nil)
    }
}

@Suite struct CycleReportTests {
    private func report() throws -> CycleReport {
        let sample = ReportSample.report()
        let cycle = try #require(CycleID("kr-us-5m/2026-11-24T00:35:00Z"))
        return CycleReport(
            cycle: cycle, mode: "live", generatedAt: ReportSample.at(9, 36), base: .krw, verdict: sample.verdict,
            equity: sample.equity.first,
            decisions: [
                CycleDecision(
                    symbol: Symbol("005930"), name: "삼성전자", action: "buy", confidence: ReportSample.percent(7200),
                    reasons: ["sma-cross: buy", ReportSample.hostile],
                    refusals: [Reason(code: "stale-price", message: "too old")])
            ], orders: sample.orders, steps: sample.steps)
    }

    @Test("A cycle's document has its schema, kind and id") func json() throws {
        let json = try report().json
        #expect(json["schema"] == "takt.report/1" && json["kind"] == "cycle")
        #expect(json["cycle"] == "kr-us-5m/2026-11-24T00:35:00Z")
        #expect(json["decisions"]?.arrayValue?.first?["refusals"]?.arrayValue?.first?["code"] == "stale-price")
    }

    @Test("A cycle's page and text show the decision, its reasons and refusals") func rendering() throws {
        let html = try report().html(zone: ReportSample.seoul)
        #expect(html.contains("bar closed 2026-11-24 09:35 Asia/Seoul") && !html.contains("<script"))
        let markdown = try report().markdown(zone: ReportSample.seoul)
        #expect(markdown.contains("sma-cross: buy") && markdown.contains("stale-price: too old"))
    }
}
