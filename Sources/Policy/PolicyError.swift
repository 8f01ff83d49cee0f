public import Core

/// Why a checkpoint or a policy is refused.
public enum PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    case notACheckpoint(String)
    case tooLarge(_ what: String, count: Int, limit: Int, unit: String)
    /// The zip container; `entry` is `nil` for the archive as a whole.
    case archive(entry: String?, offset: Int, problem: String)
    /// The header of safetensors.
    case header(offset: Int, problem: String)
    /// An instruction of the pickle.
    case pickle(opcode: String, offset: Int, problem: String)
    /// The pickle wants a class or function that tensors do not need.
    case forbiddenGlobal(String, offset: Int)
    case tensor(String, problem: String)
    case missingTensor(String, family: String)
    case extraTensors([String], family: String)
    case shape(tensor: String, expected: [Int], found: [Int])
    case notFinite(tensor: String, index: Int, value: String)
    /// Tensors of no network that is known.
    case unknownFamily(firstTensor: String?)
    /// A transformer's weights do not tell it.
    case headsUnknown(width: Int)
    case heads(Int, width: Int)
    case history(Int, allowed: ClosedRange<Int>)
    /// An input that the network does not take.
    case input(String)
    /// A sidecar that cannot be read.
    case evidence(path: String, problem: String)
    /// The weights are not those that the sidecar was written for.
    case otherWeights(expected: Digest, found: Digest)
    /// A recorded inference does not come out.
    case golden(index: Int, expected: [Float], found: [Float])
    /// The policy was made for something else than what runs.
    case differs(field: String, policy: String, running: String)

    /// Names in it may come from a hostile file.
    public var description: String { text.plain(limit: Self.textLimit) }

    private static let textLimit = 1000

    private var text: String {
        switch self {
        case .notACheckpoint(let reason): "no checkpoint: \(reason)"
        case .tooLarge(let what, let count, let limit, let unit): "\(what) has \(count) \(unit), \(limit) are the most"
        case .archive(let entry?, let offset, let problem): "the entry '\(entry)' at byte \(offset) \(problem)"
        case .archive(nil, let offset, let problem): "the zip archive is damaged at byte \(offset): \(problem)"
        case .header(let offset, let problem): "the header is damaged at byte \(offset): \(problem)"
        case .pickle(let opcode, let offset, let problem):
            "the opcode \(opcode) at byte \(offset) of data.pkl \(problem)"
        case .forbiddenGlobal(let name, let offset):
            "data.pkl asks for '\(name)' at byte \(offset), which no tensor needs and which could run code"
        case .tensor(let name, let problem): "the tensor '\(name)' \(problem)"
        case .missingTensor(let name, let family): "the tensor '\(name)' is missing, which a \(family) needs"
        case .extraTensors(let names, let family): Self.extra(names, family)
        case .shape(let tensor, let expected, let found):
            "the tensor '\(tensor)' has the shape \(Tensor.text(found)), not \(Tensor.text(expected))"
        case .notFinite(let tensor, let index, let value):
            "the tensor '\(tensor)' holds \(value) as its number \(index + 1)"
        case .unknownFamily(let tensor): Self.family(tensor)
        case .headsUnknown(let width):
            "nothing says how many heads the transformer of width \(width) has, and its weights do not show it"
        case .heads(let heads, let width): "\(heads) heads do not divide a width of \(width)"
        case .history(let rows, let allowed):
            "a history of \(rows) rows is out of range; allowed is \(allowed.lowerBound) to \(allowed.upperBound)"
        case .input(let problem): problem
        case .evidence(let path, let problem): "\(path) \(problem)"
        case .otherWeights(let expected, let found):
            "the weights have the SHA-256 \(found), and the sidecar was written for \(expected)"
        case .golden(let index, let expected, let found):
            "recorded inference \(index + 1) gave the probabilities \(expected), and these weights give \(found)"
        case .differs(let field, let policy, let running):
            "the policy was made for another \(field): \(policy) there, \(running) here"
        }
    }

    private static func extra(_ names: [String], _ family: String) -> String {
        let shown = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        return
            "the tensor\(names.count == 1 ? "" : "s") \(shown)\(more) belong\(names.count == 1 ? "s" : "") to no \(family)"
    }

    private static func family(_ tensor: String?) -> String {
        guard let tensor else { return "there is no tensor in it" }
        return "no network of a known kind has a tensor '\(tensor)'; known are those with 'policy.0.weight' (GRPO) and "
            + "'temporal_encoder.feature_embedding.weight' (DeepSeek)"
    }
}

extension PolicyError: EvidenceFailure {}
