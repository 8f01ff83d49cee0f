import Core
import Foundation
import Rehearsal

/// What is traded, from a file:
///
///     [{"code": "NVDA", "name": "NVIDIA", "venue": "nasdaq", "base_price": "182.40", "depth": 300,
///       "bars": [["2026-11-20T14:30:00Z", "182.40", "182.90", "182.10", "182.55", 41200], …]}]
///
/// Without `bars` the prices are drawn from the seed, without `depth` the sizes in the book.
enum SymbolFile {
    static func symbols(at path: String) throws -> [SimulatedSymbol] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try (try JSONValue(parsing: text).arrayValue ?? []).enumerated().map { index, item in
            guard let code = item["code"]?.stringValue,
                let venue = item["venue"]?.stringValue.flatMap({ SimulatedVenue(rawValue: $0) }),
                let base = item["base_price"]?.stringValue
            else {
                throw RehearsalOptions.Problem(
                    description: "\(path): symbol \(index) needs code, base_price and a venue, one of "
                        + SimulatedVenue.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return SimulatedSymbol(
                code: code, name: item["name"]?.stringValue ?? code, venue: venue, basePrice: try FixedPoint(base),
                depth: item["depth"]?.intValue.map { Int($0) },
                bars: try item["bars"]?.arrayValue?.map { try bar($0, path) })
        }
    }

    static func bar(_ json: JSONValue, _ path: String) throws -> Bar {
        let parts = json.arrayValue ?? []
        guard parts.count == 6, let at = parts[0].stringValue.flatMap({ Instant(rfc3339: $0) }),
            let volume = parts[5].intValue
        else {
            throw RehearsalOptions.Problem(description: "\(path): a bar is [time, open, high, low, close, volume]")
        }
        let prices = try parts[1...4].map { Price(try FixedPoint($0.stringValue ?? "")) }
        return Bar(
            openAt: at, open: prices[0], high: prices[1], low: prices[2], close: prices[3],
            volume: Quantity(FixedPoint(Int(volume))), source: .imported)
    }
}
