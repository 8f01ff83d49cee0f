public import Indicators

/// Computes the vectors of a list of features: the one path for live decisions, `takt features` and research.
///
/// Made once per list; each vector is then a pure function of its window. An indicator that several features name is
/// computed once, from the first bar of the window, or of the session where it is anchored there.
public struct FeatureComputer: Sendable {
    public let spec: FeatureSpec
    public let normaliser: FittedNormaliser?
    private let plan: FeaturePlan

    /// - Parameter normaliser: the fitted part; without one, only ``raw(_:)`` vectors of a list that needs one are computed.
    /// - Throws: ``FeatureError/schemaDiffers(_:)`` for a normaliser that was fitted on another list.
    public init(_ spec: FeatureSpec, normaliser: FittedNormaliser? = nil) throws(FeatureError) {
        if let normaliser { try normaliser.requireSchema(of: spec) }
        self.spec = spec
        self.normaliser = normaliser
        plan = try FeaturePlan(spec)
    }

    /// The features as they are computed, before any normalisation.
    public func raw(_ window: FeatureWindow) -> FeatureVector { vector(window, form: .raw) }

    /// What a policy sees.
    ///
    /// - Throws: ``FeatureError/notFitted(_:)`` if a feature needs a fitted normaliser and there is none.
    public func vector(_ window: FeatureWindow) throws(FeatureError) -> FeatureVector {
        try requireNormaliser()
        return vector(window, form: .normalised)
    }

    /// A vector in the form asked for; see ``raw(_:)`` and ``vector(_:)``.
    public func vector(_ window: FeatureWindow, as form: FeatureVector.Form) throws(FeatureError) -> FeatureVector {
        switch form {
        case .raw: raw(window)
        case .normalised: try vector(window)
        }
    }

    /// The vectors of a range of bars of a history, each from its own window.
    ///
    /// - Parameters:
    ///   - history: ascending; a vector sees the bars up to its own, at most a window of them.
    ///   - places: one per bar, or empty where none is known.
    ///   - holding: what is held, the same at every bar.
    public func vectors(
        over history: BarColumns, _ range: Range<Int>, places: [SessionPlace?] = [], holding: FeatureHolding = .none,
        form: FeatureVector.Form = .normalised
    ) throws(FeatureError) -> [FeatureVector] {
        if form == .normalised { try requireNormaliser() }
        return range.map { index in
            let bars = history[max(0, index + 1 - spec.window)..<index + 1]
            let place = places.indices.contains(index) ? places[index] : nil
            return vector(FeatureWindow(bars, place: place, holding: holding), form: form)
        }
    }

    // MARK: What is held, later

    /// Everything of a vector that the bars tell, for what is held to be put in later; as a policy sees it.
    ///
    /// - Parameter window: what it says of the position is not looked at.
    /// - Throws: ``FeatureError/notFitted(_:)`` if a feature needs a fitted normaliser and there is none.
    public func prepare(_ window: FeatureWindow) throws(FeatureError) -> PreparedVector {
        try requireNormaliser()
        let bars = recent(window.bars)
        return PreparedVector(
            flat: vector(FeatureWindow(bars, place: window.place), form: .normalised),
            constants: plan.constants(bars, window.place), close: bars.close.last ?? .nan, bars: bars.count)
    }

    /// The places of the features that depend on what is held.
    public var holdingFeatures: [Int] { plan.programs.map(\.feature) }

    /// The values of ``holdingFeatures`` in a prepared vector; NaN where there is none. The same as in the whole vector
    /// of the same window, to the last bit.
    ///
    /// - Parameter body: gets the place of a feature and its value.
    public func evaluate(_ prepared: PreparedVector, _ holding: FeatureHolding, _ body: (Int, Double) -> Void) {
        for program in plan.programs {
            let isCovered = prepared.bars > 0 && prepared.bars >= program.barsNeeded
            let value = isCovered ? program.value(prepared.constants, holding, prepared.close) : .nan
            body(program.feature, value.isFinite ? value : .nan)
        }
    }

