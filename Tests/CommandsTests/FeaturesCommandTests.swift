import Core
import Foundation
import TestSupport
import Testing

struct FeaturesCommandTests {
    private static let list = """
        features:
          list:
            - return = log_return:1 | zscore
            - trend = (close - SMA:20) / ATR_SIMPLE:14 | robust
            - RSI_SIMPLE:14 | minmax
            - position
        """

    /// A desk that has traded one cycle, with other features.
    private func desk(_ features: String) throws -> Desk {
        let desk = try Desk.traded()
        let file = desk.folder.path("config/trading.yaml")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try desk.folder.write(text + features + "\n", to: "config/trading.yaml")
        return desk
    }

    private func records(_ run: Takt.Run) throws -> [JSONValue] {
        try run.lines.dropLast().map { try JSONValue(parsing: $0) }
    }

    private func values(_ record: JSONValue) -> [Double] {
        (record["values"]?.arrayValue ?? []).map { $0.doubleValue ?? .nan }
    }

    @Test("Without any configuration a record a symbol is printed, complete, with everything a policy has to know")
    func preset() throws {
        let desk = try Desk.traded()
        let run = try desk.takt("features", "--format", "ndjson")
        #expect(run.code == 0, "\(run.errors)")
        let found = try records(run)
        #expect(found.map { $0["symbol"]?.stringValue } == ["NVDA", "PLTR"])
        for record in found {
            #expect(
                record.keys == [
                    "schema", "schema_hash", "cycle", "symbol", "timeframe", "bar", "form", "names", "values", "ready",
                    "missing", "missing_bars",
                ])
            #expect(record["cycle"]?.stringValue == Desk.cycle)
            #expect(record["bar"]?.stringValue == "2026-11-24T15:35:00Z")
            #expect(record["names"]?.arrayValue?.count == 16 && values(record).count == 16)
            #expect(record["ready"] == true && values(record).allSatisfy { $0.isFinite })
            // It had decided while it was flat; the fill came afterwards.
            #expect(values(record)[13] == 0)
        }
        let last = try JSONValue(parsing: try #require(run.lines.last))
        #expect(last["schema"] == "takt.feature-list/1" && last["count"] == 2 && last["ready"] == 2)
        #expect(try desk.takt("features", "--format", "table").output.contains("return_12"))
    }

    @Test("A stretch of bars gives the same numbers as its last cycle alone, and looking changes no file")
    func stretch() throws {
        let desk = try Desk.traded()
        let before = try desk.files()
        let stretch = try records(
            try desk.takt(
                "features", "--symbol", "PLTR", "--since", "2026-11-23", "--format", "ndjson", at: Desk.nextBeat))
        let single = try records(
            try desk.takt(
                "features", "--symbol", "PLTR", "--cycle", Desk.cycle, "--format", "ndjson", at: Desk.nextBeat))
        #expect(stretch.count > 80)
        #expect(stretch.last == single.first)
        let ever = try records(
            try desk.takt(
                "features", "--symbol", "PLTR", "--symbol", "PLTR", "--since", "1990-01-01", "--format", "ndjson",
                at: Desk.nextBeat))
        #expect(ever.count >= stretch.count && ever.suffix(stretch.count).elementsEqual(stretch))
        #expect(try desk.changes(since: before) == [])
    }

