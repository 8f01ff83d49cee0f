internal import Core
internal import Policy

/// What an iteration starts from, apart from the settings.
struct TrainingState: Hashable, Sendable {
    /// The next.
    var iteration = 0
    var parameters: [Float]
    var reference: [Float]
    var adam: Adam<Float>
    var scale = RunningScale()

    init(parameters: [Float], reference: [Float]) {
        (self.parameters, self.reference) = (parameters, reference)
        adam = Adam(count: parameters.count)
    }
}

/// Training as it stands, as safetensors: weights, the reference, Adam's moments and the untrained tensors under prefixes;
/// settings and counters in the metadata.
///
/// The generators need no state: every stream is named by the iteration and begins anew in it, so the seed and the number of
/// iterations are all that randomness is.
struct TrainingCheckpoint {
    static let schema = "takt.training/1"
    private static let settingPrefix = "setting."

    let layout: ParameterLayout
    let state: TrainingState
    let heads: Int?
    let history: Int
    let settings: TrainingSettings
    let configuration: Digest

    private enum Part: String, CaseIterable {
        case parameters = "policy/"
        case reference = "reference/"
        case first = "adam_first/"
        case second = "adam_second/"
        case constants = "constant/"
    }

    /// The same state gives the same bytes.
    var bytes: [UInt8] {
        var tensors = layout.tensors(of: state.parameters, prefix: Part.parameters.rawValue)
        tensors += layout.tensors(of: state.reference, prefix: Part.reference.rawValue)
        tensors += layout.tensors(of: state.adam.first, prefix: Part.first.rawValue)
        tensors += layout.tensors(of: state.adam.second, prefix: Part.second.rawValue)
        tensors += layout.constants.map {
            Tensor(Part.constants.rawValue + $0.name, shape: $0.shape, values: $0.values)
        }
        let notes: [(String, String)] = [
            ("schema", Self.schema), ("iteration", "\(state.iteration)"), ("adam_steps", "\(state.adam.steps)"),
            ("scale_squares", "\(state.scale.squares)"), ("scale_weight", "\(state.scale.weight)"),
            ("heads", heads.map { "\($0)" } ?? "none"), ("history", "\(history)"),
            ("configuration", configuration.hex), ("settings", settings.digest.hex),
        ]
        let fields = settings.fields.map { (Self.settingPrefix + $0.key, $0.text) }
        return Safetensors.bytes(of: tensors, notes: (notes + fields).map { Checkpoint.Note($0.0, $0.1) })
    }

    init(
        layout: ParameterLayout, state: TrainingState, heads: Int?, history: Int, settings: TrainingSettings,
        configuration: Digest
    ) {
        (self.layout, self.state, self.heads, self.history) = (layout, state, heads, history)
        (self.settings, self.configuration) = (settings, configuration)
    }

    /// Reads one of these settings and this configuration.
    init(_ bytes: [UInt8], settings: TrainingSettings, configuration: Digest) throws(LearningError) {
        let file: Checkpoint
        do { file = try Checkpoint.read(bytes) } catch { throw .checkpoint(problem: "\(error)") }
        func note(_ key: String) throws(LearningError) -> String {
            guard let text = file[note: key] else { throw .checkpoint(problem: "its metadata lack '\(key)'") }
            return text
        }
        func number<Number: LosslessStringConvertible>(_ key: String) throws(LearningError) -> Number {
            let text = try note(key)
            guard let number = Number(text) else { throw .checkpoint(problem: "its '\(key)' is '\(text)'") }
            return number
        }
        guard file[note: "schema"] == Self.schema else {
            let found = file[note: "schema"].map { "is of the schema '\($0)'" } ?? "names no schema"
            throw .checkpoint(problem: "it \(found), and this program reads \(Self.schema)")
        }
        for field in settings.fields {
            let stored = try note(Self.settingPrefix + field.key)
            guard stored == field.text else {
                throw .differs(field: "setting '\(field.key)'", checkpoint: stored, running: field.text)
            }
        }
        let stored = try note("configuration")
        guard stored == configuration.hex else {
            throw .differs(field: "configuration", checkpoint: stored, running: configuration.hex)
        }
        let heads = try note("heads")
        (self.heads, history) = (heads == "none" ? nil : try number("heads"), try number("history"))
        (self.settings, self.configuration) = (settings, configuration)
        var parts = try Self.parts(file.tensors)
        let constants = parts.removeValue(forKey: .constants) ?? []
        layout = ParameterLayout((parts[.parameters] ?? []) + constants)
        var state = TrainingState(
            parameters: try Self.values(parts, .parameters, layout),
            reference: try Self.values(parts, .reference, layout))
        (state.iteration, state.adam.steps) = (try number("iteration"), try number("adam_steps"))
        state.adam.first = try Self.values(parts, .first, layout)
        state.adam.second = try Self.values(parts, .second, layout)
        (state.scale.squares, state.scale.weight) = (try number("scale_squares"), try number("scale_weight"))
        let isSound =
            state.iteration >= 0 && state.adam.steps >= 0 && state.scale.squares >= 0 && state.scale.squares.isFinite
            && state.scale.weight >= 0 && state.scale.weight.isFinite && state.adam.second.allSatisfy { $0 >= 0 }
        guard isSound else { throw .checkpoint(problem: "its counters or moments are below zero or not finite") }
        self.state = state
    }

    private static func parts(_ tensors: [Tensor]) throws(LearningError) -> [Part: [Tensor]] {
        var parts: [Part: [Tensor]] = [:]
        for tensor in tensors {
            guard let part = Part.allCases.first(where: { tensor.name.hasPrefix($0.rawValue) }) else {
                throw .checkpoint(problem: "the tensor '\(tensor.name.plain(limit: 200))' belongs to no part of it")
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw .checkpoint(problem: "the tensor '\(tensor.name.plain(limit: 200))' is not finite")
            }
            parts[part, default: []].append(
                Tensor(String(tensor.name.dropFirst(part.rawValue.count)), shape: tensor.shape, values: tensor.values))
        }
        return parts
    }

    private static func values(
        _ parts: [Part: [Tensor]], _ part: Part, _ layout: ParameterLayout
    ) throws(LearningError) -> [Float] {
        let tensors = parts[part] ?? []
        guard tensors.count == layout.places.count, let values = layout.values(of: tensors) else {
            throw .checkpoint(problem: "its part '\(part.rawValue)' lacks tensors, or has others than its weights")
        }
        return values
    }
}