    private func requireNormaliser() throws(FeatureError) {
        guard normaliser == nil, !spec.fitted.isEmpty else { return }
        throw .notFitted(spec.fitted.map(\.name))
    }

    private func vector(_ window: FeatureWindow, form: FeatureVector.Form) -> FeatureVector {
        let bars = recent(window.bars)
        let values = plan.values(bars, window.place, window.holding, isRolled: form == .normalised)
        let vector = FeatureVector(
            schemaHash: spec.schemaHash, form: form, values: values, missingBars: max(0, spec.barsNeeded - bars.count))
        guard form == .normalised, let normaliser else { return vector }
        return normaliser.scaled(vector)
    }

    private func recent(_ bars: BarColumns) -> BarColumns {
        bars.count > spec.window ? bars[bars.count - spec.window..<bars.count] : bars
    }
}

/// A list of features, taken apart into what is computed once and what is made of it.
private struct FeaturePlan: Sendable {
    /// An indicator with all its columns. Without an anchor it begins with the window, as with that one.
    private struct Source: Hashable {
        let spec: IndicatorSpec
        let beginsWithSession: Bool
    }

    private enum Slot: Sendable {
        case field(FeatureTerm.Field)
        case indicator(source: Int, column: Int)
        case transform(FeatureTerm.Transform, bars: Int)
        case session(FeatureTerm.SessionTerm)
        case holding(FeatureTerm.HoldingTerm)
    }

    private indirect enum Node: Sendable {
        case number(Double)
        case slot(Slot)
        case operation(FeatureExpression.Operator, Node, Node)

        var isOfHolding: Bool {
            switch self {
            case .number: false
            case .slot(.holding): true
            case .slot: false
            case .operation(_, let left, let right): left.isOfHolding || right.isOfHolding
            }
        }
    }

    private var sources: [(indicator: AnyIndicator, beginsWithSession: Bool)] = []
    private var nodes: [(node: Node, rolling: Int?, barsNeeded: Int)] = []
    /// The features that depend on what is held, with the parts that do not as constants.
    private(set) var programs: [HoldingProgram] = []
    /// What the constants of all programs are computed from, in their order.
    private var constantNodes: [Node] = []

    init(_ spec: FeatureSpec) throws(FeatureError) {
        var known: [Source: Int] = [:]
        for feature in spec.features {
            let node = try add(feature.expression, &known)
            let needed = feature.barsNeeded(in: spec.window)
            if case .rolling(let bars) = feature.normalisation {
                nodes.append((node, bars, needed))
            } else {
                nodes.append((node, nil, needed))
            }
        }
        for (index, feature) in spec.features.enumerated() where feature.expression.terms.contains(where: \.isOfHolding)
        {
            var steps: [HoldingProgram.Step] = []
            compile(nodes[index].node, &steps)
            programs.append(HoldingProgram(feature: index, steps: steps, barsNeeded: nodes[index].barsNeeded))
        }
    }

    /// Writes a node down so that its operands come first.
    private mutating func compile(_ node: Node, _ steps: inout [HoldingProgram.Step]) {
        switch node {
        case .slot(.holding(let term)): steps.append(.holding(term))
        case .operation(let sign, let left, let right) where node.isOfHolding:
            compile(left, &steps)
            compile(right, &steps)
            steps.append(.operation(sign))
        case .number, .slot, .operation:
            steps.append(.constant(constantNodes.count))
            constantNodes.append(node)
        }
    }

    private mutating func add(
        _ expression: FeatureExpression, _ known: inout [Source: Int]
    ) throws(FeatureError) -> Node {
        switch expression {
        case .number(let value): .number(value)
        case .term(let term): .slot(try slot(term, &known))
        case .operation(let sign, let left, let right): .operation(sign, try add(left, &known), try add(right, &known))
        }
    }

