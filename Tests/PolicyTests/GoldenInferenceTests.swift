import Core
import Foundation
import Policy
import TestSupport
import Testing

/// What PyTorch computed with the same weights, in 32 and in 64 bits.
@Suite("Inferences of the original system", .enabled(if: DecisionFixtures.exists, DecisionFixtures.why))
struct GoldenInferenceTests {
    /// How far two lists lie apart: the largest |a − b|, less what a large b itself allows.
    private func distance(_ found: [Float], _ expected: [Double], relative: Double = 0) -> Double {
        guard found.count == expected.count else { return .infinity }
        return zip(found, expected).map { max(0, abs(Double($0) - $1) - relative * abs($1)) }.max() ?? .infinity
    }

    @Test("The GRPO networks give the original's probabilities, logits, values and actions", arguments: [1, 2])
    func perceptron(seed: Int) throws {
        let network = try Network(DecisionFixtures.checkpoint("grpo-seed\(seed).pth").tensors)
        #expect(network.family == .perceptron && network.text == (seed == 1 ? "14-128-128-3" : "50-128-128-3"))
        let evaluator = try Evaluator(network)
        let cases = try DecisionFixtures.json("grpo-seed\(seed).golden.json").items("cases")
        #expect(cases.count == 50)
        for (index, golden) in cases.enumerated() {
            let state = try golden.member("state").floats
            try evaluator.evaluate(state)
            let exact = try golden.member("f64")
            // Beyond ±40 a logit has fewer digits behind the point.
            let isWild = state.contains { abs($0) > 40 }
            let probabilities = try exact.member("probs").numbers
            #expect(distance(evaluator.probabilities, probabilities) < (isWild ? 2e-4 : 1e-6), "case \(index)")
            #expect(try distance(evaluator.logits, exact.member("logits").numbers, relative: 1e-5) < 3e-6, "\(index)")
            #expect(
                try distance(#require(evaluator.values()), exact.member("q").numbers, relative: 1e-5) < 3e-6,
                "case \(index)")
            let best = try #require(evaluator.probabilities.max())
            #expect(try golden.member("argmax").intValue == Int64(evaluator.probabilities.firstIndex(of: best) ?? -1))
            let short = try golden.member("f32").member("probs").numbers
            #expect(distance(evaluator.probabilities, short) < (isWild ? 2e-4 : 1e-6), "case \(index)")
        }
    }

    @Test(
        "The DeepSeek networks give the original's probabilities, values and adaptation, with and without history",
        arguments: [(1, 2, 30), (2, 8, 12)])
    func transformer(seed: Int, heads: Int, history: Int) throws {
        let network = try Network(DecisionFixtures.checkpoint("deepseek-seed\(seed).pth").tensors, heads: heads)
        #expect(network.family == .transformer && network.historyLimit == 200)
        let evaluator = try Evaluator(network, history: history)
        let cases = try DecisionFixtures.json("deepseek-seed\(seed).golden.json").items("cases")
        #expect(cases.count == 50)
        for (index, golden) in cases.enumerated() {
            let rows = try golden.member("history").floats
            try evaluator.evaluate(golden.member("state").floats, history: rows)
            let exact = try golden.member("f64")
            #expect(try distance(evaluator.probabilities, exact.member("probs").numbers) < 1e-6, "case \(index)")
            #expect(try distance(evaluator.logits, exact.member("logits").numbers, relative: 1e-5) < 3e-6, "\(index)")
            let short = try golden.member("f32").member("probs").numbers
            #expect(distance(evaluator.probabilities, short) < 1e-6, "case \(index)")
            try checkHeads(evaluator, exact, index)
        }
    }

    private func checkHeads(_ evaluator: Evaluator, _ exact: JSONValue, _ index: Int) throws {
        let values = try #require(evaluator.values())
        #expect(try distance(values, exact.member("value").numbers, relative: 1e-5) < 1e-5, "case \(index)")
        let adaptation = try #require(evaluator.adaptation())
        #expect(try distance(adaptation.regime, exact.member("regime").numbers) < 1e-6, "case \(index)")
        let scales = [adaptation.rewardScale, adaptation.penaltyScale, adaptation.temperature]
        let expected = try ["reward_scale", "penalty_scale", "temperature"].flatMap { try exact.member($0).numbers }
        #expect(distance(scales, expected) < 3e-6, "case \(index)")
    }

    @Test(
        "The same input gives the same bits again, and on a processor without wide vectors", arguments: [true, false])
    func bits(isTransformer: Bool) throws {
        let name = isTransformer ? "deepseek-seed2" : "grpo-seed2"
        let network = try Network(DecisionFixtures.checkpoint("\(name).pth").tensors, heads: 8)
        let history = isTransformer ? 12 : 0
        let (first, second) = (try Evaluator(network, history: history), try Evaluator(network, history: history))
        let plain = try Evaluator(network, history: history, arithmetic: .plain)
        let cases = try DecisionFixtures.json("\(name).golden.json").items("cases").prefix(6)
        for golden in cases {
            let state = try golden.member("state").floats
            let rows = golden["history"]?.floats ?? []
            try first.evaluate(state, history: rows)
            try plain.evaluate(state, history: rows)
            #expect(first.logits == plain.logits && first.values() == plain.values())
        }
        let last = try #require(cases.last)
        try second.evaluate(last.member("state").floats, history: last["history"]?.floats ?? [])
        #expect(second.logits == first.logits, "what was computed before leaves no trace")
    }
}
