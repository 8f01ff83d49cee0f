/// What one bar yields: one number, or several that belong together. NaN means "no value".
public protocol IndicatorOutput: Equatable, Sendable {
    /// The number of columns.
    static var width: Int { get }
    /// No value in any column.
    static var none: Self { get }
    /// The value of a column, from 0 to ``width`` - 1.
    subscript(column: Int) -> Double { get }
}

extension IndicatorOutput {
    /// Whether every column has a value.
    public var isComplete: Bool { (0..<Self.width).allSatisfy { !self[$0].isNaN } }
}

extension Double: IndicatorOutput {
    public static var width: Int { 1 }
    public static var none: Double { .nan }
    public subscript(column: Int) -> Double { self }
}

/// How much of the past an indicator's value depends on: how long a buffer must be for live and research to agree.
public enum IndicatorMemory: Hashable, Sendable {
    /// Only the last so many bars.
    case window(bars: Int)
    /// The whole past. A single average gives each bar this factor (below 1) of the next one's weight; averages of
    /// averages (`stages` of them, none faster to fade than the factor) hold on to it longer. See ``barsToFade(to:)``.
    case fading(perBar: Double, stages: Int)
    /// The first bar for ever: the level means nothing without knowing where it began.
    case anchored

    /// The share of the past that is left after so many further bars: 1 for ever if the first bar counts for ever.
    ///
    /// A chain of k averages with the factor f and the weight w = 1 − f that all start at 1 and take in zeros stands,
    /// after n bars, at fⁿ·Σ C(n+j−1, j)·wʲ over j < k. With one average that is fⁿ; with three of 20 bars 1e-9 takes
    /// half as many bars again. Of combinations such as 3·E1 − 3·E2 + E3 it is the share up to their coefficients.
    public func remaining(after bars: Int) -> Double {
        switch self {
        case .window(let length): return bars >= length ? 0 : 1
        case .anchored: return 1
        case .fading(let factor, let stages):
            var term = 1.0
            var sum = 1.0
            for stage in 1..<max(1, stages) {
                term *= Double(bars + stage - 1) / Double(stage) * (1 - factor)
                sum += term
            }
            return Self.power(factor, bars) * sum
        }
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, square, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }

    /// The fewest bars, behind those of the warm-up, after which at most this share (above 0) of the past is left;
    /// `nil` if it never fades.
    public func barsToFade(to share: Double) -> Int? {
        switch self {
        case .window(let length): return length
        case .anchored: return nil
        case .fading:
            // The share falls with every bar: double until it is small enough, then halve the distance.
            var enough = 1
            while remaining(after: enough) > share {
                guard enough < Int.max / 4 else { return nil }
                enough *= 2
            }
            var tooFew = enough / 2
            while enough - tooFew > 1 {
                let middle = (enough + tooFew) / 2
                if remaining(after: middle) > share { tooFew = middle } else { enough = middle }
            }
            return enough
        }
    }
}

/// A technical indicator: a value that takes in one bar at a time and is its own state.
///
/// The work per bar does not depend on how many bars came before, and the state stays as small as it began (windows
/// keep one or two numbers per bar of their length; their work per bar is constant on average, with one pass over the
/// window each time it has filled up). A state is `Codable` to the last bit: restored, it goes on as if it had never
/// been stored.
///
/// ``columns(over:)`` is the batch form: it returns what a copy of this value would return bar by bar.
///
/// A bar that lacks one of the ``inputs`` has no value (NaN) and leaves the state as it was. (The original system's set,
/// ``OriginalIndicators``, follows that system's own rules.)
public protocol Indicator: Codable, Equatable, Sendable {
    associatedtype Output: IndicatorOutput

    /// The numbers of a bar that are read.
    static var inputs: BarInputs { get }
    /// How many complete bars pass without a value: counting from 0, the first value belongs to this bar.
    var warmUp: Int { get }
    var memory: IndicatorMemory { get }
    /// The memory of one column, which may be shorter than that of them all.
    func memory(ofColumn column: Int) -> IndicatorMemory

    /// Takes in the next bar and returns its value.
    mutating func update(_ bar: BarValues) -> Output
    /// The same for a bar that is known to have all inputs; called by ``update(_:)``.
    mutating func advance(_ bar: BarValues) -> Output
    /// The batch form, called by ``columns(over:)``. The default takes in bar by bar.
    func computeColumns(over bars: BarColumns) -> [[Double]]
}

extension Indicator {
    public func memory(ofColumn column: Int) -> IndicatorMemory { memory }

    @inlinable
    public mutating func update(_ bar: BarValues) -> Output {
        guard bar.has(Self.inputs) else { return .none }
        return advance(bar)
    }

    /// What this value would return for each bar, as one column per output, without changing it.
    ///
    /// To go on live from a table, take its bars in with ``update(_:)``.
    public func columns(over bars: BarColumns) -> [[Double]] {
        // One dynamic call to code that knows the type: this function itself is not compiled for each indicator.
        computeColumns(over: bars)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] { stepColumns(over: bars) }

    func stepColumns(over bars: BarColumns) -> [[Double]] {
        batch(over: bars) { input, outputs in
            // A local copy can live in registers while the loop runs.
            var state = self
            for row in 0..<input.count {
                let output = state.advance(input[row])
                for column in 0..<Output.width { outputs[column][row] = output[column] }
            }
        }
    }

    /// The batch form of an indicator that must see every bar, missing values and starts of sessions included.
    func replay(_ bars: BarColumns) -> [[Double]] {
        guard bars.count > 0 else { return [[Double]](repeating: [], count: Output.width) }
        return ColumnStore.columns(Output.width, rows: bars.count) { outputs in
            var state = self
            for row in 0..<bars.count {
                let output = state.update(bars[row])
                for column in 0..<Output.width { outputs[column][row] = output[column] }
            }
        }
    }
}
