import Core
import Testing

@testable import Indicators

/// The windows against the plain definition, on values that include holes and huge ones.
struct WindowTests {
    private static func values(_ count: Int, seed: UInt64, holes: Bool = false) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let draw = generator.uniform()
            if holes && draw < 0.02 { return .nan }
            return (draw < 0.05 ? 1e9 : 1) * (generator.uniform() * 10).rounded()
        }
    }

    private static func windows(_ values: [Double], _ length: Int) -> [[Double]] {
        values.indices.dropFirst(length - 1).map { Array(values[($0 - length + 1)...$0]) }
    }

    @Test("Sum, highest and lowest are those of the last N values", arguments: [1, 2, 3, 7, 20, 64])
    func folds(length: Int) {
        let values = Self.values(300, seed: 51)
        var (sum, highest, lowest) = (WindowSum(length), WindowHighest(length), WindowLowest(length))
        let results = values.map { (sum.push($0), highest.push($0), lowest.push($0)) }.dropFirst(length - 1)
        for (result, window) in zip(results, Self.windows(values, length)) {
            // Whole numbers: the sum is exact in any order.
            #expect(result.0 == window.reduce(0, +))
            #expect(result.1 == window.max())
            #expect(result.2 == window.min())
        }
    }

    @Test("A hole empties the sum for as long as it is in the window, and not a bar longer", arguments: [1, 3, 14])
    func holes(length: Int) {
        let values = Self.values(300, seed: 52, holes: true)
        var sum = WindowSum(length)
        let results = values.map { sum.push($0) }.dropFirst(length - 1)
        for (result, window) in zip(results, Self.windows(values, length)) {
            #expect(result.isNaN == window.contains { $0.isNaN })
            #expect(result.isNaN || result == window.reduce(0, +))
        }
    }

    @Test("Mean and squares are those of the last N values", arguments: [1, 2, 5, 20, 33])
    func moments(length: Int) {
        let values = Self.values(300, seed: 53)
        var (moments, mean) = (WindowMoments(length), WindowMean(length))
        let results = values.map { (moments.push($0), mean.push($0)) }.dropFirst(length - 1)
        for (result, window) in zip(results, Self.windows(values, length)) {
            let average = window.reduce(0, +) / Double(length)
            let squares = window.map { ($0 - average) * ($0 - average) }.reduce(0, +)
            let scale = window.map { abs($0) }.max() ?? 0
            #expect(abs(result.0.mean - average) <= 1e-14 * scale)
            #expect(abs(result.1 - average) <= 1e-14 * scale)
            #expect(abs(result.0.squares - squares) <= 1e-12 * max(squares, 1))
        }
    }

    @Test("Sum and weighted sum about the anchor are those of the last N values", arguments: [2, 3, 14, 30])
    func trend(length: Int) {
        let values = Self.values(300, seed: 54)
        var trend = WindowTrend(length)
        let results = values.map { trend.push($0) }.dropFirst(length - 1)
        for (result, window) in zip(results, Self.windows(values, length)) {
            let distances = window.map { $0 - result.anchor }
            #expect(result.sum == distances.reduce(0, +))
            #expect(result.weighted == distances.enumerated().map { Double($0.offset + 1) * $0.element }.reduce(0, +))
            #expect(window.contains(result.anchor))
        }
    }

    @Test("The age is that of the latest among equal extremes", arguments: [2, 3, 15, 26])
    func ages(length: Int) {
        let values = Self.values(400, seed: 55)
        var (highest, lowest) = (WindowAge<Highest>(length), WindowAge<Lowest>(length))
        let results = values.map { (highest.push($0), lowest.push($0)) }.dropFirst(length - 1)
        for (result, window) in zip(results, Self.windows(values, length)) {
            let latestHigh = window.lastIndex { $0 == window.max() } ?? 0
            let latestLow = window.lastIndex { $0 == window.min() } ?? 0
            #expect(result.0 == length - 1 - latestHigh)
            #expect(result.1 == length - 1 - latestLow)
        }
    }

    @Test("The value so many bars ago", arguments: [1, 2, 10])
    func lag(bars: Int) {
        var lag = WindowLag(bars)
        let results = (0..<40).map { lag.push(Double($0)) }
        #expect(results.prefix(bars).allSatisfy { $0.isNaN })
        #expect(Array(results.dropFirst(bars)) == (0..<(40 - bars)).map { Double($0) })
    }

    @Test("A running sum keeps what a plain one loses")
    func runningSum() {
        var sum = RunningSum()
        for term in [1, 1e100, 1, -1e100] { _ = sum.add(term) }
        #expect(sum.value == 2)
    }

    @Test("A million additions of a tenth stay within the last digit")
    func runningSumOfTenths() {
        var sum = RunningSum()
        for _ in 0..<1_000_000 { _ = sum.add(0.1) }
        #expect(abs(sum.value - 100_000) < 1e-9)
    }
}
