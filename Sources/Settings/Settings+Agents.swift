public import Core

/// Parameters of the agents. An agent that is not named in a profile does nothing, whatever stands here.
public struct AgentSettings: Hashable, Sendable {
    /// Buys while the fast average of closes stands above the slow one. Lengths in bars, fast < slow.
    public struct SMACross: Hashable, Sendable {
        public var fast: Int
        public var slow: Int

        public static let fastRange = 1...9_999
        public static let slowRange = 3...10_000
    }

    /// Follows the return over `lookback` bars once it exceeds `threshold`.
    public struct Momentum: Hashable, Sendable {
        public var lookback: Int
        public var threshold: Fraction

        public static let lookbackRange = 2...10_000
        /// As written in the file, both included.
        public static let thresholdRange = (low: "0", high: "1")
    }

    /// A learned policy that votes.
    public struct Policy: Hashable, Sendable {
        /// As written: a name in the folder `models`, or a path from the home folder.
        public var path: String
        /// What the network takes and how many actions it chooses from, where the file says so.
        public var inputs: Int?
        public var actions: Int?
    }

    /// A program of the user's. It reads one line of JSON per symbol, the record that `takt features` prints, and answers
    /// each with a vote.
    public struct Program: Hashable, Sendable {
        /// The program and its arguments, as they are: no shell reads them.
        public var command: [String]
        public var deadlineSeconds: Int
        /// Variables that are handed on to it, besides those that every program sees.
        public var environment: [String]

        public static let deadlineRange = 1...3_600
    }

    /// A policy, or another agent, that a consultant looks over.
    public struct Hybrid: Hashable, Sendable {
        public enum Mode: String, Hashable, Sendable, CaseIterable {
            case sequential, parallel, weighted, ensemble
            case claudeOverride = "claude-override"
        }
        public enum Semantics: String, Hashable, Sendable, CaseIterable { case protective, legacy }
        /// What decides where the consultant was asked and has no opinion.
        public enum MissingAdvice: String, Hashable, Sendable, CaseIterable { case rl, hold }

        /// Whose vote it looks over; `nil` where nothing says.
        public var policy: AgentName?
        public var mode: Mode
        public var semantics: Semantics
        public var rlWeight: Fraction
        public var claudeWeight: Fraction
        public var allowsOverride: Bool
        public var riskThreshold: Fraction
        public var overrideThreshold: Fraction
        public var missingAdvice: MissingAdvice
    }

    /// The consultant. What it makes of these is its own matter: prompts and model are checked where they are used.
    public struct Claude: Hashable, Sendable {
        /// US dollars per million tokens.
        public struct Prices: Hashable, Sendable {
            public var input: FixedPoint
            public var output: FixedPoint
            public var cacheWrite: FixedPoint
            public var cacheRead: FixedPoint
        }

        /// `nil` for the client's own standard, here and below.
        public var model: String?
        public var maxTokens: Int?
        public var temperature: Fraction?
        /// The fixed part of the prompt.
        public var systemPrompt: String?
        /// The question, with placeholders in braces.
        public var questionPrompt: String?
        /// For all symbols of a cycle together; shorter than a bar.
        public var deadlineSeconds: Int
        /// Requests of one consultation at most.
        public var attempts: Int
        /// Of a model whose prices takt does not know, or in the place of those that it knows.
        public var prices: Prices?
        /// A UTC month, US dollars; `nil` is no limit.
        public var monthlyBudget: FixedPoint?
        /// Decisions about a symbol per consultation.
        public var everyDecisions: Int
        /// What others wrote: a file of JSON lines that something else keeps.
        public var newsFile: String?

        public static let deadlineRange = 1...600
    }

    /// Several agents that vote as one.
    public struct Ensemble: Hashable, Sendable {
        public enum Rule: String, Hashable, Sendable, CaseIterable { case mean, majority, unanimous }

        public var members: [AgentName]
        /// Of those that do not count as one.
        public var weights: [AgentName: Fraction]
        public var rule: Rule
    }

    public var smaCross: SMACross
    public var momentum: Momentum
    public var hybrid: Hybrid
    public var claude: Claude
    public var ensemble: Ensemble
    public var programs: [AgentName: Program]
    /// The weight of each agent's vote, as far as given; without any, all count the same. Given ones sum to 1.
    public var weights: [AgentName: Fraction]
    /// By the agent that asks it.
    public var policies: [AgentName: Policy]
    /// Parameters of all other agents as flat texts: `["rl_agent": ["type": "GRPO"]]`.
    public var raw: [String: [String: String]]

    /// Those that ask a learned policy.
    public static let policyNames = ["grpo", "deepseek"]

    /// The weight of an agent: 1 unless weights are given, and 0 for one they leave out.
    public func weight(of agent: AgentName) -> Fraction { weights.isEmpty ? .one : weights[agent] ?? .zero }

    /// Those that listen to the consultant, or may.
    public static let hybridName = AgentName("hybrid")
    public static let claudeName = AgentName("claude")
    public static let ensembleName = AgentName("ensemble")

    /// The names a profile may list, besides those of ``programs``.
    public static let knownNames =
        ["sma-cross", "momentum", "buy-and-hold"] + policyNames
        + [hybridName, claudeName, ensembleName].map(\.text)

    /// The agents that vote when these are listed, those inside of hybrid and ensemble among them; each once.
    public func voters(in names: [AgentName]) -> [AgentName] {
        var found: [AgentName] = []
        var waiting = names
        while !waiting.isEmpty {
            let name = waiting.removeFirst()
            guard !found.contains(name) else { continue }
            found.append(name)
            if name == Self.hybridName { waiting += hybrid.policy.map { [$0] } ?? [] }
            if name == Self.ensembleName { waiting += ensemble.members }
        }
        return found
    }

    /// Whether a consultant is asked for any of them.
    public func consults(_ names: [AgentName]) -> Bool {
        voters(in: names).contains { $0 == Self.hybridName || $0 == Self.claudeName }
    }
}
