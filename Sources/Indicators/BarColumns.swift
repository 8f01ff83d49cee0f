public import Core

/// Bars as five columns of equal length: what the batch form of an indicator reads.
///
/// NaN stands for a missing value, and an infinite one is stored as missing. The columns know whether they have holes,
/// so that a table without any is computed without looking for them again.
public struct BarColumns: Equatable, Sendable {
    public let open: [Double]
    public let high: [Double]
    public let low: [Double]
    public let close: [Double]
    /// Shares or contracts.
    public let volume: [Double]
    /// Which bars are the first of a session, or `nil` where sessions are not known: then the whole table is one.
    public let sessionStarts: [Bool]?
    /// The columns that have at least one missing value.
    public let missing: BarInputs

    public var count: Int { close.count }

    /// - Throws: ``IndicatorError/columnLengths(_:)`` if the columns differ in length.
    public init(
        open: [Double], high: [Double], low: [Double], close: [Double], volume: [Double], sessionStarts: [Bool]? = nil
    ) throws(IndicatorError) {
        let lengths = [
            ("open", open.count), ("high", high.count), ("low", low.count), ("close", close.count),
            ("volume", volume.count), ("session starts", sessionStarts?.count ?? close.count),
        ]
        guard lengths.allSatisfy({ $0.1 == close.count }) else {
            throw .columnLengths(lengths.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
        }
        var missing: BarInputs = []
        func cleaned(_ column: [Double], _ input: BarInputs) -> [Double] {
            guard Self.hasHole(column) else { return column }
            missing.insert(input)
            return column.map(BarValues.finite)
        }
        self.open = cleaned(open, .open)
        self.high = cleaned(high, .high)
        self.low = cleaned(low, .low)
        self.close = cleaned(close, .close)
        self.volume = cleaned(volume, .volume)
        self.sessionStarts = sessionStarts
        self.missing = missing
    }

    /// Converts exact bars once to the nearest binary numbers; exact bars have no missing values.
    ///
    /// - Parameter sessionStarts: the indices of the bars that begin a session; indices beyond the bars are ignored.
    public init(_ bars: [Bar], sessionStarts: [Int]? = nil) {
        // Closures, not key paths: those are followed one by one at run time, which takes twenty times as long.
        open = bars.map { $0.open.doubleValue }
        high = bars.map { $0.high.doubleValue }
        low = bars.map { $0.low.doubleValue }
        close = bars.map { $0.close.doubleValue }
        volume = bars.map { $0.volume.doubleValue }
        missing = []
        guard let sessionStarts else {
            self.sessionStarts = nil
            return
        }
        var flags = [Bool](repeating: false, count: bars.count)
        for index in sessionStarts where flags.indices.contains(index) { flags[index] = true }
        self.sessionStarts = flags
    }

    /// Columns of equal length; what is missing in them is not looked for.
    init(known open: [Double], _ high: [Double], _ low: [Double], _ close: [Double], _ volume: [Double]) {
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        sessionStarts = nil
        missing = []
    }

    /// The bar at an index from 0 to ``count`` - 1.
    public subscript(index: Int) -> BarValues {
        BarValues(
            known: open[index], high[index], low[index], close[index], volume[index], sessionStarts?[index] ?? false)
    }

    /// The bars of a range of indices as columns of their own. What is missing in them is not looked for anew.
    public subscript(range: Range<Int>) -> BarColumns { BarColumns(self, range) }

    private init(_ whole: BarColumns, _ range: Range<Int>) {
        open = Array(whole.open[range])
        high = Array(whole.high[range])
        low = Array(whole.low[range])
        close = Array(whole.close[range])
        volume = Array(whole.volume[range])
        sessionStarts = whole.sessionStarts.map { Array($0[range]) }
        missing = whole.missing
    }

    /// Whether any value is not finite. A sum of products with zero is NaN exactly then, and needs no branch per value.
    private static func hasHole(_ column: [Double]) -> Bool {
        column.withUnsafeBufferPointer { values in
            var lanes = SIMD4<Double>.zero
            var index = 0
            while index &+ 4 <= values.count {
                lanes += SIMD4(values[index], values[index &+ 1], values[index &+ 2], values[index &+ 3]) * 0
                index &+= 4
            }
            while index < values.count {
                lanes[0] += values[index] * 0
                index &+= 1
            }
            return !lanes.sum().isFinite
        }
    }
}
