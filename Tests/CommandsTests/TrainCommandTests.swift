import Core
import Foundation
import TestSupport
import Testing

/// A working folder with imported bars of one share, whose price swings, and a clock in the session after them.
private struct School {
    let folder: TemporaryFolder
    static let now = "2026-11-24T15:40:05Z"
    static let span = ["--since", "2026-11-16", "--until", "2026-11-20"]

    init(
        learning: String = "", more: String = "", agents: String = "grpo", symbols: String = "NVDA", lastBars: Int = 14
    )
        throws
    {
        folder = try TemporaryFolder("takt-school")
        try folder.write(
            """
            trading:
              profiles:
                us-5m: {symbols: [\(symbols)], timeframe: 5m, broker: paper, agents: [\(agents)], bars: imported}
            agents: {grpo: {model_path: net}}
            decision: {buffer_bars: 24}
            features:
              list:
                - return_1 = log_return:1 | zscore
                - trend = close / SMA:20 - 1 | zscore
                - position
                - unrealised = unrealised / ATR:14
            learning: {width: 8, layers: 1, groups: 2, rollouts: 3, checkpoint_every: 1, learning_rate: 0.01\(learning)}
            \(more)
            """, to: "config/trading.yaml")
        try folder.write(try Self.bars(last: lastBars), to: "XNAS.NVDA.5m.csv")
        let run = try takt(["import-bars", "XNAS.NVDA.5m.csv"])
        guard run.code == 0 else { throw Takt.Missing() }
    }

    func takt(_ arguments: [String]) throws -> Takt.Run {
        try Takt.run(arguments + ["--now", Self.now], in: folder.path)
    }