    private mutating func slot(_ term: FeatureTerm, _ known: inout [Source: Int]) throws(FeatureError) -> Slot {
        switch term {
        case .field(let field): return .field(field)
        case .transform(let transform, let bars): return .transform(transform, bars: bars)
        case .session(let term): return .session(term)
        case .holding(let term): return .holding(term)
        case .indicator(let spec, let anchor):
            let source = Source(spec: spec.withoutColumn, beginsWithSession: anchor == .session)
            do {
                let columns = try IndicatorCatalogue.entry(spec.name).columns
                let column = spec.column.flatMap(columns.firstIndex(of:)) ?? 0
                if let index = known[source] { return .indicator(source: index, column: column) }
                sources.append((try AnyIndicator(source.spec), source.beginsWithSession))
                known[source] = sources.count - 1
                return .indicator(source: sources.count - 1, column: column)
            } catch { throw .indicator(error) }
        }
    }

    /// One value per feature; NaN where there is none.
    func values(
        _ bars: BarColumns, _ place: SessionPlace?, _ holding: FeatureHolding, isRolled: Bool
    ) -> [Double] {
        guard bars.count > 0 else { return [Double](repeating: .nan, count: nodes.count) }
        let window = Window(bars, place, holding, sources)
        let last = bars.count - 1
        return nodes.map { node, rolling, barsNeeded in
            guard bars.count >= barsNeeded else { return .nan }
            let value: Double
            if isRolled, let rolling {
                value = Rolling.score(
                    (max(0, bars.count - rolling)...last).map { window.value(node, at: $0) }, of: rolling)
            } else {
                value = window.value(node, at: last)
            }
            return value.isFinite ? value : .nan
        }
    }

    /// What the programs take from the bars; none without a bar.
    func constants(_ bars: BarColumns, _ place: SessionPlace?) -> [Double] {
        guard bars.count > 0 else { return [Double](repeating: .nan, count: constantNodes.count) }
        guard !constantNodes.isEmpty else { return [] }
        let window = Window(bars, place, .none, sources)
        return constantNodes.map { window.value($0, at: bars.count - 1) }
    }

    /// The bars of one vector with the indicators over them.
    private struct Window {
        private let bars: BarColumns
        private let place: SessionPlace?
        private let holding: FeatureHolding
        private let columns: [(first: Int, values: [[Double]])]

        init(
            _ bars: BarColumns, _ place: SessionPlace?, _ holding: FeatureHolding,
            _ sources: [(indicator: AnyIndicator, beginsWithSession: Bool)]
        ) {
            (self.bars, self.place, self.holding) = (bars, place, holding)
            columns = sources.map { indicator, beginsWithSession in
                guard beginsWithSession else { return (0, indicator.columns(over: bars)) }
                guard let first = bars.sessionStarts?.lastIndex(of: true) else { return (bars.count, []) }
                return (first, indicator.columns(over: bars[first..<bars.count]))
            }
        }

        func value(_ node: Node, at index: Int) -> Double {
            switch node {
            case .number(let value): value
            case .slot(let slot): value(slot, at: index)
            case .operation(let sign, let left, let right): sign(value(left, at: index), value(right, at: index))
            }
        }

        private func value(_ slot: Slot, at index: Int) -> Double {
            switch slot {
            case .field(let field): value(field, at: index)
            case .indicator(let source, let column):
                index < columns[source].first ? .nan : columns[source].values[column][index - columns[source].first]
            case .transform(let transform, let count): transform.value(bars, at: index, count)
            case .session(let term): place.map(term.value) ?? .nan
            case .holding(let term): holding.value(of: term, close: bars.close[index])
            }
        }

        private func value(_ field: FeatureTerm.Field, at index: Int) -> Double {
            switch field {
            case .open: bars.open[index]
            case .high: bars.high[index]
            case .low: bars.low[index]
            case .close: bars.close[index]
            case .volume: bars.volume[index]
            }
        }
    }
}
