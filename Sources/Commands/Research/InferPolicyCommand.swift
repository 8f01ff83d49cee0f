internal import ArgumentParser
internal import Core
internal import Cycle
internal import Policy
internal import Settings

extension PolicyCommand {
    struct Infer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks a policy: state vectors on stdin, a line each; its answers on stdout.",
            discussion: """
                A line is an array of numbers, or {"state": […], "history": [[…], …]} with the states before it, oldest first; \
                without a history there are rows of zeros. The numbers are taken as the network sees them, already \
                normalised. An answer is {"probabilities", "action", "logits"}, NDJSON whatever --format says. A line that \
                cannot be read ends the command with 65 and without answers.

                Example: echo '[0.1, -1.2, 0]' | takt policy infer grpo
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("The policy.", valueName: "policy")) var policy: String
        @Option(
            name: .long,
            help: .init("Draws the action by its probability instead of taking the most likely.", valueName: "number"))
        var seed: UInt64?
        @Flag(name: .long, help: "Adds the value of every action, where the network judges them.") var values = false

        func run() async throws {
            let context = try CommandContext(global)
            let loaded = try PolicyFiles(policy, home: context.settings.paths.home).load()
            let evaluator = try loaded.evaluator()
            var answers: [String] = []
            var number = 0
            while let line = readLine() {
                number += 1
                guard !line.isEmpty else { continue }
                do {
                    let question = try Question(line)
                    try evaluator.evaluate(question.state, history: question.history)
                } catch {
                    throw Self.refusal(number, "\(error)")
                }
                answers.append(answer(evaluator, loaded.sidecar, line: number).text)
            }
            try context.output.raw(answers.joined(separator: "\n"))
        }

        private func answer(_ evaluator: Evaluator, _ sidecar: PolicySidecar, line: Int) -> JSONValue {
            let choice = seed.map { ActionChoice.drawn(seed: $0, stream: "line \(line)") } ?? .best
            var answer: JSONValue = [
                "probabilities": Self.json(evaluator.probabilities),
                "action": .string(sidecar.actions[choice.index(of: evaluator.probabilities)]),
                "logits": Self.json(evaluator.logits),
            ]
            if values { answer = answer.setting("values", evaluator.values().map(Self.json) ?? .null) }
            return answer
        }

        private static func json(_ values: [Float]) -> JSONValue { .array(values.map { .shortest($0) }) }

        private static func refusal(_ line: Int, _ reason: String) -> StepFailure {
            StepFailure(
                code: "bad-state", message: "Line \(line) of standard input is refused: \(reason).",
                hint: "Write an array of numbers, or {\"state\": […], \"history\": [[…], …]}. Nothing was answered.",
                isRetryable: false, exitCode: .badInput)
        }
    }
}

/// One line of questions.
private struct Question {
    let state: [Float]
    let history: [Float]

    struct Malformed: Error, CustomStringConvertible { let description: String }

    init(_ line: String) throws {
        let json = try JSONValue(parsing: line)
        guard case .object(let members) = json else {
            (state, history) = (try Self.numbers(json, "the state"), [])
            return
        }
        if let stranger = members.first(where: { !["state", "history"].contains($0.key) }) {
            throw Malformed(description: "'\(stranger.key)' is neither 'state' nor 'history'")
        }
        state = try Self.numbers(json["state"] ?? .null, "'state'")
        switch json["history"] ?? .null {
        case .null: history = []
        case .array(let rows):
            let count = state.count
            history = try rows.flatMap { row in
                let numbers = try Self.numbers(row, "a row of 'history'")
                guard numbers.count == count else {
                    throw Malformed(description: "a row of 'history' has \(numbers.count) numbers, the state \(count)")
                }
                return numbers
            }
        case .bool, .int, .double, .string, .object: throw Malformed(description: "'history' is no array of rows")
        }
    }

    private static func numbers(_ json: JSONValue, _ what: String) throws -> [Float] {
        guard let items = json.arrayValue else { throw Malformed(description: "\(what) is no array of numbers") }
        let numbers = items.compactMap(\.doubleValue)
        guard numbers.count == items.count else { throw Malformed(description: "\(what) is no array of numbers") }
        return numbers.map { Float($0) }
    }
}
