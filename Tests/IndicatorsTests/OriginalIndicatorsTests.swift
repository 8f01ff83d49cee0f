import Foundation
import Indicators
import Testing

/// The numbers of the original system, made by running its own code.
struct OriginalIndicatorsTests {
    static let folder = TestFiles.shared?.appendingPathComponent("fixtures/decision")

    @Test(
        "Both forms reproduce the original's fifteen columns for every bar, holes included",
        .enabled(if: folder != nil, "the folder `shared` is not beside the repository"),
        arguments: ["goog", "edge1", "edge2"])
    func agrees(series: String) throws {
        let folder = try #require(Self.folder)
        let bars = try Table(folder.appendingPathComponent("bars-\(series).csv")).bars()
        let golden = try Table(folder.appendingPathComponent("indicators-\(series)-raw.csv"))
        let indicator = try AnyIndicator("original")
        let batch = indicator.columns(over: bars)
        let fed = indicator.fed((0..<bars.count).map { bars[$0] })
        for (index, name) in OriginalValues.columnNames.enumerated() {
            let expected = golden[name]
            try #require(expected.count == bars.count)
            #expect(identical(batch[index], fed[index]), "\(name)")
            for row in 0..<bars.count {
                let difference = abs(batch[index][row] - expected[row])
                #expect(batch[index][row].isNaN == expected[row].isNaN, "\(name), row \(row)")
                guard !expected[row].isNaN else { continue }
                #expect(difference <= allowance(name, row, expected, golden), "\(name), row \(row)")
            }
        }
    }

    /// 1e-9 of the value, or of a thousandth of the column's largest; bands of a constant window keep pandas' residue.
    private func allowance(_ name: String, _ row: Int, _ column: [Double], _ golden: Table) -> Double {
        let largest = column.filter { !$0.isNaN }.map(abs).max() ?? 0
        let usual = 1e-9 * max(abs(column[row]), largest / 1000)
        guard golden["BBWidth"][row] < 1e-6 else { return usual }
        if name == "BBWidth" { return 1e-7 }
        return name.hasPrefix("BB") ? 1e-7 * golden["SMA20"][row] : usual
    }

    @Test("The first complete row is number 19")
    func firstCompleteRow() {
        var indicator = OriginalIndicators()
        let complete = Series.walk(40, seed: 1).map { indicator.update($0).isComplete }
        #expect(complete.firstIndex(of: true) == 19)
        #expect(OriginalIndicators().warmUp == 19)
    }

    @Test("A hole takes each column exactly as long as the original's rules say")
    func holes() throws {
        let whole = Series.walk(80, seed: 2)
        func missing(_ name: String, high: Bool = false, close: Bool = false, volume: Bool = false) throws -> [Int] {
            var bars = whole
            let bar = whole[40]
            bars[40] = BarValues(
                open: bar.open, high: high ? .nan : bar.high, low: bar.low, close: close ? .nan : bar.close,
                volume: volume ? .nan : bar.volume)
            let column = try #require(OriginalValues.columnNames.firstIndex(of: name))
            let values = OriginalIndicators().columns(over: try BarColumns(bars))[column]
            return values.indices.filter { $0 >= 20 && values[$0].isNaN }
        }
        #expect(try missing("%K", high: true) == Array(40...53))
        #expect(try missing("%D", high: true) == Array(40...55))
        #expect(try missing("ATR", high: true) == [])
        #expect(try missing("RSI", close: true) == [])
        #expect(try missing("MACD", close: true) == [])
        #expect(try missing("ROC", close: true) == [40, 50])
        #expect(try missing("SMA20", close: true) == Array(40...59))
        #expect(try missing("OBV", close: true) == [40, 41])
        #expect(try missing("VPT_MA", close: true) == Array(40...54))
        #expect(try missing("VPT", volume: true) == [40])
        #expect(try missing("VPT_MA", volume: true) == Array(40...53))
    }

    @Test("A column depends on no more bars than it says", arguments: OriginalValues.columnNames)
    func columnMemory(name: String) throws {
        let indicator = try AnyIndicator("ORIGINAL.\(name)")
        let (long, short) = (Series.walk(400, seed: 7), 200)
        let whole = indicator.columns(over: try BarColumns(long))[0]
        let late = indicator.columns(over: try BarColumns(Array(long[(400 - short)...])))[0]
        let largest = whole.compactMap { $0.isNaN ? nil : $0.magnitude }.max() ?? 0
        switch indicator.memory {
        case .window(let bars):
            for row in bars - 1..<short {
                #expect(abs(late[row] - whole[400 - short + row]) <= 1e-9 * largest, "row \(row)")
            }
        case .fading:
            // A tenth of a thousandth is left: two columns of the averages' size may differ by a few times as much.
            let enough = try #require(indicator.memory.barsToFade(to: 1e-4))
            try #require(enough < short)
            for row in enough..<short { #expect(abs(late[row] - whole[400 - short + row]) <= 1e-2 * largest) }
        case .anchored:
            #expect(name == "OBV")
            #expect(abs(late[short - 1] - whole[399]) > 1)
        }
    }
}
