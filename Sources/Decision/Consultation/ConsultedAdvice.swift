public import Core

/// What a consultant said of one symbol for one decision, as it goes into the decision's input.
public struct ConsultedAdvice: Hashable, Sendable {
    /// Said for this very bar.
    public let advice: Advice
    /// Said earlier, and standing for entries until somebody says something else.
    public let standing: Opinion?
    /// Whether a delay that the consultant asked for earlier is still running.
    public let isHeld: Bool
    /// Whether the last attempts to ask have brought nothing.
    public let isMissing: Bool
    /// The address of the bytes that the question was put in, by which the requests are on file; `nil` where nothing was
    /// asked, now or at an earlier run for the same bar.
    public let question: Digest?

    public init(
        _ advice: Advice, standing: Opinion? = nil, isHeld: Bool = false, isMissing: Bool = false,
        question: Digest? = nil
    ) {
        self.advice = advice
        self.standing = standing
        self.isHeld = isHeld
        self.isMissing = isMissing
        self.question = question
    }

    var json: JSONValue {
        [
            "advice": advice.json, "standing": standing?.json ?? .null, "is_held": .bool(isHeld),
            "is_missing": .bool(isMissing), "question": JSONValue(question?.hex),
        ]
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        advice = try Self.said(reader.path) { () throws(AdviceError) in
            try Advice(json: try AdviceReader(reader.value, path: reader.path).member("advice"))
        }
        standing =
            try reader.member("standing") == .null
            ? nil
            : try Self.said(reader.path) { () throws(AdviceError) in
                try Opinion(
                    json: try AdviceReader(reader.value, path: reader.path).member("standing"), path: "standing")
            }
        isHeld = try reader.bool("is_held")
        isMissing = try reader.bool("is_missing")
        question =
            try reader.member("question") == .null ? nil : try reader.read("question") { Digest(hex: $0) }
    }

    private static func said<Value>(
        _ path: String, _ read: () throws(AdviceError) -> Value
    ) throws(DecisionError) -> Value {
        do { return try read() } catch {
            throw .evidence(path: "\(path).\(error.path)", problem: error.problem)
        }
    }
}
