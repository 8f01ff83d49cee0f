import Indicators
import Testing

struct IndicatorSpecTests {
    @Test(
        "A spec is read with its defaults and written out in full",
        arguments: [
            ("RSI:14", "RSI:14"), ("RSI", "RSI:14"), ("rsi:7", "RSI:7"), ("MACD:12,26,9", "MACD:12,26,9"),
            ("MACD:5", "MACD:5,26,9"), ("BBANDS:20,2.5", "BBANDS:20,2.5,2"), ("OBV", "OBV"),
            ("MACD.signal", "MACD:12,26,9.signal"), ("BBANDS:20,2.5.upper", "BBANDS:20,2.5,2.upper"),
            ("SAR:0.05", "SAR:0.05,0.2"), ("original.%K", "ORIGINAL.%K"), ("STOCH:5, 3, 3", "STOCH:5,3,3"),
            ("ORIGINAL", "ORIGINAL"),
        ])
    func reads(text: String, full: String) throws {
        let spec = try IndicatorSpec(text)
        #expect(spec.description == full)
        #expect(try IndicatorSpec(spec.description) == spec)
    }

    @Test(
        "What cannot be read is refused with what is wrong and what to do",
        arguments: [
            ("RIS", "no indicator is called 'RIS'; did you mean RSI, ROC or TRIX?"),
            ("BBAND:20", "no indicator is called 'BBAND'; did you mean BBANDS or BBANDS_SAMPLE?"),
            ("QQQQQQQQQQ", "no indicator is called 'QQQQQQQQQQ'; the catalogue lists the names there are"),
            ("", "cannot read the indicator '': it has no name; write NAME, NAME:P or NAME:P,P,… such as RSI:14"),
            (
                "RSI:14:2",
                "cannot read the indicator 'RSI:14:2': it has more than one colon; write NAME, NAME:P or NAME:P,P,… "
                    + "such as RSI:14"
            ),
            (
                "RSI:x",
                "cannot read the indicator 'RSI:x': 'x' is not a number; write NAME, NAME:P or NAME:P,P,… such as RSI:14"
            ),
            ("RSI:14,2", "RSI was given 2 parameters, it has 1: timeperiod"),
            ("OBV:3", "OBV was given 1 parameters, it has none; write OBV alone"),
            (
                "RSI:1",
                "RSI: timeperiod is 1, which is out of range; give a whole number from 2 to 100000"
            ),
            (
                "RSI:2.5",
                "RSI: timeperiod is 2.5, which is out of range; give a whole number from 2 to 100000"
            ),
            (
                "SMA:1000000",
                "SMA: timeperiod is 1000000, which is out of range; give a whole number from 2 to 100000"
            ),
            ("BBANDS:20,-1", "BBANDS: nbdevup is -1, which is out of range; give a number from 0.01 to 1000.0"),
            ("SAR:0.3,0.2", "SAR: acceleration is 0.3, which is out of range; give a number from 0.0 to 0.2"),
            (
                "MACD:26,12",
                "MACD: fastperiod, slowperiod must rise, they are 26, 12; give them from short to long"
            ),
            (
                "ULTOSC:7,28,14",
                "ULTOSC: timeperiod1, timeperiod2, timeperiod3 must rise, they are 7, 28, 14; give them from short to long"
            ),
            ("MACD.sgnal", "MACD has no column 'sgnal'; choose macd, signal or hist"),
            ("RSI:14.value", "RSI has no column 'value'; it has one, write RSI alone"),
        ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: IndicatorError.self) { try AnyIndicator(text) }
        #expect(error?.description == message)
    }

    @Test("Every entry has a name in upper case, a summary, a source, sound defaults and as many columns as it yields")
    func catalogue() throws {
        let names = IndicatorCatalogue.entries.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count == 47)
        for entry in IndicatorCatalogue.entries {
            #expect(entry.name == entry.name.uppercased())
            #expect(!entry.summary.isEmpty && !entry.source.isEmpty)
            #expect(entry.parameters.allSatisfy { $0.range.contains($0.defaultValue) })
            var indicator = try AnyIndicator(entry.name)
            let bar = BarValues(open: 1, high: 2, low: 1, close: 2, volume: 3)
            #expect(indicator.update(bar).count == indicator.columnNames.count)
            #expect(indicator.columnNames.count == max(entry.columns.count, 1))
            #expect(entry.inputs == indicator.inputs)
        }
    }

    @Test("Every parameter of every entry is refused just below and just above its range")
    func ranges() throws {
        for entry in IndicatorCatalogue.entries {
            for (index, parameter) in entry.parameters.enumerated() {
                for outside in [parameter.range.lowerBound - 0.001, parameter.range.upperBound + 1] {
                    var values = entry.parameters.map(\.defaultValue)
                    values[index] = outside
                    let text = values.map(IndicatorParameter.text).joined(separator: ",")
                    #expect(throws: IndicatorError.self, "\(entry.name):\(text)") {
                        try AnyIndicator("\(entry.name):\(text)")
                    }
                }
            }
        }
    }

    @Test("A single column is the one of that name among all of them")
    func singleColumn() throws {
        let bars = Series.walk(60, seed: 31)
        let all = try AnyIndicator("MACD:3,7,2")
        let one = try AnyIndicator("MACD:3,7,2.signal")
        #expect(all.columnNames == ["MACD:3,7,2.macd", "MACD:3,7,2.signal", "MACD:3,7,2.hist"])
        #expect(one.columnNames == ["MACD:3,7,2.signal"])
        #expect(identical(one.fed(bars)[0], all.fed(bars)[1]))
        let columns = one.columns(over: try BarColumns(bars))
        #expect(columns.count == 1 && identical(columns[0], all.fed(bars)[1]))
    }
}