    @Test("A fitted normaliser scales what is printed, by the parameters in its file, and --raw shows what it scaled")
    func fit() throws {
        let desk = try desk(Self.list + "\n  normaliser: features.json")
        #expect(try desk.takt("config", "check").code == 78)
        let fit = try desk.takt(
            "features", "fit", "--since", "2026-11-20", "--until", "2026-11-23", "--output", "config/features.json")
        #expect(fit.code == 0, "\(fit.errors)")
        let told = try fit.document()
        #expect(told["schema"] == "takt.features-fit/1" && told["written"] == true)
        #expect(told["last_open_at"]?.stringValue == "2026-11-23T20:55:00Z")
        let file = try JSONValue(parsing: try desk.folder.text("config/features.json"))
        #expect(file["schema"] == "takt.normaliser/1")
        #expect(file["fitted"]?["vectors"] == told["vectors"])
        #expect(try desk.takt("config", "check").code == 0)
        let seen = try records(try desk.takt("features", "--symbol", "NVDA", "--format", "ndjson"))[0]
        let raw = try records(try desk.takt("features", "--symbol", "NVDA", "--raw", "--format", "ndjson"))[0]
        #expect(seen["form"] == "normalised" && raw["form"] == "raw")
        #expect(seen["schema_hash"] == raw["schema_hash"] && seen["schema_hash"] == file["schema_hash"])
        func parameter(_ index: Int, _ key: String) throws -> Double {
            try #require(file["features"]?.arrayValue?[index]["parameters"]?[key]?.doubleValue)
        }
        let (x, y) = (values(raw), values(seen))
        #expect(y[0] == (x[0] - (try parameter(0, "mean"))) / (try parameter(0, "deviation")))
        #expect(
            y[1] == (x[1] - (try parameter(1, "median")))
                / (try parameter(1, "upper_quartile") - (try parameter(1, "lower_quartile"))))
        #expect(y[2] == (x[2] - (try parameter(2, "low"))) / (try parameter(2, "high") - (try parameter(2, "low"))))
        #expect(y[3] == x[3])
    }

    @Test(
        "A normaliser of another list is refused by the feature that differs; a missing or damaged one says what to do")
    func refusals() throws {
        let desk = try desk(Self.list)
        let missing = try desk.takt("features")
        #expect(missing.code == 78 && missing.output.isEmpty)
        #expect(missing.errors.contains("no normaliser is there for return, trend, RSI_SIMPLE:14"))
        #expect(missing.errors.contains("takt features fit"))
        let dry = try desk.takt(
            "features", "fit", "--since", "2026-11-20", "--until", "2026-11-23", "--output", "a.json", "--dry-run")
        #expect(dry.code == 0)
        #expect(!FileManager.default.fileExists(atPath: desk.folder.path("a.json")))
        _ = try desk.takt("features", "fit", "--since", "2026-11-20", "--until", "2026-11-23", "--output", "a.json")
        #expect(try desk.takt("features", "--normaliser", "a.json").code == 0)
        let file = try String(contentsOfFile: desk.folder.path("config/trading.yaml"), encoding: .utf8)
        try desk.folder.write(file.replacing("SMA:20", with: "SMA:21"), to: "config/trading.yaml")
        let other = try desk.takt("features", "--normaliser", "a.json")
        #expect(other.code == 78)
        #expect(
            other.errors.contains(
                "feature 2 is 'trend = (close - SMA:21) / ATR_SIMPLE:14 | robust' here and "
                    + "'trend = (close - SMA:20) / ATR_SIMPLE:14 | robust' there"))
        try desk.folder.write("{\"schema\": 1}", to: "a.json")
        let damaged = try desk.takt("features", "--normaliser", "a.json")
        #expect(
            damaged.code == 65 && damaged.errors.contains("a.json is no normaliser: normaliser.schema is no string"))
        let empty = try desk.takt(
            "features", "fit", "--since", "2026-06-01", "--until", "2026-06-02", "--output", "b.json")
        #expect(empty.code == 65 && empty.errors.contains("0 complete feature vectors lie in the span"))
        #expect(try desk.takt("features", "--since", "2026-11-20", "--until", "2026-11-19").code == 64)
        // Somebody else's file stays as it is.
        let over = try desk.takt(
            "features", "fit", "--since", "2026-11-20", "--until", "2026-11-23", "--output", "config/trading.yaml")
        #expect(over.code == 64 && over.errors.contains("config/trading.yaml exists and is no normaliser"))
        #expect(try desk.folder.text("config/trading.yaml").contains("SMA:21"))
    }

    @Test(
        "A feature that cannot be read is refused with its place in the file, by every command",
        arguments: [
            ("features:\n  list:\n    - close / SMA:20\n    - RSII:14", ":9:7: features.list: ", "did you mean RSI?"),
            ("features:\n  list: [\"OBV\"]", ":7:10: features.list: ", "write OBV@session"),
            ("features: {list: [\"SMA:200\"]}", ":6:18: features.list: ", "decision.buffer_bars"),
            ("features: {preset: legacy-41}", ":6:20: features.preset: ", "did you mean legacy-14?"),
            ("features: {preset: takt-16, list: [close]}", ":6:20: features.preset: ", "keep one of them"),
            ("features: {normalise: zcore}", ":6:23: features.normalise: ", "did you mean zscore?"),
            ("features: {presett: takt-16}", ":6:12: features.presett: ", "did you mean features.preset?"),
        ])
    func places(features: String, place: String, says: String) throws {
        let desk = try Desk()
        try desk.folder.write(
            "trading:\n  profiles:\n    us-5m: {symbols: [NVDA], broker: paper, bars: generator}\norders:\n"
                + "  time_in_force: day\n\(features)\n", to: "config/trading.yaml")
        for command in ["status", "features"] {
            let run = try desk.takt(command)
            #expect(run.code == 78, "\(command)")
            #expect(run.errors.contains("trading.yaml\(place)") && run.errors.contains(says), "\(run.errors)")
        }
    }

    @Test(
        "A call that means nothing is refused",
        arguments: [
            (["--until", "2026-11-24"], "--until needs --since"), (["--since", "yesterday"], "is no time"),
            (["--symbol", "AAPL"], "does not trade 'AAPL'"),
            (["--cycle", Desk.cycle, "--since", "2026-11-24"], "give one of both"),
            (["--raw", "--normaliser", "a.json"], "before the normaliser"),
            (["fit", "--output", "a.json"], "--since and --until"),
        ])
    func usage(arguments: [String], says: String) throws {
        let run = try Desk.traded().call(["features"] + arguments)
        #expect(run.code == 64 && run.output.isEmpty)
        #expect(run.errors.contains(says), "\(run.errors)")
    }

    @Test("A buffer too short for the built-in list hinders nobody but who asks for features")
    func shortBuffer() throws {
        let desk = try desk("decision: {buffer_bars: 30}")
        #expect(try desk.takt("status").code == 0)
        let run = try desk.takt("features")
        #expect(run.code == 78 && run.errors.contains("raise decision.buffer_bars to"), "\(run.errors)")
    }
}
