public import Core
public import Learning
#if canImport(Glibc)
    internal import Glibc
#endif
public import Store

/// What a policy has lived through: its stored decisions, each with what equity was at the next one.
///
/// Nothing is computed again: the state, the logits and the action stand in the vote, equity in the evidence of the decision. So an
/// experience is exactly what was seen, by the policy whose digest it names.
public struct LiveExperience: Sendable {
    /// The close of the bar, and what came of the decision there.
    public let items: [(cycle: CycleID, experience: Experience)]

    /// - Parameters:
    ///   - policy: the digest of the sidecar that decided; decisions of others are passed over.
    ///   - actions: what its outputs mean, in their order.
    ///   - limit: the most, the newest ones.
    public init(
        of policy: Digest, agent: AgentName, actions: [String], profile: ProfileName, limit: Int, in reader: StoreReader
    ) throws {
        let decisions = try reader.decisions(ListFilter(profile: profile)).filter { $0.origin == .decide }
        let flows = try reader.ledgerEntries().filter(\.movesCapital).map(\.at)
        var items: [(CycleID, Experience)] = []
        for (_, own) in Dictionary(grouping: decisions, by: \.symbol).sorted(by: { $0.key < $1.key }) {
            for (decision, next) in zip(own, own.dropFirst()) {
                guard let vote = decision.votes.arrayValue?.first(where: { $0["agent"]?.stringValue == agent.text }),
                    vote["detail"]?["sidecar"]?.stringValue == policy.hex,
                    let action = vote["action"]?.stringValue.flatMap({ actions.firstIndex(of: $0) }),
                    let state = vote["detail"]?["state"]?.floats, let logits = vote["detail"]?["logits"]?.floats,
                    vote["detail"]?["history"] == 0,
                    // Money that came or went between the two is no reward.
                    !flows.contains(where: { decision.createdAt < $0 && $0 <= next.createdAt }),
                    let before = try Self.equity(decision, reader), let after = try Self.equity(next, reader),
                    before > 0, after > 0
                else { continue }
                let experience = Experience(
                    state: state, action: action, logits: logits, reward: log(after / before))
                items.append((decision.cycle, experience))
            }
        }
        let ordered = items.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element)
        self.items = ordered.suffix(limit).map { (cycle: $0.0, experience: $0.1) }
    }

    /// Of the books that the decision was made from, in base currency; `nil` where it was not known.
    private static func equity(_ decision: StoredDecision, _ reader: StoreReader) throws -> Double? {
        guard let digest = decision.inputDigest, let body = try reader.evidence(digest)?.body,
            let text = body["input"]?["equity"]?.stringValue
        else { return nil }
        return try FixedPoint(text).doubleValue
    }
}

extension LedgerEntry {
    /// Whether it changes equity without having been earned.
    fileprivate var movesCapital: Bool {
        switch fact {
        case .deposit, .openingPosition, .transfer, .valuation: true
        case .fill, .bust, .dividend, .split, .conversion, .adjustment: false
        }
    }
}

extension JSONValue {
    /// `nil` for anything but an array of numbers.
    fileprivate var floats: [Float]? {
        guard let items = arrayValue else { return nil }
        let numbers = items.compactMap(\.doubleValue)
        return numbers.count == items.count ? numbers.map { Float($0) } : nil
    }
}
