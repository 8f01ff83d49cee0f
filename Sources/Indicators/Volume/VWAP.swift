/// Volume-weighted average price of the session so far: Σ typical price·volume / Σ volume since the session began.
///
/// Starts anew at each bar that begins a session (``BarValues/startsSession``); a table without sessions is one. No
/// value while nothing has been traded. A bar without a needed value is left out, but a session that begins with it
/// begins all the same.
public struct VWAP: Indicator {
    private var turnover = RunningSum()
    private var volume = RunningSum()

    public init() {}

    @inlinable
    public static var inputs: BarInputs { .highLowCloseVolume }
    public var warmUp: Int { 0 }
    /// The session's first bar is the anchor.
    public var memory: IndicatorMemory { .anchored }

    public mutating func update(_ bar: BarValues) -> Double {
        if bar.startsSession { self = VWAP() }
        guard bar.has(Self.inputs) else { return .nan }
        let traded = volume.add(bar.volume)
        return turnover.add(bar.typicalPrice * bar.volume) / traded
    }

    public mutating func advance(_ bar: BarValues) -> Double { update(bar) }

    /// Bar by bar: a bar that is left out may still begin a session.
    public func computeColumns(over bars: BarColumns) -> [[Double]] { replay(bars) }
}

/// Volume-weighted average price of the last N bars; first value at bar N−1, none where nothing was traded in them.
public struct RollingVWAP: Indicator {
    private var turnover: WindowSum
    private var volume: WindowSum
    private var pending: Int

    public init(period: Int = 14) throws(IndicatorError) {
        turnover = WindowSum(try Parameters.period(period, of: "VWAP_ROLLING", from: 1))
        volume = turnover
        pending = period - 1
    }

    @inlinable
    public static var inputs: BarInputs { .highLowCloseVolume }
    public var warmUp: Int { volume.length - 1 }
    public var memory: IndicatorMemory { .window(bars: volume.length) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let traded = volume.push(bar.volume)
        let paid = turnover.push(bar.typicalPrice * bar.volume)
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return paid / traded
    }
}
