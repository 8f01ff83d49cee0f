public import Core

/// What a consultant said of one symbol for one decision, as it goes into the decision's input.
public struct ConsultedAdvice: Hashable, Sendable {
    public let advice: Advice
    /// Whether a delay that the consultant asked for earlier is still running.
    public let isHeld: Bool
    /// The address of the question among the evidence; `nil` where none was put.
    public let question: Digest?

    public init(_ advice: Advice, isHeld: Bool = false, question: Digest? = nil) {
        self.advice = advice
        self.isHeld = isHeld
        self.question = question
    }

    var json: JSONValue {
        ["advice": advice.json, "is_held": .bool(isHeld), "question": JSONValue(question?.hex)]
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        advice = try Self.advice(try reader.member("advice"), path: reader.path)
        isHeld = try reader.bool("is_held")
        question =
            try reader.member("question") == .null ? nil : try reader.read("question") { Digest(hex: $0) }
    }

    private static func advice(_ json: JSONValue, path: String) throws(DecisionError) -> Advice {
        do { return try Advice(json: json) } catch {
            throw .evidence(path: "\(path).\(error.path)", problem: error.problem)
        }
    }
}
