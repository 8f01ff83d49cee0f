import Foundation
import Indicators
import Testing

/// The numbers of TA-Lib 0.8, made with its default parameters.
struct TALibGoldenTests {
    struct Function: Codable, CustomStringConvertible {
        var inputs: [String]
        var parameters: [String: Double]
        var columns: [String]
        var name: String { columns.first?.split(separator: ".").first.map(String.init) ?? "" }
        var description: String { name }
    }

    static let functions: [Function] = {
        let file = TestFiles.fixtures.appendingPathComponent("parameters_default.json")
        let table = try? JSONDecoder().decode([String: Function].self, from: Data(contentsOf: file))
        return (table ?? [:]).values.sorted { $0.name < $1.name }
    }()

    static let files = [("aapl_daily_input", "aapl_daily_talib_default"), ("edge_input", "edge_talib_default")]

    @Test("There are 33 functions with 41 columns to compare")
    func goldensAreThere() {
        #expect(Self.functions.count == 33)
        #expect(Self.functions.map(\.columns.count).reduce(0, +) == 41)
    }

    @Test("Both forms reproduce every column of TA-Lib to 1e-9", arguments: functions, files)
    func agrees(function: Function, file: (input: String, golden: String)) throws {
        let bars = try Table(TestFiles.fixtures.appendingPathComponent(file.input + ".csv")).bars()
        let golden = try Table(TestFiles.fixtures.appendingPathComponent(file.golden + ".csv"))
        let indicator = try AnyIndicator(function.name)
        let batch = indicator.columns(over: bars)
        let fed = indicator.fed((0..<bars.count).map { bars[$0] })
        #expect(batch.count == function.columns.count)
        for (index, column) in function.columns.enumerated() {
            try #require(golden[column].count == bars.count)
            #expect(Tolerance().difference(batch[index], golden[column]) == nil, "batch, \(column)")
            #expect(Tolerance().difference(fed[index], golden[column]) == nil, "incremental, \(column)")
        }
    }

    @Test("The catalogue has TA-Lib's inputs, defaults and column names", arguments: functions)
    func describesTheSame(function: Function) throws {
        let entry = try IndicatorCatalogue.entry(function.name)
        #expect(entry.inputs.names == function.inputs)
        let names = entry.columns.isEmpty ? [entry.name] : entry.columns.map { "\(entry.name).\($0)" }
        #expect(names == function.columns)
        // Averages of another kind than the plain one (`matype`) are not offered.
        let expected = function.parameters.filter { !$0.key.hasSuffix("matype") }
        let own = Dictionary(uniqueKeysWithValues: entry.parameters.map { ($0.name, $0.defaultValue) })
        #expect(own == expected)
    }
}
