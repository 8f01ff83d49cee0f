public import Core
public import Features

/// What a policy sees of one symbol at one bar, or why it sees nothing.
public struct FeatureRecord: Sendable {
    /// Why a vector is not complete.
    public enum Gap: Hashable, Sendable {
        /// The cycle's bar is not there.
        case noBar
        /// A jump that looks like a split nobody recorded, or a recorded one that the bars do not show: see its text.
        case splitSuspected(String)
        /// Generated bars stand beside real ones: see its text.
        case mixedBars(String)
        /// What is held and the bars may be of two share scales: see its text.
        case scaleDoubted(String)
        /// So many bars are missing.
        case warmingUp(Int)
        /// A feature has no value, such as a ratio over no volume.
        case noValue

        public var code: String {
            switch self {
            case .noBar: "no-bar"
            case .splitSuspected: "split-suspected"
            case .mixedBars: "mixed-bars"
            case .scaleDoubted: "scale-doubted"
            case .warmingUp: "warming-up"
            case .noValue: "no-value"
            }
        }

        /// What is there and what ends it; `nil` where the code says all.
        public var detail: String? {
            switch self {
            case .splitSuspected(let text), .mixedBars(let text), .scaleDoubted(let text): text
            case .noBar, .warmingUp, .noValue: nil
            }
        }
    }

    public let cycle: CycleID
    public let symbol: Symbol
    public let timeframe: Timeframe
    /// The open of the bar.
    public let bar: Instant
    public let names: [String]
    public let vector: FeatureVector
    /// `nil` if the vector is complete and may be decided on.
    public let gap: Gap?

    /// - Parameter hindrance: what keeps the symbol from being decided on, whatever its vector says.
    init(
        _ cycle: CycleID, _ symbol: Symbol, _ timeframe: Timeframe, bar: Instant, names: [String],
        _ vector: FeatureVector, hindrance: Gap? = nil
    ) {
        (self.cycle, self.symbol, self.timeframe, self.bar, self.names) = (cycle, symbol, timeframe, bar, names)
        self.vector = vector
        if let hindrance {
            gap = hindrance
        } else if vector.missingBars > 0 {
            gap = .warmingUp(vector.missingBars)
        } else {
            gap = vector.isReady ? nil : .noValue
        }
    }

    public var isReady: Bool { gap == nil }

    /// Doubles in the shortest form that reads back as the same number (at most 17 digits); `null` where there is none.
    public var json: JSONValue {
        let record: JSONValue = [
            "schema": .string(FeatureSpec.schema), "schema_hash": JSONValue(vector.schemaHash),
            "cycle": JSONValue(cycle), "symbol": JSONValue(symbol), "timeframe": JSONValue(timeframe),
            "bar": JSONValue(bar), "form": .string(vector.form.rawValue),
            "names": .array(names.map { .string($0) }), "values": .array(vector.values.map { .double($0) }),
            "ready": .bool(isReady), "missing": .array(vector.missing.map { .string(names[$0]) }),
            // Where the bar itself is missing, nobody has counted those before it.
            "missing_bars": .int(gap == .noBar ? 1 : Int64(vector.missingBars)),
        ]
        guard let gap else { return record }
        let told = record.setting("reason", .string(gap.code))
        return gap.detail.map { told.setting("detail", .string($0)) } ?? told
    }
}
