public import Core

/// What a program outside answered, read strictly: each symbol that it was asked for gets its vote or an explicit "no
/// opinion" with the reason, and no other symbol gets anything.
///
/// A line is `{"symbol", "action", "probabilities"?, "confidence", "detail"?}`; lines may come in any order, empty ones are
/// passed over.
public struct OutsideAnswers: Sendable {
    /// How far the program's word counts.
    public enum Standing: Hashable, Sendable {
        /// It has said all it had to say.
        case complete
        /// It was cut off: what it said before that counts.
        case cutOff(reason: String, message: String)
        /// It failed: nothing it said counts.
        case void(reason: String, message: String)
    }

    /// One of each symbol asked for, in their order.
    public let votes: [(symbol: Symbol, vote: Vote)]
    /// What is wrong with lines that belong to no symbol asked for.
    public let remarks: [String]

    public init(_ output: [UInt8], from agent: AgentName, asked symbols: [Symbol], _ standing: Standing) {
        if case .void(let reason, let message) = standing {
            votes = symbols.map { ($0, .none(agent, reason: reason, message: message)) }
            remarks = []
            return
        }
        var answers: [Symbol: Answers] = [:]
        var remarks: [String] = []
        var strays = 0
        let wanted = Set(symbols)
        let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            let symbol = OutsideLine.symbol(of: line)
            if let symbol, wanted.contains(symbol) {
                answers[symbol, default: Answers()].add(index + 1, line, agent)
            } else {
                strays += 1
                guard strays <= Self.remarksShown else { continue }
                remarks.append("line \(index + 1): \(Self.remark(line, symbol, agent))")
            }
        }
        votes = symbols.map { ($0, Self.vote(answers[$0], agent, standing, strays: strays)) }
        let rest = strays - remarks.count
        self.remarks = remarks + (rest > 0 ? ["and \(rest) more lines"] : [])
    }

    /// The lines that speak of one symbol. Only the first of them is read; that there are others says enough.
    private struct Answers {
        var count = 0
        var lines: [Int] = []
        var first: Result<Vote, LineRefusal>?

        mutating func add(_ line: Int, _ bytes: some Collection<UInt8>, _ agent: AgentName) {
            count += 1
            if count <= Self.shown { lines.append(line) }
            if first == nil { first = OutsideAnswers.read(bytes, agent) }
        }

        private static let shown = 5
    }

    private static let keys = ["symbol", "action", "probabilities", "confidence", "detail"]
    private static let remarksShown = 10

    private static func read(_ bytes: some Collection<UInt8>, _ agent: AgentName) -> Result<Vote, LineRefusal> {
        do throws(LineRefusal) {
            let line = try OutsideLine(bytes, keys: keys)
            _ = try line.symbol()
            guard let action = try line.action() else { throw LineRefusal("action", "is missing") }
            guard let confidence = try line.confidence() else { throw LineRefusal("confidence", "is missing") }
            let detail = line.member("detail") ?? .null
            guard detail.depth <= OutsideLine.depthLimit else {
                throw LineRefusal(
                    "detail", "is nested \(detail.depth) levels deep; \(OutsideLine.depthLimit) are allowed")
            }
            return .success(
                Vote(
                    agent: agent, action: action,
                    probabilities: try line.probabilities() ?? .rule(action, confidence: confidence),
                    // Apart, so that nothing in it passes for a reason of takt's own.
                    confidence: confidence, detail: ["program": detail]))
        } catch {
            return .failure(error)
        }
    }

    private static func remark(_ line: some Collection<UInt8>, _ symbol: Symbol?, _ agent: AgentName) -> String {
        if let symbol { return "it was not asked for '\(symbol.text.plain(limit: 40))'" }
        switch read(line, agent) {
        case .failure(let refusal): return "\(refusal)"
        case .success: return "it belongs to no symbol"
        }
    }

    private static func vote(
        _ answers: Answers?, _ agent: AgentName, _ standing: Standing, strays: Int
    ) -> Vote {
        guard let answers, let first = answers.first, let line = answers.lines.first else {
            if case .cutOff(let reason, let message) = standing {
                return .none(agent, reason: reason, message: message)
            }
            let others = strays > 0 ? "; \(strays) of its lines belong to no symbol it was asked for" : ""
            return .none(agent, reason: "no-answer", message: "its program gave no answer for it\(others)")
        }
        guard answers.count == 1 else {
            let lines = answers.lines.map { "\($0)" }.joined(separator: ", ")
            return .none(
                agent, reason: "duplicate", message: "its program answered it \(answers.count) times, in lines \(lines)"
            )
        }
        switch first {
        case .success(let vote): return vote
        case .failure(let refusal):
            return .none(agent, reason: "malformed", message: "line \(line) of its program is refused: \(refusal)")
        }
    }
}
