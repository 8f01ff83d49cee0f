import Core
import Foundation
import TestSupport
import Testing

struct PolicyCommandTests {
    private static let features = """
        features:
          list:
            - trend = close / SMA:20 - 1 | zscore
            - position
          normaliser: features.json
        """

    /// A network of two inputs, three hidden units and three actions, in the container that its authors describe.
    private static func checkpoint(_ bias: Float = 0.25) -> Data {
        let header =
            #"{"policy.0.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},"#
            + #""policy.0.bias":{"dtype":"F32","shape":[3],"data_offsets":[24,36]},"#
            + #""policy.2.weight":{"dtype":"F32","shape":[3,3],"data_offsets":[36,72]},"#
            + #""policy.2.bias":{"dtype":"F32","shape":[3],"data_offsets":[72,84]}}"#
        let numbers: [Float] = [1, -1, 0.5, 2, 1, 1, 0, bias, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0, 0]
        var data = Data()
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data += $0 }
        data += Data(header.utf8)
        for number in numbers { withUnsafeBytes(of: number.bitPattern.littleEndian) { data += $0 } }
        return data
    }

    private func desk(_ features: String = "") throws -> Desk {
        let desk = try Desk.traded()
        let text = try desk.folder.text("config/trading.yaml")
        try desk.folder.write(text + features + "\n", to: "config/trading.yaml")
        try Self.checkpoint().write(to: desk.folder.url.appendingPathComponent("net.safetensors"))
        return desk
    }

    /// One that has measured its features and brought the network in for them.
    private func bound() throws -> Desk {
        let desk = try desk(Self.features)
        let fit = try desk.takt(
            "features", "fit", "--since", "2026-11-20", "--until", "2026-11-23", "--output", "config/features.json")
        #expect(fit.code == 0, "\(fit.errors)")
        let run = try desk.takt("policy", "import", "net.safetensors", "--normaliser", "config/features.json")
        #expect(run.code == 0, "\(run.errors)")
        return desk
    }

    @Test("An imported policy lies in two files, and importing it again changes nothing")
    func imports() throws {
        let desk = try bound()
        let files = try desk.files()
        #expect(files["models/net.safetensors"] != nil && files["models/net.policy.json"] != nil)
        let again = try desk.takt("policy", "import", "net.safetensors", "--normaliser", "config/features.json")
        let document = try again.document()
        #expect(document["schema"] == "takt.policy-import/1" && document["name"] == "net")
        #expect(document["unchanged"] == true && document["written"] == false)
        #expect(document["network"] == "2-3-3" && document["timeframe"] == "5m" && document["warnings"] == [])
        #expect(document["weights_sha256"]?.stringValue == files["models/net.safetensors"])
        #expect(try desk.changes(since: files) == [])
    }

    @Test("A dry run writes nothing, and another policy's place is not taken without being told so")
    func places() throws {
        let desk = try desk()
        let before = try desk.files()
        let dry = try desk.takt("policy", "import", "net.safetensors", "--dry-run")
        #expect(dry.code == 0)
        #expect(try dry.document()["written"] == false)
        #expect(try desk.changes(since: before) == [])
        #expect(try desk.takt("policy", "import", "net.safetensors").code == 0)
        try Self.checkpoint(0.5).write(to: desk.folder.url.appendingPathComponent("net.safetensors"))
        let held = try desk.files()
        let refused = try desk.takt("policy", "import", "net.safetensors")
        #expect(refused.code == 64 && refused.errors.contains("models/net.policy.json exists and has another content"))
        #expect(try desk.changes(since: held) == [])
        #expect(try desk.takt("policy", "import", "net.safetensors", "--output", "other/").code == 0)
        #expect(try desk.takt("policy", "import", "net.safetensors", "--replace").code == 0)
        let changed = try desk.changes(since: held).filter { $0.hasPrefix("models/") || $0.hasPrefix("other/") }
        // The new weights have come under a name of their own, and the old ones are gone.
        #expect(changed.count == 5 && changed.contains("models/net.safetensors"), "\(changed)")
        #expect(try !desk.files().keys.contains("models/net.safetensors"))
        #expect(try desk.takt("policy", "show", "net").code == 0)
    }

    /// The same desk, whose profile asks the policy.
    private func trading() throws -> Desk {
        let desk = try bound()
        let text = try desk.folder.text("config/trading.yaml")
        try desk.folder.write(
            text.replacing("agents: [buy-and-hold]", with: "agents: [grpo]") + "agents: {grpo: {model_path: net}}\n",
            to: "config/trading.yaml")
        return desk
    }

    @Test(
        "A profile trades on a policy: its vote is what the policy says of what it saw, and is decided on again without it"
    )
    func votes() throws {
        let desk = try trading()
        #expect(try desk.takt("fetch-bars", at: Desk.nextBeat).code == 0)
        let run = try desk.takt("decide", at: Desk.nextBeat)
        #expect(run.code == 0, "\(run.errors)")
        let document = try run.document()
        let items = try #require(document["items"]?.arrayValue)
        #expect(items.count == 2)
        for item in items {
            let vote = try #require(item["votes"]?.arrayValue?.first)
            #expect(vote["agent"] == "grpo" && vote["detail"]?["policy"] == "net")
            let state = try #require(vote["detail"]?["state"]?.text)
            // Both shares are held: the second feature says so.
            #expect(vote["detail"]?["state"]?.arrayValue?.last?.doubleValue == 1)
            let asked = try Takt.shell("echo '\(state)' | takt policy infer net", in: desk.folder.path)
            let answer = try asked.document()
            #expect(vote["action"] == answer["action"])
            let order = ["hold", "buy", "sell"]
            let told = (answer["probabilities"]?.arrayValue ?? []).compactMap(\.doubleValue)
            #expect(told.count == 3)
            for (name, probability) in zip(order, told) {
                let kept = try #require(vote["probabilities"]?[name]?.doubleValue)
                #expect(abs(kept - probability) < 1e-6)
            }
        }
        #expect(try desk.takt("decide", at: Desk.nextBeat).document()["replayed"] == true)
        try FileManager.default.removeItem(atPath: desk.folder.path("models"))
        let verified = try desk.takt("audit", "verify", "--decisions", at: Desk.nextBeat)
        #expect(verified.code == 0, "\(verified.output)")
    }

    @Test("A policy that was made for something else, is missing or has other dimensions decides nothing")
    func unfit() throws {
        let desk = try trading()
        #expect(try desk.takt("fetch-bars", at: Desk.nextBeat).code == 0)
        let text = try desk.folder.text("config/trading.yaml")
        func decide(_ old: String, _ new: String) throws -> Takt.Run {
            // The normaliser of the other list would be refused before the policy is.
            let other = text.replacing(old, with: new).replacing("  normaliser: features.json\n", with: "")
            try desk.folder.write(other, to: "config/trading.yaml")
            return try desk.takt("decide", at: Desk.nextBeat)
        }
        let other = try decide("SMA:20", "SMA:10")
        #expect(other.code == 78 && other.errors.contains("agent 'grpo'"), "\(other.errors)")
        let named = try decide(
            "agents: {grpo: {model_path: net}}", "agents: {rl_agent: {type: GRPO, model_path: net, state_dim: 50}}")
        #expect(named.code == 78 && named.errors.contains("state_dim is 50"), "\(named.errors)")
        let missing = try decide("{model_path: net}", "{model_path: none}")
        #expect(missing.code == 65 && missing.errors.contains("no policy 'none'"), "\(missing.errors)")
        let nameless = try decide("agents: {grpo: {model_path: net}}", "")
        #expect(nameless.code == 78 && nameless.errors.contains("has no policy"), "\(nameless.errors)")
        try desk.folder.write(text, to: "config/trading.yaml")
        #expect(try desk.takt("decisions", at: Desk.nextBeat).document()["count"] == 2)
    }

    @Test("An import that was cut off between its two files is completed by running it again")
    func interrupted() throws {
        let desk = try desk()
        #expect(try desk.takt("policy", "import", "net.safetensors").code == 0)
        let whole = try desk.files()
        try FileManager.default.removeItem(atPath: desk.folder.path("models/net.policy.json"))
        #expect(try desk.takt("policy", "show", "net").code == 65)
        #expect(try desk.takt("policy", "import", "net.safetensors").document()["written"] == true)
        #expect(try desk.changes(since: whole) == [])
    }

    @Test("A policy that was made for the running configuration fits it, by each of its names")
    func fits() throws {
        let desk = try bound()
        for name in ["net", "models/net", "models/net.safetensors", "models/net.policy.json"] {
            let run = try desk.takt("policy", "check", name)
            #expect(run.code == 0, "\(name): \(run.errors)\(run.output)")
            #expect(try run.document()["fits"] == true)
        }
        let listed = try desk.list("policy", "list")
        #expect(listed.map { $0["name"] } == ["net"] && listed[0]["fits"] == true)
        let shown = try desk.takt("policy", "show", "net")
        #expect(try shown.document()["policy"]?["training"]?["last_open_at"] == "2026-11-23T20:55:00Z")
        #expect(try desk.takt("policy", "show", "net", "--format", "table").output.contains("trend = close / SMA:20"))
    }

    @Test(
        "A configuration that changed is told by the field that differs, with 78",
        arguments: [
            ("timeframe: 5m", "timeframe: 15m", "timeframe", "5m there, 15m here"),
            ("- position", "- unrealised", "list of features", "feature 2 is 'unrealised | none' here"),
        ])
    func differs(old: String, new: String, field: String, says: String) throws {
        let desk = try bound()
        let text = try desk.folder.text("config/trading.yaml")
        // The normaliser of the other list would be refused before the policy is.
        let other = text.replacing(old, with: new).replacing("  normaliser: features.json\n", with: "")
        try desk.folder.write(other, to: "config/trading.yaml")
        let run = try desk.takt("policy", "check", "net")
        #expect(run.code == 78, "\(run.errors)")
        let items = try run.document()["items"]?.arrayValue ?? []
        let found = try #require(items.first { $0["check"]?.stringValue == field })
        #expect(found["ok"] == false && found["detail"]?.stringValue?.contains(says) == true, "\(found.text)")
        #expect(try desk.list("policy", "list")[0]["fits"] == false)
    }

    @Test("Without features a policy can be asked, and says that nothing trades on it")
    func unbound() throws {
        let desk = try desk()
        let run = try desk.takt("policy", "import", "net.safetensors")
        #expect(try run.document()["warnings"]?.arrayValue?.count == 2)
        #expect(try desk.takt("policy", "check", "net").code == 78)
        let lines = "[2, 1]\n\n{\"state\": [-1, 0.5], \"history\": null}\n"
        let asked = try desk.call(["policy", "infer", "net", "--values"], input: lines)
        #expect(asked.code == 0 && asked.lines.count == 2, "\(asked.errors)")
        let first = try JSONValue(parsing: asked.lines[0])
        // max(0, 2 − 1), max(0, 1 + 2 + 0.25), max(0, 2 + 1), and 0.5 more for the first.
        #expect(first["logits"]?.arrayValue?.map(\.doubleValue) == [1.5, 3.25, 3])
        #expect(first["action"] == "buy" && first["values"] == .null)
        let drawn = try desk.call(["policy", "infer", "net", "--seed", "7"], input: lines)
        #expect(try desk.call(["policy", "infer", "net", "--seed", "7"], input: lines).output == drawn.output)
    }

    @Test(
        "A line that is no state is refused with its number, and nothing is answered",
        arguments: [
            ("[1]", "Line 2 of standard input is refused: the state has 1 numbers, and the network takes 2"),
            ("[1, \"a\"]", "the state is no array of numbers"), ("{\"stat\": [1, 2]}", "'stat' is neither"),
            ("{\"state\": [1, 2], \"history\": [[1]]}", "has 1 numbers, the state 2"), ("[1, 2", "Line 2"),
            ("{\"state\": [1, 2], \"history\": [[1, 2]]}", "takes at most 0 rows"), ("[1e300, 0]", "is not finite"),
        ])
    func states(line: String, says: String) throws {
        let desk = try desk()
        _ = try desk.takt("policy", "import", "net.safetensors")
        let run = try desk.call(["policy", "infer", "net"], input: "[0, 0]\n\(line)\n")
        #expect(run.code == 65 && run.output.isEmpty)
        #expect(run.errors.contains(says), "\(run.errors)")
    }

    @Test("A damaged policy is refused by name, listed as what it is, and a missing one says where it was looked for")
    func damaged() throws {
        let desk = try bound()
        let weights = desk.folder.url.appendingPathComponent("models/net.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: weights)
        let run = try desk.takt("policy", "check", "net")
        #expect(run.code == 65 && run.output.isEmpty)
        #expect(run.errors.contains("the weights have the SHA-256"), "\(run.errors)")
        let listed = try desk.list("policy", "list")
        #expect(listed[0]["fits"] == false)
        #expect(listed[0]["detail"]?.stringValue?.contains("the weights have the SHA-256") == true)
        let missing = try desk.takt("policy", "show", "nett")
        #expect(missing.code == 65, "\(missing.errors)")
        #expect(missing.errors.contains("no nett.policy.json and no models/nett.policy.json"), "\(missing.errors)")
    }

    @Test(
        "A call that cannot be meant is refused before anything is written",
        arguments: [
            (["net.safetensors", "--heads", "0"], 64, "--heads must be at least 1"),
            (["net.safetensors", "--history", "5"], 64, "leave it out for a perceptron"),
            (["net.safetensors", "--timeframe", "7q"], 64, "is no timeframe"),
            (["net.safetensors", "--features", "takt-61"], 64, "did you mean takt-16?"),
            (["net.safetensors", "--features", "legacy-14"], 64, "no normaliser is there"),
            (
                ["net.safetensors", "--features", "takt-16"], 65,
                "policy.features are 16, and the network takes 2 numbers"
            ),
            (["absent.pth"], 65, "absent.pth cannot be read"), (["config/trading.yaml"], 65, "no checkpoint"),
            (["/dev/zero"], 65, "has more than"),
        ])
    func usage(arguments: [String], code: Int32, says: String) throws {
        let desk = try desk()
        let before = try desk.files()
        let run = try desk.call(["policy", "import"] + arguments)
        #expect(run.code == code && run.output.isEmpty)
        #expect(run.errors.contains(says), "\(run.errors)")
        #expect(try desk.changes(since: before) == [])
    }

    @Test("A file that claims gigabytes is refused within the memory that an honest one takes")
    func memory() throws {
        var bomb = ForgedCheckpoint.perceptron.zip
        (bomb["net/data/0"].method, bomb["net/data/0"].size) = (8, 2_000_000_000)
        var expanded = ForgedCheckpoint.perceptron
        (expanded.tensors[0].shape, expanded.tensors[0].strides) = ([20_000, 20_000], [0, 0])
        var stuffed = ForgedCheckpoint.perceptron
        stuffed.pickle = [0x80, 2] + [UInt8](repeating: 0x5D, count: 1_000_000) + Pickle.stop
        let header = #"{"policy.0.weight":{"dtype":"F32","shape":[500000000],"data_offsets":[0,2000000000]}}"#
        let tensors = ForgedZip.number(header.utf8.count, 8) + Array(header.utf8)
        let endless = ForgedZip.number(1 << 33, 8) + Array("{}".utf8)
        let desk = try Desk.traded()
        let files = [
            ("honest", ForgedCheckpoint.perceptron.bytes, 0 as Int32), ("bomb", bomb.bytes, 65),
            ("expanded", expanded.bytes, 65), ("stuffed", stuffed.bytes, 65), ("tensors", tensors, 65),
            ("endless", endless, 65),
        ]
        for (name, bytes, code) in files {
            try Data(bytes).write(to: desk.folder.url.appendingPathComponent("\(name).pth"))
            let run = try Takt.shell("ulimit -v 500000; takt policy import \(name).pth", in: desk.folder.path)
            #expect(run.code == code, "\(name): \(run.errors)")
        }
    }

    @Test(
        "The original system's checkpoints are imported and answer as they did",
        .enabled(if: SharedFolder.exists, "the shared folder is not there"),
        arguments: [
            ("grpo-seed1", []), ("grpo-seed2", []), ("deepseek-seed1", ["--heads", "2"]),
            ("deepseek-seed2", ["--heads", "8"]),
        ])
    func original(name: String, options: [String]) throws {
        let desk = try Desk.traded()
        let source = SharedFolder.url.appendingPathComponent("fixtures/decision/\(name).pth").path
        let run = try desk.call(["policy", "import", source] + options)
        #expect(run.code == 0, "\(run.errors)")
        let golden = try JSONValue(parsing: SharedFolder.bytes("fixtures/decision/\(name).golden.json"))
        let cases = try #require(golden["cases"]?.arrayValue).prefix(8)
        let lines = cases.map { item -> String in
            let history = item["history"].map { [JSONValue.Member("history", $0)] } ?? []
            return JSONValue.object([.init("state", item["state"] ?? .null)] + history).text + "\n"
        }
        let asked = try desk.call(["policy", "infer", name], input: lines.joined())
        #expect(asked.lines.count == cases.count, "\(asked.errors)")
        for (line, item) in zip(asked.lines, cases) {
            let found = try #require(JSONValue(parsing: line)["probabilities"]?.arrayValue)
            let expected = try #require(item["f64"]?["probs"]?.arrayValue)
            for (left, right) in zip(found, expected) {
                #expect(abs((left.doubleValue ?? .nan) - (right.doubleValue ?? .nan)) < 1e-6)
            }
        }
    }
}
