/// An indicator chosen by its written name: any of the catalogue, with its state.
///
/// Stored, it carries its spec and a version, and refuses to be restored by code that does not know the version or from
/// a state that does not fit the spec.
public struct AnyIndicator: Sendable {
    /// Version of the stored form. It changes when the state of any indicator changes its meaning.
    public static let stateVersion = 1

    public let spec: IndicatorSpec
    /// The column of the indicator that is shown, or `nil` for all of them.
    private let only: Int?
    private var indicator: any Indicator

    /// - Throws: ``IndicatorError`` if the text cannot be read (see ``IndicatorSpec``) or its parameters do not go together.
    public init(_ text: String) throws(IndicatorError) { try self.init(IndicatorSpec(text)) }

    public init(_ spec: IndicatorSpec) throws(IndicatorError) {
        let entry = try IndicatorCatalogue.entry(spec.name)
        self.init(spec, entry, try entry.make(Arguments(values: spec.parameters)))
    }

    private init(_ spec: IndicatorSpec, _ entry: IndicatorEntry, _ indicator: any Indicator) {
        self.spec = spec
        only = spec.column.flatMap { entry.columns.firstIndex(of: $0) }
        self.indicator = indicator
    }

    public var inputs: BarInputs { type(of: indicator).inputs }
    public var warmUp: Int { indicator.warmUp }
    /// Of the column that is meant, or of all of them together.
    public var memory: IndicatorMemory { only.map(indicator.memory(ofColumn:)) ?? indicator.memory }

    /// One name per value: the spec itself, or for several columns the spec, a dot and the column.
    public var columnNames: [String] {
        guard spec.column == nil, let columns = try? IndicatorCatalogue.entry(spec.name).columns, !columns.isEmpty
        else {
            return [spec.description]
        }
        return columns.map { "\(spec.base).\($0)" }
    }

    /// Takes in the next bar and returns one value per column, NaN where there is none.
    public mutating func update(_ bar: BarValues) -> [Double] {
        var row: [Double] = []
        update(bar, appendingTo: &row)
        return row
    }

    /// The same without an array of its own, for a feature vector that grows indicator by indicator.
    public mutating func update(_ bar: BarValues, appendingTo row: inout [Double]) {
        Self.advance(&indicator, bar, only, &row)
    }

    /// The batch form: one column per name in ``columnNames``. See ``Indicator/columns(over:)``.
    public func columns(over bars: BarColumns) -> [[Double]] {
        let all = indicator.columns(over: bars)
        return only.map { [all[$0]] } ?? all
    }

    private static func advance<Kind: Indicator>(
        _ indicator: inout Kind, _ bar: BarValues, _ only: Int?, _ row: inout [Double]
    ) {
        let output = indicator.update(bar)
        if let only {
            row.append(output[only])
        } else {
            for column in 0..<Kind.Output.width { row.append(output[column]) }
        }
    }
}

extension AnyIndicator: Equatable {
    public static func == (left: AnyIndicator, right: AnyIndicator) -> Bool {
        func same<Kind: Indicator>(_ indicator: Kind) -> Bool { indicator == right.indicator as? Kind }
        return left.spec == right.spec && same(left.indicator)
    }
}

extension AnyIndicator: Codable {
    private enum CodingKeys: String, CodingKey { case version, spec, state }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.stateVersion, forKey: .version)
        try container.encode(spec.description, forKey: .spec)
        try indicator.encode(to: container.superEncoder(forKey: .state))
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = try container.decode(String.self, forKey: .spec)
        let version = try container.decode(Int.self, forKey: .version)
        guard version == Self.stateVersion else {
            throw IndicatorError.stateVersion(spec: text, version: version, known: Self.stateVersion)
        }
        let spec = try IndicatorSpec(text)
        let entry = try IndicatorCatalogue.entry(spec.name)
        let fresh = try entry.make(Arguments(values: spec.parameters))
        let restored: any Indicator
        do {
            restored = try entry.restore(container.superDecoder(forKey: .state))
        } catch {
            throw IndicatorError.damagedState(spec: text, reason: "\(error)")
        }
        // A state of other parameters would go on computing something else under this name.
        guard restored.warmUp == fresh.warmUp, restored.memory == fresh.memory else {
            throw IndicatorError.damagedState(spec: text, reason: "it was made with other parameters")
        }
        if let difference = StateShape.difference(of: restored, from: fresh) {
            throw IndicatorError.damagedState(spec: text, reason: difference)
        }
        self.init(spec, entry, restored)
    }
}
