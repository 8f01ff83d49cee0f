import Core
import Features
import Learning
import Policy
import Store
import TestSupport
import Testing

@testable import Cycle

/// Both families of policy side by side over beats with positions, proposals, late decisions and corrected bars.
@Suite("What policies say, beat after beat")
struct PolicyVotesTests {
    private static let history = 6
    private static let features = [
        "trend = close / SMA:5 - 1", "RSI:3", "step = close / open - 1", "OBV@window", "session_fraction", "position",
        "unrealised", "bars_held", "portfolio_return",
    ]

    private func house(_ closes: ClosedRange<Int>, positions: [Symbol: Quantity] = [.nvda: Quantity(100)]) async throws
        -> House
    {
        let list = Self.features.map { "\"\($0)\"" }.joined(separator: ", ")
        let house = try House(
            positions: positions,
            moreTrading: """
                features: {list: [\(list)]}
                agents: {grpo: {model_path: models/wide}, deepseek: {model_path: models/deep}}
                """, agents: "grpo, deepseek")
        var random = SeededGenerator(seed: 7)
        let count = Self.features.count
        try write("wide", NewNetwork.perceptron([count, 8, 3], &random), history: 0, into: house)
        try write(
            "deep", NewNetwork.transformer(inputs: count, width: 8, layers: 2, actions: 3, &random),
            history: Self.history, into: house)
        for number in -12 ... -1 {
            for symbol in [Symbol.nvda, .pltr] { try putBar(house, symbol, number, closes, &random) }
        }
        house.moveTo(-400)
        try await house.openAccount()
        return house
    }

    private func write(_ name: String, _ tensors: [Tensor], history: Int, into house: House) throws {
        let weights = Safetensors.bytes(of: tensors)
        let network = try Network(tensors, heads: history > 0 ? 2 : nil)
        let sidecar = try PolicySidecar(
            name: name, network: network, history: history,
            weights: .init(file: "\(name).safetensors", digest: Digest(of: weights)),
            features: try FeatureSpec(Self.features.map { try Feature($0) }, window: 5), normaliser: nil,
            timeframe: .fiveMinutes, training: nil,
            provenance: .init(
                source: "test", digest: Digest(of: weights), format: .safetensors, notes: [], version: "0.0.0"),
            golden: try GoldenVector.record(try Evaluator(network, history: history)))
        try FileWriting.replace(house.folder.path("models/\(name).safetensors"), with: weights)
        try FileWriting.replace(house.folder.path("models/\(name).policy.json"), with: Array(sidecar.json.text.utf8))
    }

    private func putBar(
        _ house: House, _ symbol: Symbol, _ number: Int, _ closes: ClosedRange<Int>, _ random: inout SeededGenerator
    ) throws {
        try house.putBar(symbol, number: number, close: .cents(random.int(closes)))
    }

    // MARK: What is expected

    /// What the policies saw and answered of one symbol in one cycle.
    private func details(_ house: House, _ number: Int) throws -> [(decision: StoredDecision, votes: [JSONValue])] {
        try house.store.read { reader in
            try reader.decisions(cycle: house.cycle(number), origin: .decide).map { decision in
                (decision, try #require(decision.votes.arrayValue).map { $0["detail"] ?? .null })
            }
        }
    }

    private static func digest(_ rows: [FeatureRecord]) -> Digest {
        Digest(
            of: rows.flatMap { $0.vector.values }.flatMap { value in
                withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { Array($0) }
            })
    }

    /// The states of a cycle and the ones before it, each computed for itself alone, as of now.
    private func rows(_ house: House, _ symbol: Symbol, through number: Int) throws -> [FeatureRecord] {
        let spec = try FeatureSpec(Self.features.map { try Feature($0) }, window: 5)
        let desk = try FeatureDesk(
            house.context, profile: try house.profile(), computer: try FeatureComputer(spec), form: .normalised,
            now: house.clock.now())
        return try house.store.read { reader in
            try (number - Self.history...number).flatMap { number in
                try desk.records(of: house.cycle(number), symbols: [symbol], in: reader)
            }
        }
    }

    /// Decides, and compares each new vote with states that were computed one by one.
    private func decide(_ house: House, _ number: Int) async throws {
        let known = Set(try details(house, number).map(\.decision.symbol))
        let expected = try Dictionary(
            uniqueKeysWithValues: [Symbol.nvda, .pltr].map { ($0, try rows(house, $0, through: number)) })
        #expect(try await house.run(.decide, house.cycle(number)).exitCode == .success)
        for (decision, votes) in try details(house, number) where !known.contains(decision.symbol) {
            let rows = try #require(expected[decision.symbol])
            let state = try #require(rows.last).vector.values.map { JSONValue.shortest(Float($0)) }
            for (detail, before) in zip(votes, [[], rows.dropLast()]) {
                let place = "\(decision.symbol) in cycle \(number): \(detail.text)"
                #expect(detail["state"] == .array(state), "\(place)")
                #expect(detail["history_digest"] == JSONValue(Self.digest(before)), "\(place)")
                #expect(detail["logits"]?.arrayValue?.count == 3, "\(place)")
            }
            #expect(votes.count == 2)
        }
    }

    // MARK: The beats

    @Test("Votes are those of states computed bar by bar, to the byte, and the same as ever")
    func beats() async throws {
        var random = SeededGenerator(seed: 11)
        let house = try await house(9_500...10_500)
        for number in 0...8 {
            house.moveTo(Int64(number) * 300 + 1 + Int64(number % 3))
            try putBar(house, .nvda, number, 9_500...10_500, &random)
            if number != 3 { try putBar(house, .pltr, number, 9_500...10_500, &random) }
            for symbol in [Symbol.nvda, .pltr] { house.broker.answer(symbol, .fill(Price(100))) }
            // A proposal with an order stands in the place of a decision, one without beside it.
            let proposals = [
                1: #"{"symbol":"NVDA","action":"hold","confidence":0.9}"#,
                2: #"{"symbol":"PLTR","action":"buy","confidence":0.9}"#,
            ]
            if let proposal = proposals[number] {
                let desk = ProposalDesk(context: house.context, profile: try house.profile(), isDryRun: false)
                let answer = await desk.take(Array(proposal.utf8), for: house.cycle(number))
                #expect(answer.exitCode == .success, "\(answer.json.text)")
            }
            try await decide(house, number)
            if number == 3 {
                house.moveTo(Int64(number) * 300 + 90)
                try putBar(house, .pltr, number, 9_500...10_500, &random)
                try await decide(house, number)
            }
            // A bar that was decided on is corrected: later histories are made of what it is now.
            if number == 5 { try putBar(house, .nvda, 4, 9_600...9_700, &random) }
            let beat = try await house.runAll(from: .riskCheck, until: .report, house.cycle(number))
            #expect(beat.exitCode == .success)
        }
        #expect(try Set(house.fills().map(\.symbol)) == [.nvda, .pltr])
        let told = try (0...8).map { number in
            try details(house, number).map { JSONValue.array($0.votes).text }.joined(separator: "\n")
        }
        #expect(
            told.map { Digest(of: $0).hex.prefix(16) } == [
                "64b14c114f5a7656", "2bc41a210c12a735", "2ca82a9814a5b404", "e82a8916ee399f5a", "3ac965b0a8bf6181",
                "b19f80f863c5794c", "29342c59089b6aa1", "e41f5120f5098d24", "0cdd9b0af05eaaba",
            ])
    }
}
