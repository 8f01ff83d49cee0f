import Core
import Foundation
import Indicators
import Testing

/// A table of numbers read from a file; an empty field is NaN.
struct Table {
    let columns: [String: [Double]]

    init(_ url: URL) throws {
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let names = try #require(lines.first).split(separator: ",").map(String.init)
        var columns = [String: [Double]](uniqueKeysWithValues: names.map { ($0, []) })
        for line in lines.dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            try #require(fields.count == names.count, "\(url.lastPathComponent): \(line)")
            for (name, field) in zip(names, fields) { columns[name]?.append(Double(field) ?? .nan) }
        }
        self.columns = columns
    }

    subscript(name: String) -> [Double] { columns[name] ?? [] }

    /// The five columns of bars, whatever the case of their names.
    func bars() throws -> BarColumns {
        func column(_ name: String) -> [Double] { columns[name] ?? columns[name.capitalized] ?? [] }
        return try BarColumns(
            open: column("open"), high: column("high"), low: column("low"), close: column("close"),
            volume: column("volume"))
    }
}

enum TestFiles {
    static var fixtures: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
    }

    /// The folder `shared` beside the repository, if the machine has it.
    static var shared: URL? {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            let manifest = folder.appendingPathComponent("Package.swift").path
            if FileManager.default.fileExists(atPath: manifest) {
                let shared = folder.deletingLastPathComponent().appendingPathComponent("shared")
                return FileManager.default.fileExists(atPath: shared.path) ? shared : nil
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}

/// How far two numbers may be apart.
struct Tolerance {
    var relative = 1e-9
    var absolute = 1e-8

    /// Both missing, or close enough.
    func accepts(_ left: Double, _ right: Double) -> Bool {
        if left.isNaN || right.isNaN { return left.isNaN && right.isNaN }
        return abs(left - right) <= max(absolute, relative * max(abs(left), abs(right)))
    }

    /// The first row in which two columns differ, in words, or `nil`.
    func difference(_ left: [Double], _ right: [Double]) -> String? {
        guard left.count == right.count else { return "\(left.count) rows against \(right.count)" }
        for row in left.indices where !accepts(left[row], right[row]) {
            return "row \(row): \(left[row]) against \(right[row])"
        }
        return nil
    }
}

/// Equal to the last bit, NaN equal to NaN.
func identical(_ left: [Double], _ right: [Double]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

/// Bars made from a seed.
enum Series {
    /// A random walk with ranges, gaps and volumes of all sizes; a session begins every 20 bars.
    static func walk(_ count: Int, seed: UInt64, start: Double = 100, step: Double = 0.01) -> [BarValues] {
        var generator = SeededGenerator(seed: seed, stream: "walk")
        var close = start
        return (0..<count).map { index in
            let open = close * (1 + step / 4 * generator.normal())
            close = max(open * (1 + step * generator.normal()), start / 1000)
            let high = max(open, close) * (1 + step / 2 * generator.uniform())
            let low = min(open, close) * (1 - step / 2 * generator.uniform())
            let volume = (generator.uniform() < 0.03 ? 0 : 1e5 * generator.uniform()).rounded()
            return BarValues(
                open: open, high: high, low: low, close: close, volume: volume, startsSession: index % 20 == 0)
        }
    }

    static func constant(_ count: Int, price: Double = 70.3, volume: Double = 1000) -> [BarValues] {
        (0..<count).map { _ in BarValues(open: price, high: price, low: price, close: price, volume: volume) }
    }
}

extension BarColumns {
    init(_ bars: [BarValues]) throws {
        try self.init(
            open: bars.map(\.open), high: bars.map(\.high), low: bars.map(\.low), close: bars.map(\.close),
            volume: bars.map(\.volume), sessionStarts: bars.map(\.startsSession))
    }
}

extension AnyIndicator {
    /// The incremental form over many bars, as columns.
    func fed(_ bars: [BarValues]) -> [[Double]] {
        var copy = self
        let rows = bars.map { copy.update($0) }
        return columnNames.indices.map { column in rows.map { $0[column] } }
    }

    /// What comes back after a trip through JSON.
    func restored() throws -> AnyIndicator {
        try JSONDecoder().decode(AnyIndicator.self, from: JSONEncoder().encode(self))
    }
}
