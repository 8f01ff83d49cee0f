public import Core

extension FittedNormaliser {
    /// Version of the stored form.
    public static let schema = "takt.normaliser/1"

    /// What a file or a policy's sidecar holds: the same value, the same bytes.
    public var json: JSONValue {
        [
            "schema": .string(Self.schema), "features_schema": .string(FeatureSpec.schema),
            "schema_hash": JSONValue(spec.schemaHash), "window": .int(Int64(spec.window)),
            "fitted": [
                "symbols": .array(span.symbols.map { JSONValue($0) }), "timeframe": JSONValue(span.timeframe),
                "session": .string(span.isExtended ? "extended" : "regular"),
                "first_open_at": JSONValue(span.first), "last_open_at": JSONValue(span.last),
                "vectors": .int(Int64(count)),
            ],
            "features": .array(
                zip(spec.features, scales).map { feature, scale in
                    ["feature": JSONValue(feature), "parameters": scale.json]
                }),
        ]
    }

    /// Reads the stored form back; the list of features comes with it.
    ///
    /// - Throws: ``FeatureError/evidence(path:problem:)`` for what is missing, unknown, damaged or of another version, and
    ///   the errors of a list that cannot be read.
    public init(json: JSONValue, path: String = "normaliser") throws(FeatureError) {
        let reader = try EvidenceReader<FeatureError>(json, path: path)
        try Self.require(reader, "schema", Self.schema)
        try Self.refuseOthers(
            than: ["schema", "features_schema", "schema_hash", "window", "fitted", "features"], in: reader)
        try Self.require(reader, "features_schema", FeatureSpec.schema)
        var features: [Feature] = []
        var scales: [Scale] = []
        for item in try reader.objects("features") {
            let feature = try Feature(try item.string("feature"))
            features.append(feature)
            scales.append(try Scale(feature.normalisation, try item.object("parameters")))
        }
        let spec = try FeatureSpec(features, window: try reader.int("window"))
        guard try reader.string("schema_hash") == spec.schemaHash.hex else {
            throw .evidence(path: "\(path).schema_hash", problem: "is not that of its features: the file was changed")
        }
        let fitted = try reader.object("fitted")
        let span = TrainingSpan(
            symbols: try fitted.strings("symbols").map { Symbol($0) },
            timeframe: try fitted.read("timeframe") { Timeframe($0) }, first: try fitted.instant("first_open_at"),
            last: try fitted.instant("last_open_at"),
            // Files of before say nothing: there was no other session.
            isExtended: fitted.value["session"] == nil
                ? false : try fitted.read("session") { ["regular": false, "extended": true][$0] })
        try Self.refuseOthers(
            than: ["symbols", "timeframe", "session", "first_open_at", "last_open_at", "vectors"], in: fitted)
        guard span.first <= span.last else {
            throw .evidence(path: "\(fitted.path).last_open_at", problem: "is before the first")
        }
        let count = try fitted.int("vectors")
        guard count >= Self.leastVectors else {
            throw .evidence(path: "\(fitted.path).vectors", problem: "are fewer than \(Self.leastVectors)")
        }
        try self.init(spec, span: span, count: count, scales: scales)
    }

    private static func refuseOthers(
        than known: Set<String>, in reader: EvidenceReader<FeatureError>
    ) throws(FeatureError) {
        guard case .object(let members) = reader.value, let stranger = members.first(where: { !known.contains($0.key) })
        else { return }
        throw .evidence(path: "\(reader.path).\(stranger.key)", problem: "is not known")
    }

    private static func require(
        _ reader: EvidenceReader<FeatureError>, _ key: String, _ known: String
    ) throws(FeatureError) {
        let found = try reader.string(key)
        guard found == known else {
            throw .evidence(
                path: "\(reader.path).\(key)", problem: "is \(found), and this program reads \(known); fit it again")
        }
    }
}

extension FittedNormaliser.Scale {
    fileprivate var json: JSONValue {
        switch self {
        case .none: .object([])
        case .zscore(let mean, let deviation), .zscoreOriginal(let mean, let deviation), .tanh(let mean, let deviation):
            ["mean": .double(mean), "deviation": .double(deviation)]
        case .minmax(let low, let high): ["low": .double(low), "high": .double(high)]
        case .robust(let median, let lower, let upper):
            ["median": .double(median), "lower_quartile": .double(lower), "upper_quartile": .double(upper)]
        case .log(let offset): ["offset": .double(offset)]
        }
    }

    fileprivate init(_ method: Normalisation, _ reader: EvidenceReader<FeatureError>) throws(FeatureError) {
        func number(_ key: String) throws(FeatureError) -> Double {
            guard let value = try reader.member(key).doubleValue, value.isFinite else {
                throw .evidence(path: "\(reader.path).\(key)", problem: "is no number")
            }
            return value
        }
        switch method {
        case .none, .rolling: self = .none
        case .zscore: self = .zscore(mean: try number("mean"), deviation: try number("deviation"))
        case .zscoreOriginal: self = .zscoreOriginal(mean: try number("mean"), deviation: try number("deviation"))
        case .tanh: self = .tanh(mean: try number("mean"), deviation: try number("deviation"))
        case .minmax: self = .minmax(low: try number("low"), high: try number("high"))
        case .robust:
            self = .robust(
                median: try number("median"), lowerQuartile: try number("lower_quartile"),
                upperQuartile: try number("upper_quartile"))
        case .log: self = .log(offset: try number("offset"))
        }
    }
}
