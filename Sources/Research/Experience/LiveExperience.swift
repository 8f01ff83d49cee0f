public import Core
public import Learning
internal import Ledger
public import Sessions
public import Store

/// What a policy has lived through: its stored decisions, each with what came of it.
///
/// The state, the logits and the action stand in the vote, the books of the moment in the evidence. What a decision has brought is
/// what its symbol has brought from bar to bar, in net log return of the whole equity, until nothing was held any more or the
/// session was over; the whole of it, as in training: an entry is paid for by what the position brings later.
///
/// Only what the policy alone has decided counts: what was done is what it voted for, nobody else's vote had weight, no consultant
/// held it back, and its action could do something.
public struct LiveExperience: Sendable {
    public struct Item: Sendable {
        /// The close of the bar that was decided on.
        public let cycle: CycleID
        /// That at which it was known what came of it.
        public let known: CycleID
        public let experience: Experience
    }

    /// Oldest first.
    public let items: [Item]
    /// Decisions with a known outcome that do not count, as what the policy saw before them can no longer be told.
    public let forgotten: Int

    /// The newest decision by which anything was known; `nil` without experience.
    public var through: CycleID? { items.map(\.known).max() }

    /// - Parameters:
    ///   - policy: the digest of the sidecar that decided; decisions of others are passed over.
    ///   - agent: who asked it, for itself or for the hybrid agent around it.
    ///   - actions: what its outputs mean, in their order.
    ///   - history: of the policy.
    ///   - limit: decisions that are looked back on, the newest.
    ///   - calendar: of a symbol's bars; `nil` for one that is no longer known, which is passed over.
    public init(
        of policy: Digest, agent: AgentName, actions: [String], profile: ProfileName, _ timeframe: Timeframe,
        history: LivedHistory = .none, limit: Int, calendar: (Symbol) -> ExchangeCalendar?, in reader: StoreReader
    ) throws {
        let rows = try reader.decisions(ListFilter(profile: profile, limit: limit))
        let decisions = rows.filter { $0.origin == .decide }
        // What a proposal brought is no consequence of what the policy said at that bar.
        let proposed = Set(
            rows.filter { $0.origin == .propose && $0.intentID != nil }
                .map { StoredDecision.Key($0.cycle, $0.symbol, .decide) })
        let eye = DecisionEye(policy: policy, agent: agent, actions: actions, rows: history.rows)
        var seen: [Symbol: [SeenDecision]] = [:]
        // The symbols of a cycle share their evidence, which is read once.
        var evidence: [Digest: JSONValue] = [:]
        var cycle: CycleID?
        for decision in decisions {
            if decision.cycle != cycle { (cycle, evidence) = (decision.cycle, [:]) }
            guard let digest = decision.inputDigest else { continue }
            guard let body = try evidence[digest] ?? reader.evidence(digest)?.body else { continue }
            evidence[digest] = body
            guard let scene = try DecidedScene(body, of: decision.symbol, at: decision.cycle.barClose) else { continue }
            let look = eye.look(decision, scene, isDisturbed: proposed.contains(decision.key))
            seen[decision.symbol, default: []].append(look)
        }
        let entries = try reader.ledgerEntries()
        var (items, forgotten) = ([Item](), 0)
        for (symbol, decisions) in seen.sorted(by: { $0.key < $1.key }) {
            guard let calendar = calendar(symbol) else { continue }
            var life = try SymbolLife(decisions, symbol, timeframe, calendar, in: reader)
            try life.value(entries)
            let told = try history.told(of: symbol, at: decisions.map(\.cycle), timeframe, calendar)
            let lived = life.items(told)
            items += lived.compactMap { $0 }
            forgotten += lived.count { $0 == nil }
        }
        self.init(items, forgotten: forgotten)
    }

    /// - Parameter items: in any order; those of one bar stay in theirs.
    init(_ items: [Item], forgotten: Int = 0) {
        self.forgotten = forgotten
        self.items = items.enumerated().sorted { ($0.element.cycle, $0.offset) < ($1.element.cycle, $1.offset) }
            .map(\.element)
    }
}

/// A decision as a policy's experience sees it.
struct SeenDecision {
    /// What a policy saw and did.
    struct Deed {
        let state: [Float]
        /// Of the rows before; of none at all where the policy takes none.
        let history: Digest?
        let action: Int
        let logits: [Float]
    }

    let cycle: CycleID
    let at: Instant
    let scene: DecidedScene
    /// `nil` where the policy had no say.
    let deed: Deed?
    /// Whether the deed is what was done, and was the policy's alone.
    let isOwn: Bool
    /// The same, though perhaps nothing could be done: what was begun before goes on as the policy wants.
    let isFollowed: Bool
    /// Whether somebody outside had an order in the same cycle.
    let isDisturbed: Bool
}

/// Finds a policy's part in a decision.
private struct DecisionEye {
    let policy: Digest
    let agent: AgentName
    let actions: [String]
    /// Of history.
    let rows: Int

    /// What stops a policy without it having been asked; those that an episode knows too, such as a cooldown, it learns to live with.
    private static let strangers: Set<String> = [
        "market-open", "stale", "minimum-confidence", "consultant", "halted", "correlation",
    ]

    func look(_ decision: StoredDecision, _ scene: DecidedScene, isDisturbed: Bool) -> SeenDecision {
        let votes = decision.votes.arrayValue ?? []
        let found = votes.lazy.compactMap { outer in vote(in: outer).map { (outer, $0) } }.first
        guard let (outer, vote) = found, let deed = deed(vote) else {
            return SeenDecision(
                cycle: decision.cycle, at: decision.createdAt, scene: scene, deed: nil, isOwn: false, isFollowed: false,
                isDisturbed: isDisturbed)
        }
        let isStopped = (decision.filters.arrayValue ?? []).contains { filter in
            filter["passed"] != true && Self.strangers.contains(filter["name"]?.stringValue ?? "")
        }
        let isRestrained = votes.contains { $0["detail"]?["restraint"].map { $0 != "none" } ?? false }
        let isAlone = scene.voters == [outer["agent"]?.stringValue ?? ""] && !isRestrained
        let isDone = [outer["action"], .string(decision.action.rawValue)].allSatisfy { $0 == vote["action"] }
        return SeenDecision(
            cycle: decision.cycle, at: decision.createdAt, scene: scene, deed: deed,
            isOwn: isAlone && isDone && !isStopped && scene.isPossible, isFollowed: isAlone && isDone,
            isDisturbed: isDisturbed)
    }

    /// The agent's vote: the outer one, or that of the policy inside of a hybrid agent.
    private func vote(in outer: JSONValue) -> JSONValue? {
        [outer, outer["detail"]?["policy_vote"]].compactMap { $0 }.first {
            $0["agent"]?.stringValue == agent.text && $0["detail"]?["sidecar"]?.stringValue == policy.hex
        }
    }

    private func deed(_ vote: JSONValue) -> SeenDecision.Deed? {
        guard let action = vote["action"]?.stringValue.flatMap({ actions.firstIndex(of: $0) }),
            let state = vote["detail"]?["state"]?.floats, let logits = vote["detail"]?["logits"]?.floats,
            vote["detail"]?["history"]?.intValue == Int64(rows)
        else { return nil }
        let history = vote["detail"]?["history_digest"]?.stringValue.flatMap { Digest(hex: $0) }
        return SeenDecision.Deed(state: state, history: history, action: action, logits: logits)
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
