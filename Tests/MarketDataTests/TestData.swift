import Core
import Foundation
import MarketData
import Sessions
import Testing

/// Where test data lies: committed beside the tests, or in the `shared` folder beside the checkout, if there is one.
enum TestData {
    /// The folder that holds Package.swift.
    static let package: URL = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path + "/Package.swift") {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    static let shared = package.deletingLastPathComponent().appendingPathComponent("shared/data")
    static var hasShared: Bool { FileManager.default.fileExists(atPath: shared.path) }

    static func bytes(shared path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: shared.appendingPathComponent(path)))
    }

    static func bytes(fixture path: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: folder.appendingPathComponent("Fixtures/\(path)")))
    }

    static func calendar(_ mic: String) throws -> ExchangeCalendar {
        try #require(CalendarBook.embedded.calendar(ExchangeID(mic)))
    }

    static func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

    /// A share on any exchange: Korean ticks in Korea, one cent elsewhere.
    static func instrument(_ symbol: String, _ mic: String) throws -> Instrument {
        try Instrument(
            symbol: Symbol(symbol), name: symbol, exchange: ExchangeID(mic), currency: mic == "XKRX" ? .krw : .usd,
            ticks: mic == "XKRX" ? .krxStock : .usEquity)
    }

    /// Reads and validates a file as an importer does.
    static func validate(_ bytes: [UInt8], _ path: String) throws -> (ParsedBars, BarValidation) {
        let parsed = try BarFileReader(calendars: .embedded).read(bytes, path: path)
        let calendar = parsed.exchange.flatMap { CalendarBook.embedded.calendar($0) }
        var instrument: Instrument?
        if let exchange = parsed.exchange { instrument = try Self.instrument(parsed.symbol.text, exchange.text) }
        let validator = BarValidator(timeframe: parsed.timeframe, calendar: calendar, instrument: instrument)
        return (parsed, validator.validate(parsed.rows))
    }
}

extension Bar {
    static func fixture(
        _ openAt: Instant, open: Int = 100, high: Int = 102, low: Int = 99, close: Int = 101, volume: Int = 1000
    ) -> Bar {
        Bar(
            openAt: openAt, open: Price(open), high: Price(high), low: Price(low), close: Price(close),
            volume: Quantity(volume), source: .imported)
    }
}
