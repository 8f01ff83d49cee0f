public import Core

/// An agent that is a program of somebody else's. Its vote was gathered before the decision and is part of its input, so
/// that the decision is made again without the program.
public struct OutsideAgent: Agent {
    public let name: AgentName

    public init(name: AgentName) { self.name = name }

    /// It has its own idea of how much history it needs.
    public var barsNeeded: Int { 1 }

    public func vote(_ view: MarketView) -> Vote {
        view.opinions.first { $0.agent == name }
            ?? .none(name, reason: "no-answer", message: "its program was not asked")
    }
}

extension Vote {
    /// Explicitly no opinion: it counts as a hold of no confidence.
    ///
    /// - Parameters:
    ///   - reason: stable, kebab-case.
    ///   - message: what happened; goes on from "has no opinion:".
    public static func none(_ agent: AgentName, reason: String, message: String) -> Vote {
        Vote(
            agent: agent, action: .hold, probabilities: Probabilities(hold: 1, buy: 0, sell: 0), confidence: 0,
            detail: ["reason": .string(reason), "message": .string(message)])
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        let shares = try reader.object("probabilities")
        self.init(
            agent: AgentName(try reader.string("agent")), action: try reader.read("action") { Action(rawValue: $0) },
            probabilities: Probabilities(
                hold: try shares.double("hold"), buy: try shares.double("buy"), sell: try shares.double("sell")),
            confidence: try reader.double("confidence"), detail: try reader.member("detail"))
    }
}
