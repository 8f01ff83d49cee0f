import Core
import Features
import Learning
import Policy
import Store
import TestSupport
import Testing

@testable import Cycle

/// A small transformer that looks four rows back, each made of a window of five bars.
@Suite("Policies with a history, in a step")
struct PolicyHistoryTests {
    private static let history = 4
    private static let features = ["close", "log_return:1", "position"]

    private func house(bars numbers: [Int]) async throws -> House {
        let house = try House(
            moreTrading: """
                features: {list: [close, "log_return:1", position]}
                agents: {deepseek: {model_path: models/small}}
                """, agents: "deepseek")
        try write(into: house)
        for symbol in [Symbol.nvda, .pltr] {
            for number in numbers { try house.putBar(symbol, number: number, close: Price(100 + abs(number) % 7)) }
        }
        try await house.openAccount()
        return house
    }

    private func write(into house: House) throws {
        var random = SeededGenerator(seed: 7)
        let tensors = NewNetwork.transformer(inputs: 3, width: 4, layers: 1, actions: 3, &random)
        let weights = Safetensors.bytes(of: tensors)
        let network = try Network(tensors, heads: 2)
        let spec = try FeatureSpec(Self.features.map { try Feature($0) }, window: 5)
        let sidecar = try PolicySidecar(
            name: "small", network: network, history: Self.history,
            weights: .init(file: "small.safetensors", digest: Digest(of: weights)), features: spec, normaliser: nil,
            timeframe: .fiveMinutes, training: nil,
            provenance: .init(
                source: "test", digest: Digest(of: weights), format: .safetensors, notes: [], version: "0.0.0"),
            golden: try GoldenVector.record(try Evaluator(network, history: Self.history)))
        try FileWriting.replace(house.folder.path("models/small.safetensors"), with: weights)
        try FileWriting.replace(house.folder.path("models/small.policy.json"), with: Array(sidecar.json.text.utf8))
    }

    private func vote(_ house: House) throws -> JSONValue? {
        try house.store.read { try $0.decision(house.cycle(), .nvda) }?.votes.arrayValue?.first
    }

    @Test("It is asked with the rows of the bars before, and the decision is made again without it")
    func asked() async throws {
        let house = try await house(bars: Array(-11...0))
        #expect(try await house.run(.decide).exitCode == .success)
        let detail = try #require(try vote(house)?["detail"])
        #expect(detail["policy"] == "small" && detail["history"] == .int(Int64(Self.history)))
        #expect(detail["reason"] == nil, "\(detail.text)")
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
        #expect(try await house.run(.decide).isReplayed)
    }

    @Test("Bars of other hours between the sessions take no row's place")
    func otherHours() async throws {
        // The session opened with bar −12; what lies right before it is of the early hours, and the session before ends far behind.
        let plain = try await house(bars: Array(-3...0) + Array(-290 ... -241))
        try await plain.run(.decide)
        let mixed = try await house(bars: Array(-3...0) + Array(-290 ... -241) + Array(-30 ... -14))
        try await mixed.run(.decide)
        let wanted = try #require(try vote(plain)?["detail"])
        #expect(wanted["reason"] == nil, "\(wanted.text)")
        #expect(try vote(mixed)?["detail"] == wanted)
    }

    @Test("Where rows are missing it says how many are there")
    func tooFew() async throws {
        let house = try await house(bars: Array(-2...0))
        let document = try await house.run(.decide)
        let warning = try #require(document.json["warnings"]?.arrayValue?.first?.stringValue)
        #expect(warning.contains("2 of the 4 rows before it are there"), "\(warning)")
    }

    @Test("Its history is among the bars that are kept up to date")
    func barCount() async throws {
        let house = try await house(bars: [0])
        let parameters = DecisionParameters(beat: try house.beat(house.cycle()), first: nil)
        #expect(try parameters.barCount() == 5 + Self.history)
        try house.folder.write("{}", to: "models/small.policy.json")
        #expect(try parameters.barCount() == 5)
    }
}
