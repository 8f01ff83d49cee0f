import Core
import Features
import Foundation
import Indicators
import TestSupport
import Testing

extension FeatureSpec {
    init(_ texts: [String], window: Int = FeatureSpec.standardWindow) throws {
        try self.init(try texts.map { try Feature($0) }, window: window)
    }
}

/// Equal to the last bit, missing equal to missing.
func identical(_ left: [Double], _ right: [Double]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

/// Bars made from a seed; a session has 26 bars.
struct Walk {
    static let sessionBars = 26
    var open: [Double] = []
    var high: [Double] = []
    var low: [Double] = []
    var close: [Double] = []
    var volume: [Double] = []

    init(_ count: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed, stream: "features")
        var last = 50.0
        for _ in 0..<count {
            let first = last * (1 + 0.002 * random.normal())
            last = max(1, first * (1 + 0.01 * random.normal()))
            open.append(first)
            close.append(last)
            high.append(max(first, last) * (1 + 0.004 * random.uniform()))
            low.append(min(first, last) * (1 - 0.004 * random.uniform()))
            volume.append(random.chance(0.03) ? 0 : (1e5 * random.uniform()).rounded())
        }
    }

    var count: Int { close.count }

    mutating func replace(_ index: Int, with other: Walk) {
        (open[index], high[index], low[index]) = (other.open[index], other.high[index], other.low[index])
        (close[index], volume[index]) = (other.close[index], other.volume[index])
    }

    /// The bars of a range, by themselves.
    func columns(_ range: Range<Int>) throws -> BarColumns {
        try BarColumns(
            open: Array(open[range]), high: Array(high[range]), low: Array(low[range]), close: Array(close[range]),
            volume: Array(volume[range]), sessionStarts: range.map { $0 % Self.sessionBars == 0 })
    }

    func columns() throws -> BarColumns { try columns(0..<count) }

    static func place(_ index: Int) -> SessionPlace? {
        SessionPlace(index: index % sessionBars, of: sessionBars)
    }
}

/// A list that uses every kind of term and every normalisation that is not fitted.
let mixedTexts = [
    "log_return:3", "return:5", "volatility:20", "volume_ratio:10", "(close - SMA:20) / ATR:14", "RSI", "MACD.hist",
    "ORIGINAL.RSI", "ORIGINAL.MACDSignal", "OBV@window", "VWAP@session", "close / VWAP@session - 1",
    "BBANDS:20,2,2.upper / BBANDS:20,2,2.lower", "rolled = ADX | rolling:40", "rolled_volume = volume | rolling",
    "session_fraction", "session_sin", "bars_to_close", "position", "unrealised / ATR:14", "bars_held / 100",
]

/// The files of the shared folder's decision fixtures.
enum Golden {
    static let folder = "fixtures/decision"

    static func json(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: try SharedFolder.bytes("\(folder)/\(name)"))
    }

    /// A table's columns by name; an empty field is NaN.
    static func table(_ name: String) throws -> [String: [Double]] {
        let lines = try SharedFolder.text("\(folder)/\(name)").split(separator: "\n")
        let names = try #require(lines.first).split(separator: ",").map(String.init)
        var columns = [String: [Double]](uniqueKeysWithValues: names.map { ($0, []) })
        for line in lines.dropFirst() {
            for (name, field) in zip(names, line.split(separator: ",", omittingEmptySubsequences: false)) {
                columns[name]?.append(Double(field) ?? .nan)
            }
        }
        return columns
    }

    static func bars() throws -> BarColumns {
        let table = try table("bars-goog.csv")
        return try BarColumns(
            open: table["Open"] ?? [], high: table["High"] ?? [], low: table["Low"] ?? [], close: table["Close"] ?? [],
            volume: table["Volume"] ?? [])
    }
}
