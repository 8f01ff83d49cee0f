import Core
import Features
import Policy
import Testing

struct PolicyTests {
    @Test("A policy is loaded from its two files and gives the probabilities that its weights mean")
    func loads() throws {
        let files = try SmallPolicy.files()
        let policy = try Policy.load(
            sidecar: files.sidecar.utf8, weights: files.weights,
            for: SmallPolicy.use(normaliser: SmallPolicy.normaliser()))
        let evaluator = try policy.evaluator()
        try evaluator.evaluate([2, 1])
        // Hidden: max(0, 2 − 1) = 1 and max(0, 1 + 2 + 0.25) = 3.25.
        #expect(evaluator.logits == [0.5, 1, 3.25])
        // softmax by hand: e^0.5, e^1, e^3.25 are 1.6487213, 2.7182818, 25.7903399.
        let expected: [Float] = [0.0546706, 0.0901366, 0.8551927]
        for (found, wanted) in zip(evaluator.probabilities, expected) { #expect(abs(found - wanted) < 1e-6) }
        #expect(policy.sidecar.actions[ActionChoice.best.index(of: evaluator.probabilities)] == "sell")
        #expect(evaluator.values() == nil && evaluator.adaptation() == nil)
    }

    @Test("A sidecar is read back as it was written, byte for byte")
    func roundTrip() throws {
        let files = try SmallPolicy.files()
        let read = try Policy.sidecar(files.sidecar.utf8)
        #expect(read == (try SmallPolicy.sidecar(weights: files.weights)))
        #expect(read.json.utf8 == files.sidecar.utf8)
        #expect(read.digest == files.sidecar.digest)
    }

    @Test("Other weights than those of the sidecar are refused, though they would run")
    func otherWeights() throws {
        let sidecar = try SmallPolicy.files().sidecar
        let other = Safetensors.bytes(of: SmallPolicy.tensors(bias: 0.26))
        #expect(throws: PolicyError.self) { try Policy.load(sidecar: sidecar.utf8, weights: other) }
        // With the digest made to fit, the recorded inferences give them away.
        let forged = sidecar.setting(
            "weights", ["file": "small.safetensors", "sha256": JSONValue(Digest(of: other))])
        let error = #expect(throws: PolicyError.self) { try Policy.load(sidecar: forged.utf8, weights: other) }
        guard case .golden(_, let expected, let found)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(expected != found)
    }

    /// A configuration that the policy was not made for, and what the refusal says.
    struct Mismatch: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let use: @Sendable () throws -> PolicyUse
        let says: String
    }

    static let mismatches: [Mismatch] = [
        Mismatch(
            testDescription: "bars of another length", use: { try SmallPolicy.use(timeframe: .fifteenMinutes) },
            says: "another timeframe: 5m there, 15m here"),
        Mismatch(
            testDescription: "bars of other hours", use: { try SmallPolicy.use(isExtended: true) },
            says: "another session: regular there, extended here"),
        Mismatch(
            testDescription: "another feature",
            use: { try SmallPolicy.use(["trend = close / SMA:21 - 1 | zscore", "position | none"]) },
            says:
                "feature 1 is 'trend = close / SMA:21 - 1 | zscore' here and 'trend = close / SMA:20 - 1 | zscore' there"
        ),
        Mismatch(
            testDescription: "another order", use: { try SmallPolicy.use(SmallPolicy.features.reversed()) },
            says: "another list of features"),
        Mismatch(
            testDescription: "another window", use: { try SmallPolicy.use(window: 120) },
            says: "a window has 120 bars here and 100 there"),
        Mismatch(
            testDescription: "another normaliser",
            use: { try SmallPolicy.use(normaliser: SmallPolicy.normaliser(mean: 0.02)) }, says: "another normaliser"),
    ]

