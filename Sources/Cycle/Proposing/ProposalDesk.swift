internal import Broker
public import Core
internal import Decision
internal import Ledger
public import Settings
internal import Store

/// Takes order intents from outside: the same filters, sizing and rounding as for a decision of an agent, the same evidence,
/// and the same way through the risk check.
///
/// There is one proposal per symbol and cycle. Handed in again it changes nothing, and another one beside it is refused; so is
/// one for a symbol that an order of the cycle stands for already. What is refused keeps nothing else from being taken, and
/// all that is taken is stored in one transaction.
public struct ProposalDesk {
    let context: CycleContext
    let profile: Profile
    let isDryRun: Bool

    public init(context: CycleContext, profile: Profile, isDryRun: Bool) {
        self.context = context
        self.profile = profile
        self.isDryRun = isDryRun
    }

    /// - Parameter input: one proposal per line; empty lines are passed over.
    public func take(_ input: [UInt8], for cycle: CycleID) async -> ProposalDocument {
        // Read here and not earlier: whoever writes the lines may have taken long.
        let beat = Beat(context: context, cycle: cycle, profile: profile, now: context.clock.now(), isDryRun: isDryRun)
        do {
            let count = input.count { $0 == UInt8(ascii: "\n") }
            guard count <= Self.lineLimit else { throw Self.tooMany(count) }
            let lines = ProposalLine.lines(of: input, cycle)
            let (answers, warnings) = try await answers(to: lines, beat)
            return ProposalDocument(beat, answers, warnings: warnings)
        } catch {
            return ProposalDocument(beat, [], failure: StepFailure(describing: error))
        }
    }

    /// Far more than any profile has symbols; each line is answered.
    private static let lineLimit = 10_000

    private static func tooMany(_ count: Int) -> StepFailure {
        StepFailure(
            code: "too-many-lines", message: "\(count) proposals were handed in; \(lineLimit) are allowed.",
            hint: "Nothing was stored. Hand in at most one for each symbol.", isRetryable: false, exitCode: .badInput)
    }

    private func answers(
        to lines: [ProposalLine], _ beat: Beat
    ) async throws -> (answers: [ProposalAnswer], warnings: [String]) {
        guard lines.contains(where: \.isSound) else { return (lines.map { $0.refused }, []) }
        if let hindrance = try DecisionReadiness.hindrance(beat) {
            let why = hindrance.warnings.joined(separator: "; ")
            let told = try context.store.read { try ProposalTaking(beat, lines, $0).standing() }
            let code = beat.missedItsWindow ? "late" : "not-ready"
            return (zip(lines, told).map { $1 ?? $0.refused(code, why) }, [])
        }
        // What is held has to be on the scale of the bars, as for any decision.
        let notes = isDryRun ? [] : try await ActivityBooking.bringUpToDate(beat)
        let readiness = try DecisionReadiness(beat, besides: [])
        if !isDryRun { try SplitWatch.alert(readiness.suspicions, beat) }
        context.failpoints.hit(.proposeBeforeWrite)
        let taken =
            isDryRun
            ? try context.store.read { try ProposalTaking(beat, lines, $0).decide(readiness) }
            // Unlike a step, which computes the same again, nobody may hand in the same lines again: they outlast a power cut.
            : try context.store.write(durable: true) { writer in
                let taken = try ProposalTaking(beat, lines, writer).decide(readiness)
                try taken.store(beat, in: writer)
                return taken
            }
        context.failpoints.hit(.proposeAfterWrite)
        return (taken.answers, notes + taken.decisions.flatMap(\.decision.remarks))
    }
}

/// One line of the input: a proposal, or what is wrong with it.
struct ProposalLine {
    /// From 1.
    let number: Int
    /// As far as the line tells.
    let symbol: Symbol?
    let content: Result<OutsideProposal, LineRefusal>

    static func lines(of input: [UInt8], _ cycle: CycleID) -> [ProposalLine] {
        input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            index, line in
            guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) else { return nil }
            let symbol = OutsideProposal.symbol(of: line)
            return ProposalLine(number: index + 1, symbol: symbol, content: read(line, cycle))
        }
    }

    private static func read(_ line: ArraySlice<UInt8>, _ cycle: CycleID) -> Result<OutsideProposal, LineRefusal> {
        do throws(LineRefusal) {
            let proposal = try OutsideProposal(line)
            guard let own = proposal.cycle, own != cycle else { return .success(proposal) }
            throw LineRefusal("cycle", "is \(own); this is \(cycle)")
        } catch {
            return .failure(error)
        }
    }

    var isSound: Bool { (try? content.get()) != nil }

    /// The answer to a line that cannot be read.
    var refused: ProposalAnswer {
        switch content {
        case .failure(let refusal):
            ProposalAnswer(
                line: number, symbol: symbol, .refused(code: "malformed", key: refusal.key, reason: refusal.problem))
        case .success: refused("not-taken", "was not looked at")
        }
    }

    func refused(_ code: String, _ reason: String) -> ProposalAnswer {
        guard isSound else { return refused }
        return ProposalAnswer(line: number, symbol: symbol, .refused(code: code, key: nil, reason: reason))
    }
}

/// What became of one line.
struct ProposalAnswer {
    enum Outcome {
        case taken(StoredDecision)
        /// The same was taken before.
        case repeated(StoredDecision)
        /// - Parameter reason: goes on from the key, or from the symbol.
        case refused(code: String, key: String?, reason: String)
    }

    let line: Int
    let symbol: Symbol?
    let outcome: Outcome

    init(line: Int, symbol: Symbol?, _ outcome: Outcome) {
        self.line = line
        self.symbol = symbol
        self.outcome = outcome
    }

    var decision: StoredDecision? {
        switch outcome {
        case .taken(let decision), .repeated(let decision): decision
        case .refused: nil
        }
    }
}
