public import Core

/// Which numbers of a bar an indicator reads.
public struct BarInputs: OptionSet, Hashable, Sendable {
    public let rawValue: Int
    @inlinable
    public init(rawValue: Int) { self.rawValue = rawValue }

    @inlinable public static var open: BarInputs { BarInputs(rawValue: 1) }
    @inlinable public static var high: BarInputs { BarInputs(rawValue: 2) }
    @inlinable public static var low: BarInputs { BarInputs(rawValue: 4) }
    @inlinable public static var close: BarInputs { BarInputs(rawValue: 8) }
    @inlinable public static var volume: BarInputs { BarInputs(rawValue: 16) }

    // The sets that indicators read, as constants: a set literal is built anew, element by element, at every bar.
    @inlinable public static var highLow: BarInputs { BarInputs(rawValue: 6) }
    @inlinable public static var highLowClose: BarInputs { BarInputs(rawValue: 14) }
    @inlinable public static var closeVolume: BarInputs { BarInputs(rawValue: 24) }
    @inlinable public static var highLowCloseVolume: BarInputs { BarInputs(rawValue: 30) }

    /// The names in the order of a bar: `open`, `high`, `low`, `close`, `volume`.
    public var names: [String] {
        let all: [(BarInputs, String)] = [
            (.open, "open"), (.high, "high"), (.low, "low"), (.close, "close"), (.volume, "volume"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}

/// One bar as indicators see it: binary numbers, NaN where a value is missing.
///
/// Prices are in the instrument's currency, volume in shares or contracts. An infinite value is read as missing, so
/// that nothing infinite ever enters a running average and stays there.
public struct BarValues: Hashable, Sendable {
    public let open: Double
    public let high: Double
    public let low: Double
    public let close: Double
    public let volume: Double
    /// Whether this is the first bar of a session; only the anchored VWAP asks.
    public let startsSession: Bool

    public init(
        open: Double, high: Double, low: Double, close: Double, volume: Double, startsSession: Bool = false
    ) {
        self.open = Self.finite(open)
        self.high = Self.finite(high)
        self.low = Self.finite(low)
        self.close = Self.finite(close)
        self.volume = Self.finite(volume)
        self.startsSession = startsSession
    }

    /// The nearest binary numbers of an exact bar.
    public init(_ bar: Bar, startsSession: Bool = false) {
        self.init(
            open: bar.open.doubleValue, high: bar.high.doubleValue, low: bar.low.doubleValue,
            close: bar.close.doubleValue, volume: bar.volume.doubleValue, startsSession: startsSession)
    }

    /// For values known to be finite or NaN.
    init(known open: Double, _ high: Double, _ low: Double, _ close: Double, _ volume: Double, _ starts: Bool) {
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        startsSession = starts
    }

    /// Whether none of the wanted values is missing.
    @inlinable
    public func has(_ inputs: BarInputs) -> Bool {
        let wanted = inputs.rawValue
        return
            !((wanted & 1 != 0 && open.isNaN) || (wanted & 2 != 0 && high.isNaN) || (wanted & 4 != 0 && low.isNaN)
            || (wanted & 8 != 0 && close.isNaN) || (wanted & 16 != 0 && volume.isNaN))
    }

    /// The mean of high, low and close.
    var typicalPrice: Double { (high + low + close) / 3 }

    static func finite(_ value: Double) -> Double { value.isFinite ? value : .nan }
}