    @Test("A policy made for something else is refused by the field that differs", arguments: mismatches)
    func differs(mismatch: Mismatch) throws {
        let files = try SmallPolicy.files()
        let use = try mismatch.use()
        let error = #expect(throws: PolicyError.self) {
            try Policy.load(sidecar: files.sidecar.utf8, weights: files.weights, for: use)
        }
        #expect(error?.description.contains(mismatch.says) == true, "\(String(describing: error))")
    }

    @Test("A policy that names neither features nor bars runs, and trades nowhere")
    func unbound() throws {
        let files = try SmallPolicy.files(isBound: false)
        let policy = try Policy.load(sidecar: files.sidecar.utf8, weights: files.weights)
        let objections = policy.sidecar.objections(to: try SmallPolicy.use())
        #expect(objections.map(\.description).allSatisfy { $0.contains("none is named there") })
        #expect(objections.count == 2)
    }

    static let damages: [(String, JSONValue, String)] = [
        ("schema", JSONValue.string("takt.policy/9"), "policy.schema is takt.policy/9"),
        ("name", .null, "policy.name is no string"), ("name", "a\u{1B}[2J", "holds control characters"),
        ("network", ["family": "oracle"], "policy.network.heads is missing"),
        ("network", ["family": "oracle", "inputs": 2, "heads": nil, "history": 0], "the unknown value 'oracle'"),
        (
            "network", ["family": "transformer", "inputs": 2, "heads": 1, "history": 3],
            "policy.network.family is transformer, and the weights are of a perceptron"
        ),
        ("network", ["family": "perceptron", "inputs": 3, "heads": nil, "history": 0], "and the network takes 3"),
        ("network", ["family": "perceptron", "inputs": 2, "heads": nil, "history": 4], "allowed is 0 to 0"),
        ("actions", ["hold", "buy"], "policy.actions are 2, and the weights give 3"),
        ("actions", ["hold", "buy", "buy"], "each once"), ("actions", ["hold", "buy", "short"], "each once"),
        ("weights", ["file": "../small.safetensors", "sha256": ""], "policy.weights.sha256"),
        ("timeframe", "7q", "the unknown value '7q'"), ("normaliser", .null, "needs one"),
        ("features", .null, "fitted on other features"), ("normaliser", ["schema": 1], "policy.normaliser.schema"),
        ("golden", [], "has no recorded inference"),
        ("golden", [["state": [1], "history": [], "probabilities": [1, 0, 0]]], "the state has 1 numbers"),
        ("golden", [["state": [1, "a"], "history": [], "probabilities": []]], "policy.golden[0].state"),
        ("provenance", .null, "policy.provenance is no object"),
    ]

    @Test(
        "A damaged sidecar is refused with the place of the damage",
        arguments: damages)
    func damaged(key: String, value: JSONValue, says: String) throws {
        let files = try SmallPolicy.files()
        let error = #expect(throws: PolicyError.self) {
            try Policy.load(sidecar: files.sidecar.setting(key, value).utf8, weights: files.weights)
        }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }

    @Test("A list of features that was changed without its hash is refused")
    func changedList() throws {
        let files = try SmallPolicy.files()
        let text = files.sidecar.text.replacing(
            "SMA:20 - 1 | zscore\",\"position", with: "SMA:30 - 1 | zscore\",\"position")
        #expect(text != files.sidecar.text)
        let error = #expect(throws: PolicyError.self) { try Policy.sidecar(Array(text.utf8)) }
        #expect(error?.description.contains("policy.features.schema_hash is not that of its features") == true)
    }

    @Test("A state that does not fit, or is not finite, is refused")
    func input() throws {
        let evaluator = try Evaluator(try Network(SmallPolicy.tensors()))
        let inputs: [([Float], [Float])] = [([1], []), ([1, 2, 3], []), ([1, .nan], []), ([1, 2], [0, 0])]
        for (state, history) in inputs {
            #expect(throws: PolicyError.self) { try evaluator.evaluate(state, history: history) }
        }
        #expect(throws: PolicyError.self) {
            try evaluator.evaluate([.greatestFiniteMagnitude, .greatestFiniteMagnitude])
        }
    }
}

struct ActionChoiceTests {
    @Test("The most likely action is taken, and of equal ones the first")
    func best() {
        #expect(ActionChoice.best.index(of: [0.2, 0.5, 0.3]) == 1)
        #expect(ActionChoice.best.index(of: [0.4, 0.2, 0.4]) == 0)
        #expect(ActionChoice.best.index(of: [0.2, 0.4, 0.4]) == 1)
    }

    @Test("Drawn actions come as often as they are likely, and the same again for the same seed and stream")
    func drawn() {
        let probabilities: [Float] = [0.2, 0, 0.5, 0.3]
        var counts = [0, 0, 0, 0]
        let draws = 20_000
        for number in 0..<draws {
            let choice = ActionChoice.drawn(seed: 7, stream: "cycle \(number)")
            let index = choice.index(of: probabilities)
            #expect(choice.index(of: probabilities) == index)
            counts[index] += 1
        }
        for (count, probability) in zip(counts, probabilities) {
            #expect(abs(Float(count) / Float(draws) - probability) < 0.015)
        }
        #expect(counts[1] == 0)
    }
}
