public import Core

/// What a consultant would do with the position.
public enum SuggestedAction: String, Hashable, Sendable, CaseIterable {
    case hold, buy, sell
    /// Towards flat, by the size factor.
    case reduce
    /// Flat.
    case exit
}

/// Why a consultant's words cannot be taken.
public struct AdviceError: EvidenceFailure, Hashable, Sendable, CustomStringConvertible {
    /// Where in the document: `opinion.size_factor`.
    public let path: String
    /// Goes on from the path: `is 5, allowed is 0 to 1`.
    public let problem: String

    public static func evidence(path: String, problem: String) -> AdviceError {
        AdviceError(path: path, problem: problem)
    }

    public var description: String { "\(path) \(problem)" }
}

/// What a consultant said of one symbol at one bar. Every number is in its range: there is no other way to make one.
///
/// The texts are for people. Nothing is ever decided by them.
public struct Opinion: Hashable, Sendable {
    public let action: SuggestedAction
    /// 0 (none) to 1 (certain).
    public let confidence: Double
    /// 0 (no risk seen) to 1 (extreme).
    public let riskScore: Double
    /// What to multiply the size of an entry with, and what to keep of a position that is to be reduced: 0 to 1.
    public let sizeFactor: Fraction
    /// Bars for which nothing should be entered, this one included; 0 is no delay.
    public let delayBars: Int
    /// Whether an entry is forbidden.
    public let isVeto: Bool
    public let observations: [String]
    public let risks: [String]

    /// Beyond a session of five-minute bars a delay is a veto at every bar, to be said anew.
    public static let delayLimit = 78
    public static let textsLimit = 8
    /// Unicode scalars.
    public static let textLimit = 240

    /// Texts that are too many or too long are cut, numbers out of range refused.
    public init(
        action: SuggestedAction, confidence: Double, riskScore: Double, sizeFactor: Fraction = .one,
        delayBars: Int = 0, isVeto: Bool = false, observations: [String] = [], risks: [String] = []
    ) throws(AdviceError) {
        try Self.share("confidence", confidence)
        try Self.share("risk_score", riskScore)
        guard !sizeFactor.isNegative, sizeFactor <= .one else {
            throw AdviceError(path: "opinion.size_factor", problem: "is \(sizeFactor), allowed is 0 to 1")
        }
        guard (0...Self.delayLimit).contains(delayBars) else {
            throw AdviceError(
                path: "opinion.delay_bars", problem: "is \(delayBars), allowed is 0 to \(Self.delayLimit)")
        }
        self.action = action
        self.confidence = confidence
        self.riskScore = riskScore
        self.sizeFactor = sizeFactor
        self.delayBars = delayBars
        self.isVeto = isVeto
        self.observations = Self.bounded(observations)
        self.risks = Self.bounded(risks)
    }

    private static func share(_ name: String, _ value: Double) throws(AdviceError) {
        // Not-a-number is in no range.
        guard (0...1).contains(value) else {
            throw AdviceError(path: "opinion.\(name)", problem: "is \(value), allowed is 0 to 1")
        }
    }

    private static func bounded(_ texts: [String]) -> [String] {
        texts.lazy.map { DisplayText.clean($0, limit: textLimit) }.filter { !$0.isEmpty }.prefix(textsLimit)
            .map { $0 }
    }
}

// MARK: - JSON

extension Opinion {
    /// The members in the order in which they are written; a consultant's answer has all of them and no other.
    public enum Member: String, CaseIterable, Sendable {
        case action, confidence
        case riskScore = "risk_score"
        case sizeFactor = "size_factor"
        case delayBars = "delay_bars"
        case veto, observations, risks
    }

    public static let keys = Member.allCases.map(\.rawValue)

    public var json: JSONValue {
        [
            "action": .string(action.rawValue), "confidence": .double(confidence), "risk_score": .double(riskScore),
            "size_factor": .double(sizeFactor.doubleValue), "delay_bars": .int(Int64(delayBars)),
            "veto": .bool(isVeto), "observations": .array(observations.map { .string($0) }),
            "risks": .array(risks.map { .string($0) }),
        ]
    }

    /// Reads a consultant's answer, or what ``json`` wrote: no member may be missing, none be unknown, none of another
    /// type, no number out of range.
    public init(json: JSONValue, path: String = "opinion") throws(AdviceError) {
        let reader = try AdviceReader(json, path: path)
        try reader.allow(Self.keys)
        let factor = try reader.number("size_factor")
        guard (0...1).contains(factor), let exact = try? FixedPoint(nearest: factor) else {
            throw AdviceError(path: "\(path).size_factor", problem: "is \(factor), allowed is 0 to 1")
        }
        try self.init(
            action: try reader.read("action") { SuggestedAction(rawValue: $0) },
            confidence: try reader.number("confidence"), riskScore: try reader.number("risk_score"),
            sizeFactor: Fraction(exact), delayBars: try reader.int("delay_bars"), isVeto: try reader.bool("veto"),
            observations: try reader.strings("observations"), risks: try reader.strings("risks"))
    }
}

typealias AdviceReader = Core::EvidenceReader<AdviceError>

extension AdviceReader {
    /// No member but these.
    func allow(_ keys: [String]) throws(AdviceError) {
        guard case .object(let members) = value else { return }
        for member in members where !keys.contains(member.key) {
            let name = DisplayText.clean(member.key, limit: 40)
            throw AdviceError(path: path, problem: "has the unknown member '\(name)'")
        }
    }

    func number(_ key: String) throws(AdviceError) -> Double {
        guard let number = try member(key).doubleValue else {
            throw AdviceError(path: "\(path).\(key)", problem: "is no number")
        }
        return number
    }
}
