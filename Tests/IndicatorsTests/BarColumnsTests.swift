import Core
import Indicators
import Testing

struct BarColumnsTests {
    private func bar(_ close: String, volume: Int = 3) throws -> Bar {
        let price = try Price(FixedPoint(close))
        return Bar(
            openAt: Instant(microseconds: 0), open: price, high: price, low: price, close: price,
            volume: Quantity(FixedPoint(volume)), source: .imported)
    }

    @Test("Exact bars become the nearest binary numbers")
    func fromBars() throws {
        let columns = BarColumns(
            [try bar("0.1"), try bar("85.88"), try bar("0.00000001")], sessionStarts: [0, 2, 9, -1])
        #expect(columns.close == [0.1, 85.88, 0.00000001])
        #expect(columns.volume == [3, 3, 3])
        #expect(columns.sessionStarts == [true, false, true])
        #expect(columns.missing.isEmpty)
        #expect(columns[1] == BarValues(try bar("85.88")))
    }

    @Test("Columns of different length are refused with their lengths")
    func lengths() {
        let error = #expect(throws: IndicatorError.self) {
            try BarColumns(open: [1, 2], high: [1, 2], low: [1], close: [1, 2], volume: [1, 2])
        }
        #expect(
            error?.description == "the columns of a table of bars differ in length (open 2, high 2, low 1, close 2, "
                + "volume 2, session starts 2); give one value, or NaN, per bar in each")
    }

    @Test("Infinite values are stored as missing, and the table knows which columns have holes")
    func holes() throws {
        for place in [0, 3, 4, 8] {
            var values = [Double](repeating: 1, count: 9)
            values[place] = place == 3 ? .nan : -.infinity
            let whole = [Double](repeating: 1, count: 9)
            let columns = try BarColumns(open: whole, high: whole, low: values, close: whole, volume: values)
            #expect(columns.missing == [.low, .volume])
            #expect(columns.low[place].isNaN && columns.volume[place].isNaN)
            #expect(!columns[place].has(.low) && columns[place].has([.open, .high, .close]))
        }
    }

    @Test("An empty table gives empty columns")
    func empty() throws {
        let none = try BarColumns(open: [], high: [], low: [], close: [], volume: [])
        #expect(try MACD().columns(over: none) == [[], [], []])
        #expect(OriginalIndicators().columns(over: none).count == 15)
    }
}
