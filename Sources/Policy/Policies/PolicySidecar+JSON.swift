public import Core
internal import Features

extension PolicySidecar {
    /// The stored form: the same policy gives the same bytes.
    public var json: JSONValue {
        [
            "schema": .string(Self.schema), "name": .string(name),
            "network": [
                "family": .string(family.rawValue), "inputs": .int(Int64(inputs)),
                "heads": heads.map { .int(Int64($0)) } ?? .null, "history": .int(Int64(history)),
            ],
            "actions": .array(actions.map { .string($0) }),
            "weights": ["file": .string(weights.file), "sha256": JSONValue(weights.digest)],
            "timeframe": JSONValue(timeframe), "features": features.map(Self.json(of:)) ?? .null,
            "normaliser": normaliser?.json ?? .null, "training": training.map(Self.json(of:)) ?? .null,
            "provenance": [
                "source": .string(provenance.source), "sha256": JSONValue(provenance.digest),
                "format": .string(provenance.format.rawValue),
                "notes": .object(provenance.notes.map { .init($0.key, .string($0.text)) }),
                "version": .string(provenance.version),
            ],
            "golden": .array(golden.map(\.json)),
        ]
    }

    /// Names the policy in evidence: what it is, its weights included.
    public var digest: Digest { json.digest }

    private static func json(of spec: FeatureSpec) -> JSONValue {
        [
            "schema": .string(FeatureSpec.schema), "schema_hash": JSONValue(spec.schemaHash),
            "window": .int(Int64(spec.window)), "list": .array(spec.features.map { JSONValue($0) }),
        ]
    }

    private static func json(of span: TrainingSpan) -> JSONValue {
        [
            "symbols": .array(span.symbols.map { JSONValue($0) }), "timeframe": JSONValue(span.timeframe),
            "session": .string(span.isExtended ? "extended" : "regular"),
            "first_open_at": JSONValue(span.first), "last_open_at": JSONValue(span.last),
        ]
    }

    /// Reads the stored form back, strictly.
    ///
    /// - Throws: ``PolicyError/evidence(path:problem:)`` for what is missing, damaged, of another version or at odds with
    ///   itself.
    public init(json: JSONValue) throws(PolicyError) {
        let reader = try EvidenceReader<PolicyError>(json, path: "policy")
        let schema = try reader.string("schema")
        guard schema == Self.schema else {
            throw .evidence(path: "policy.schema", problem: "is \(schema), and this program reads \(Self.schema)")
        }
        let network = try reader.object("network")
        let weights = try reader.object("weights")
        var golden: [GoldenVector] = []
        for item in try reader.objects("golden") { golden.append(try GoldenVector(item)) }
        let heads = try network.member("heads") == .null ? nil : try network.int("heads")
        try self.init(
            name: try reader.string("name"), family: try network.read("family") { Network.Family(rawValue: $0) },
            inputs: try network.int("inputs"), heads: heads, history: try network.int("history"),
            actions: try reader.strings("actions"),
            weights: Weights(
                file: try weights.string("file"), digest: try weights.read("sha256") { Digest(hex: $0) }),
            features: try Self.features(reader), normaliser: try Self.normaliser(reader),
            timeframe: try reader.member("timeframe") == .null ? nil : try reader.read("timeframe") { Timeframe($0) },
            training: try Self.training(reader), provenance: try Provenance(try reader.object("provenance")),
            golden: golden)
    }

    private static func features(_ reader: EvidenceReader<PolicyError>) throws(PolicyError) -> FeatureSpec? {
        guard try reader.member("features") != .null else { return nil }
        let stored = try reader.object("features")
        let schema = try stored.string("schema")
        guard schema == FeatureSpec.schema else {
            throw .evidence(
                path: "\(stored.path).schema", problem: "is \(schema), and this program computes \(FeatureSpec.schema)")
        }
        let (texts, window) = (try stored.strings("list"), try stored.int("window"))
        let spec: FeatureSpec
        do {
            var features: [Feature] = []
            for text in texts { features.append(try Feature(text)) }
            spec = try FeatureSpec(features, window: window)
        } catch { throw .evidence(path: "\(stored.path).list", problem: "cannot be read: \(error)") }
        guard try stored.string("schema_hash") == spec.schemaHash.hex else {
            throw .evidence(
                path: "\(stored.path).schema_hash", problem: "is not that of its features: the file was changed")
        }
        return spec
    }

    private static func normaliser(_ reader: EvidenceReader<PolicyError>) throws(PolicyError) -> FittedNormaliser? {
        let stored = try reader.member("normaliser")
        guard stored != .null else { return nil }
        do { return try FittedNormaliser(json: stored, path: "policy.normaliser") } catch {
            if case .evidence(let path, let problem) = error { throw .evidence(path: path, problem: problem) }
            throw .evidence(path: "policy.normaliser", problem: "cannot be read: \(error)")
        }
    }

    private static func training(_ reader: EvidenceReader<PolicyError>) throws(PolicyError) -> TrainingSpan? {
        guard try reader.member("training") != .null else { return nil }
        let stored = try reader.object("training")
        return TrainingSpan(
            symbols: try stored.strings("symbols").map { Symbol($0) },
            timeframe: try stored.read("timeframe") { Timeframe($0) }, first: try stored.instant("first_open_at"),
            last: try stored.instant("last_open_at"),
            isExtended: try stored.read("session") { ["regular": false, "extended": true][$0] })
    }
}

extension PolicySidecar.Provenance {
    fileprivate init(_ reader: EvidenceReader<PolicyError>) throws(PolicyError) {
        var notes: [Checkpoint.Note] = []
        for member in try reader.members("notes") {
            guard let text = member.value.stringValue else {
                throw .evidence(path: "\(reader.path).notes.\(member.key)", problem: "is no string")
            }
            notes.append(Checkpoint.Note(member.key, text))
        }
        self.init(
            source: try reader.string("source"), digest: try reader.read("sha256") { Digest(hex: $0) },
            format: try reader.read("format") { Checkpoint.Format(rawValue: $0) }, notes: notes,
            version: try reader.string("version"))
    }
}

extension GoldenVector {
    fileprivate var json: JSONValue {
        ["state": Self.json(state), "history": Self.json(history), "probabilities": Self.json(probabilities)]
    }

    fileprivate init(_ reader: EvidenceReader<PolicyError>) throws(PolicyError) {
        func numbers(_ key: String) throws(PolicyError) -> [Float] {
            let items = try reader.array(key)
            let numbers = items.compactMap(\.doubleValue).map { Float($0) }
            guard numbers.count == items.count, numbers.allSatisfy(\.isFinite) else {
                throw .evidence(path: "\(reader.path).\(key)", problem: "holds something else than numbers")
            }
            return numbers
        }
        self.init(
            state: try numbers("state"), history: try numbers("history"), probabilities: try numbers("probabilities"))
    }

    private static func json(_ values: [Float]) -> JSONValue { .array(values.map { JSONValue.shortest($0) }) }
}

extension JSONValue {
    /// A 32-bit number in the fewest digits that tell it from its neighbours.
    public static func shortest(_ value: Float) -> JSONValue { Double("\(value)").map { .double($0) } ?? .null }
}