    /// - Parameter output: `net` lies in the folder of policies.
    func train(_ arguments: [String] = [], output: String = "net", iterations: Int = 3) throws -> Takt.Run {
        try takt(["train", "--output", output, "--iterations", "\(iterations)"] + Self.span + arguments)
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.url.appendingPathComponent(name)) }

    /// Five-minute bars of the sessions from 16 to 24 November, so many of the last one.
    private static func bars(last: Int) throws -> String {
        var (lines, price, count) = (["ts,open,high,low,close,volume"], "100.00", 0)
        for day in [16, 17, 18, 19, 20, 23, 24] {
            for bar in 0..<(day == 24 ? last : 78) {
                let minutes = 14 * 60 + 30 + 5 * bar
                let close = String(format: "%.2f", 100 + 3 * sin(Double(count) / 4.3) + 0.001 * Double(count))
                let (low, high) = ([price, close].min() ?? price, [price, close].max() ?? price)
                // As text, 99.99 is higher than 100.00.
                let ordered = (Double(low) ?? 0) <= (Double(high) ?? 0) ? (low, high) : (high, low)
                let time = String(format: "2026-11-%02dT%02d:%02d:00Z", day, minutes / 60, minutes % 60)
                lines.append("\(time),\(price),\(ordered.1),\(ordered.0),\(close),\(1_000_000 + count)")
                (price, count) = (close, count + 1)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

struct TrainCommandTests {
    @Test("A trained policy fits what runs, is asked by decide, and shows how it was learned")
    func trains() throws {
        let school = try School()
        let run = try school.train()
        #expect(run.code == 0, "\(run.errors)")
        let document = try run.document()
        #expect(document["schema"] == "takt.train/1" && document["written"] == true && document["iterations"] == 3)
        #expect(document["network"] == "4-8-3" && document["symbols"] == ["NVDA"] && document["resumed_from"] == .null)
        // The first session has bars without a vector.
        #expect(document["starts"] == 4 && document["bars"] == 390)
        #expect(document["items"]?.arrayValue?.count == 3 && document["warnings"] == [] && run.errors.isEmpty)
        let picture = String(decoding: try school.bytes("models/net.svg"), as: UTF8.self)
        #expect(picture.hasPrefix("<svg xmlns") && picture.contains("Entropy of the policy"))
        #expect(!picture.contains("href") && !picture.contains("<script"))
        let check = try school.takt(["policy", "check", "net"])
        #expect(check.code == 0, "\(check.output)")
        let shown = try school.takt(["policy", "show", "net"]).document()
        let notes = try #require(shown["policy"]?["provenance"]?["notes"])
        #expect(notes["seed"] == "1" && notes["bars"] == document["bars_sha256"] && notes["rollouts"] == "3")
        #expect(shown["policy"]?["training"]?["last_open_at"] == "2026-11-20T20:55:00Z")
        #expect(try school.takt(["fetch-bars"]).code == 0)
        let decided = try school.takt(["decide"])
        #expect(decided.code == 0, "\(decided.errors)")
        let vote = try #require(try decided.document()["items"]?.arrayValue?.first?["votes"]?.arrayValue?.first)
        #expect(vote["agent"] == "grpo" && vote["detail"]?["policy"] == "net")
        #expect(vote["detail"]?["weights"] == document["weights_sha256"])
        #expect(vote["detail"]?["state"]?.arrayValue?.count == 4)
    }

    @Test("Where live an unsure action is none, or a small one, training says that it took every action for certain")
    func certainty() throws {
        let school = try School(more: "orders: {position_sizing: {method: kelly}}")
        let configuration = try school.folder.text("config/trading.yaml")
        try school.folder.write(
            configuration.replacingOccurrences(
                of: "decision: {buffer_bars: 24}", with: "decision: {buffer_bars: 24, minimum_confidence: 0.4}"),
            to: "config/trading.yaml")
        let warnings = try school.train(["--dry-run"]).document()["warnings"]?.arrayValue?.compactMap(\.stringValue)
        #expect(warnings?.count == 2 && warnings?[0].contains("minimum_confidence is 0.4") == true, "\(warnings ?? [])")
    }

    @Test("The same seed gives the same bytes on any number of threads, and another seed others")
    func threads() throws {
        let school = try School()
        for (folder, options) in [("a", ["--threads", "1"]), ("b", ["--threads", "3"]), ("c", ["--seed", "2"])] {
            let run = try school.train(options, output: "\(folder)/net")
            #expect(run.code == 0, "\(run.errors)")
        }
        for name in ["net.safetensors", "net.policy.json", "net.svg", "net.training/iteration-0000003.safetensors"] {
            #expect(try school.bytes("a/\(name)") == school.bytes("b/\(name)"), "\(name)")
        }
        #expect(try school.bytes("a/net.safetensors") != school.bytes("c/net.safetensors"))
    }

    @Test(
        "A training that was killed and resumed ends with the bytes of one that was not", arguments: [SIGKILL, SIGTERM])
    func resumes(signal: Int32) throws {
        let school = try School()
        let straight = try school.train(output: "a/net", iterations: 8)
        #expect(straight.code == 0, "\(straight.errors)")
        let binary = try #require(Takt.binary)
        let arguments =
            ["train", "--output", "b/net", "--iterations", "8"] + School.span + ["--now", School.now, "--threads", "2"]
        let answers = try TemporaryFolder("takt-answers")
        let pid = try ChildProgram.spawn(
            binary, arguments, in: school.folder.path, input: "/dev/null", output: answers.path("out"),
            errors: answers.path("err"), environment: ["PATH": "/usr/bin:/bin"])
        let second = school.folder.path("b/net.training/iteration-0000002.safetensors")
        for _ in 0..<6000 where !FileManager.default.fileExists(atPath: second) { usleep(5000) }
        kill(pid, signal)
        let (code, received) = ChildProgram.wait(pid)
        let errors = try answers.text("err")
        #expect(signal == SIGKILL ? received == SIGKILL : code == 143 || code == 0, "\(errors)")
        if code == 143 { #expect(errors.contains("--resume"), "\(errors)") }
        if signal == SIGKILL {
            #expect(!FileManager.default.fileExists(atPath: school.folder.path("b/net.policy.json")))
        }
        let resumed = try school.train(["--resume"], output: "b/net", iterations: 8)
        #expect(resumed.code == 0, "\(resumed.errors)")
        let document = try resumed.document()
        let curve = try straight.document()["items"]
        #expect((document["resumed_from"]?.intValue ?? 0) >= 2 && document["items"] == curve)
        for name in ["net.safetensors", "net.policy.json", "net.svg", "net.training/curve.ndjson"] {
            #expect(try school.bytes("a/\(name)") == school.bytes("b/\(name)"), "\(name)")
        }
        // Three of the newest are kept, and the best.
        let kept = try FileManager.default.contentsOfDirectory(atPath: school.folder.path("b/net.training"))
            .filter { $0.hasPrefix("iteration-") }.sorted()
        #expect(kept.suffix(3) == (6...8).map { "iteration-000000\($0).safetensors" } && kept.count <= 4)
        let again = try school.train(["--resume"], output: "b/net", iterations: 8).document()
        #expect(again["unchanged"] == true && again["written"] == false)
    }

    @Test("What lies in the way is not written over, and a dry run writes nothing")
    func places() throws {
        let school = try School()
        func files() throws -> [String] {
            (FileManager.default.enumerator(atPath: school.folder.path)?.compactMap { $0 as? String } ?? [])
                .filter { $0.hasPrefix("models") }.sorted()
        }
        let dry = try school.train(["--dry-run"])
        #expect(dry.code == 0, "\(dry.errors)")
        #expect(try dry.document()["starts"] == 4)
        #expect(try files() == [])
        #expect(try school.train().code == 0)
        let weights = try school.bytes("models/net.safetensors")
        let refused = try school.train(["--seed", "2"])
        #expect(refused.code == 64 && refused.errors.contains("lies at models/net.policy.json"), "\(refused.errors)")
        let replaced = try school.train(["--seed", "2", "--replace"])
        #expect(replaced.code == 64 && replaced.errors.contains("stands at iteration 3"), "\(replaced.errors)")
        let other = try school.train(["--seed", "2", "--resume"])
        #expect(other.code == 64 && other.errors.contains("setting 'seed'"), "\(other.errors)")
        let shape = try school.train(["--hidden", "9", "--resume"])
        #expect(
            shape.code == 64 && shape.errors.contains("another setting 'hidden': 8 there, 9 here"), "\(shape.errors)")
        #expect(try school.bytes("models/net.safetensors") == weights)
    }

    @Test("Resuming writes over the policy of the same training only: not over an imported or another one")
    func strangers() throws {
        let school = try School()
        #expect(try school.train(output: "other/net", iterations: 1).code == 0)
        #expect(try school.train(["--seed", "2"], output: "mine/net", iterations: 2).code == 0)
        // The checkpoints of one training beside the policy of another, and none beside it: both are in the way.
        let manager = FileManager.default
        for name in ["net.policy.json", "net.safetensors"] {
            try manager.removeItem(atPath: school.folder.path("mine/\(name)"))
            try manager.copyItem(
                atPath: school.folder.path("other/\(name)"), toPath: school.folder.path("mine/\(name)"))
        }
        let stranger = try school.bytes("other/net.policy.json")
        for checkpoints in [true, false] {
            if !checkpoints { try manager.removeItem(atPath: school.folder.path("mine/net.training")) }
            let refused = try school.train(["--seed", "2", "--resume"], output: "mine/net", iterations: 3)
            #expect(refused.code == 64, "\(refused.errors)")
            #expect(refused.errors.contains("Another policy lies at mine/net.policy.json"), "\(refused.errors)")
            #expect(try school.bytes("mine/net.policy.json") == stranger)
            #expect(!manager.fileExists(atPath: school.folder.path("mine/net.training/iteration-0000003.safetensors")))
        }
        let replaced = try school.train(["--seed", "2", "--resume", "--replace"], output: "mine/net", iterations: 1)
        #expect(replaced.code == 0, "\(replaced.errors)")
        #expect(try school.bytes("mine/net.policy.json") != stranger)
        // Its own, it goes on with.
        let own = try school.train(["--seed", "2", "--resume"], output: "mine/net", iterations: 2)
        #expect(own.code == 0, "\(own.errors)")
    }

    @Test("A transformer with history is trained and asked like any other")
    func transformer() throws {
        let school = try School()
        let run = try school.train(
            ["--network", "transformer", "--hidden", "8", "--layers", "1", "--heads", "2", "--history", "3"],
            iterations: 1)
        #expect(run.code == 0, "\(run.errors)")
        #expect(try run.document()["family"] == "transformer")
        #expect(try school.takt(["fetch-bars"]).code == 0)
        let decided = try school.takt(["decide"])
        let vote = try #require(try decided.document()["items"]?.arrayValue?.first?["votes"]?.arrayValue?.first)
        #expect(vote["detail"]?["history"] == 3, "\(vote)")
    }

    @Test(
        "A call that cannot be trained says what is missing, and writes nothing",
        arguments: [
            (["--network", "lstm"], 64, "There is no network 'lstm'"), (["--hidden", "64,x"], 64, "are no widths"),
            (["--hidden", "0"], 64, "are no widths"), (["--hidden", "9999"], 64, "1 to 16 layers of 1 to 4096 units"),
            (["--rollouts", "1"], 64, "nothing to be compared with"),
            (["--layers", "2"], 64, "--layers is of a transformer, and the network is an mlp"),
            (["--symbol", "TSLA"], 64, "does not trade 'TSLA'"),
            (["--network", "transformer", "--hidden", "9"], 64, "a multiple of its 4 heads"),
            (["--episode", "5"], 65, "No 5 sessions in a row"), (["--episode", "6"], 64, "1 to 5 sessions"),
            (["--output", "models/"], 64, "No name for the policy"),
        ])
    func usage(arguments: [String], code: Int32, says: String) throws {
        let school = try School()
        let run = try school.train(arguments)
        #expect(run.code == code && run.output.isEmpty, "\(run.output)")
        #expect(run.errors.contains(says), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: school.folder.path("models/net.policy.json")))
    }

    @Test(
        "A span without bars, or with too few, and settings that cannot be played are refused",
        arguments: [
            ("", "2020-01-01", "2020-12-31", 65 as Int32, "There are no 5m bars of NVDA"),
            ("", "2026-11-16", "2026-11-16", 65, "No session of the span can be played"),
            ("orders: {default_order_type: limit}", "2026-11-16", "2026-11-20", 78, "with market orders"),
            ("paper: {initial_cash: {KRW: 1000000}}", "2026-11-16", "2026-11-20", 78, "has no USD"),
        ])
    func markets(more: String, since: String, until: String, code: Int32, says: String) throws {
        let school = try School(more: more)
        let run = try school.takt(["train", "--output", "net", "--since", since, "--until", until])
        #expect(run.code == code && run.output.isEmpty, "\(run.output)")
        #expect(run.errors.contains(says), "\(run.errors)")
    }
}

struct LearnCommandTests {
    @Test(
        "A challenger learns from what the policy has lived through, once enough is new, and the champion stays as it is"
    )
    func challenger() throws {
        let school = try School(learning: ", enabled: true, update_every: 4, batch_size: 8", lastBars: 78)
        #expect(try school.train(iterations: 20).code == 0)
        let (weights, sidecar) = (
            try school.bytes("models/net.safetensors"), try school.bytes("models/net.policy.json")
        )
        func learn(_ arguments: String...) throws -> JSONValue {
            let run = try school.takt(["learn"] + arguments)
            #expect(run.code == 0, "\(run.errors)")
            return try #require(try run.document()["items"]?.arrayValue?.first)
        }
        #expect(try learn()["state"] == "too-few")
        // To the end of the session: before it is over, nobody knows what a position brings.
        for minute in stride(from: 335, through: 390, by: 5) {
            let clock = 14 * 60 + 30 + minute
            let now = String(format: "2026-11-24T%02d:%02d:05Z", clock / 60, clock % 60)
            let run = try Takt.run(["cycle", "--now", now], in: school.folder.path)
            #expect(run.code == 0, "\(now): \(run.errors)")
        }
        let orders = try school.takt(["orders"]).document()["items"]?.arrayValue ?? []
        #expect(!orders.isEmpty, "nothing was traded: there is nothing to learn from")
        #expect(try learn("--dry-run")["state"] == "would-learn")
        #expect(!FileManager.default.fileExists(atPath: school.folder.path("models/net-challenger.policy.json")))
        let learned = try learn()
        #expect(learned["state"] == "learned" && learned["updates"] == 1, "\(learned)")
        #expect((learned["new"]?.intValue ?? 0) >= 4)
        #expect(try school.bytes("models/net.safetensors") == weights)
        #expect(try school.bytes("models/net.policy.json") == sidecar)
        #expect(try school.bytes("models/net-challenger.safetensors") != weights)
        #expect(try school.takt(["policy", "check", "net-challenger"]).code == 0)
        let notes = try school.takt(["policy", "show", "net-challenger"]).document()["policy"]?["provenance"]?["notes"]
        let champion = try school.takt(["policy", "show", "net"]).document()["digest"]
        #expect(notes?["champion"] == champion && notes?["updates"] == "1")
        // Nothing is learned twice from the same.
        let again = try learn()
        #expect(again["state"] == "too-few" && again["new"] == 0 && again["updates"] == 1)
        // What only training looks at may be changed without losing it.
        let configuration = try school.folder.text("config/trading.yaml")
        try school.folder.write(
            configuration.replacingOccurrences(of: "rollouts: 3", with: "rollouts: 5"), to: "config/trading.yaml")
        let unmoved = try learn()
        #expect(unmoved["state"] == "too-few" && unmoved["updates"] == 1)
        // Once somebody trades it, it stays as it is.
        try school.folder.write(
            configuration.replacingOccurrences(
                of: "agents: {grpo: {model_path: net}}",
                with: "agents: {grpo: {model_path: net}, deepseek: {model_path: net-challenger}}"),
            to: "config/trading.yaml")
        let traded = try school.takt(["learn"])
        #expect(traded.code == 78 && traded.errors.contains("Agent 'deepseek' asks the challenger"), "\(traded.errors)")
    }

    @Test(
        "A transformer's challenger learns from rows that are computed again, but for those whose bars were corrected")
    func transformer() throws {
        let school = try School(learning: ", enabled: true, update_every: 4, batch_size: 8", lastBars: 78)
        let network = ["--network", "transformer", "--hidden", "8", "--heads", "2", "--layers", "1", "--history", "6"]
        #expect(try school.train(network, iterations: 12).code == 0)
        for minute in stride(from: 335, through: 390, by: 5) {
            let clock = 14 * 60 + 30 + minute
            let now = String(format: "2026-11-24T%02d:%02d:05Z", clock / 60, clock % 60)
            let run = try Takt.run(["cycle", "--now", now], in: school.folder.path)
            #expect(run.code == 0, "\(now): \(run.errors)")
        }
        func learn(_ arguments: String...) throws -> JSONValue {
            let run = try Takt.run(["learn", "--now", "2026-11-24T21:05:05Z"] + arguments, in: school.folder.path)
            return try #require(try run.document()["items"]?.arrayValue?.first, "\(run.errors)")
        }
        let before = try learn("--dry-run")
        let experiences = try #require(before["experiences"]?.intValue)
        #expect(before["state"] == "would-learn" && before["forgotten"] == 0 && experiences >= 4, "\(before)")
        let champion = try school.bytes("models/net.safetensors")
        let learned = try learn()
        #expect(learned["state"] == "learned", "\(learned)")
        #expect(try school.bytes("models/net-challenger.safetensors") != champion)
        #expect(try school.takt(["policy", "check", "net-challenger"]).code == 0)
        // The bar of 19:55: decisions after it saw it among the six rows before, with its old close.
        let bars = try school.folder.text("XNAS.NVDA.5m.csv").split(separator: "\n").map(String.init)
        let corrected = bars.map { line -> String in
            guard line.hasPrefix("2026-11-24T19:55") else { return line }
            var fields = line.split(separator: ",").map(String.init)
            fields[4] = fields[1]
            return fields.joined(separator: ",")
        }
        try school.folder.write(corrected.joined(separator: "\n") + "\n", to: "corrected/XNAS.NVDA.5m.csv")
        #expect(try school.takt(["import-bars", "corrected/XNAS.NVDA.5m.csv"]).code == 0)
        let after = try learn("--dry-run")
        let (kept, forgotten) = (after["experiences"]?.intValue ?? 0, after["forgotten"]?.intValue ?? 0)
        #expect(kept + forgotten == experiences && forgotten >= 4, "\(after)")
    }

    @Test("Nothing is learned unless it is switched on")
    func off() throws {
        let school = try School()
        #expect(try school.train(iterations: 1).code == 0)
        let document = try school.takt(["learn"]).document()
        #expect(document["schema"] == "takt.learn/1" && document["enabled"] == false && document["items"] == [])
    }
}
