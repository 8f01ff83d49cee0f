import Core
import Foundation
import Store

/// What the queries of a beat cost as the history grows: a hundred symbols of five-minute bars, so ten thousand bars each
/// at a million. Every query is of a drawn symbol; the median is of wall-clock times, since disk and cache belong to it.
struct StoreBench {
    private let path: String
    private let symbols = (1...100).map { Symbol("SYM\($0 < 10 ? "00" : $0 < 100 ? "0" : "")\($0)") }
    private static let start = Instant(epochSeconds: 1_000_000_200)
    private static let stored = Instant(epochSeconds: 1_800_000_000)
    private static let rounds = 300

    init(folder: String) { path = folder + "/bars.sqlite" }

    func run(millions sizes: [Int]) throws {
        let database = try StateDatabase.open(at: path, now: Self.stored)
        var held = 0
        for millions in sizes.sorted() {
            let wanted = millions * 1_000_000 / symbols.count
            let began = TaktBench.wallNanoseconds()
            try grow(database, from: held, to: wanted)
            let added = (wanted - held) * symbols.count
            if added > 0 {
                report("store: bars put in", millions, (TaktBench.wallNanoseconds() - began) / Double(added), added)
            }
            held = wanted
            try measure(database, millions, bars: held)
        }
        try database.close()
    }

    private func grow(_ database: StateDatabase, from first: Int, to end: Int) throws {
        for symbol in symbols {
            for chunk in stride(from: first, to: end, by: 50_000) {
                let bars = (chunk..<min(chunk + 50_000, end)).map(bar)
                try database.write(durable: false) { _ = try $0.upsertBars(symbol, .fiveMinutes, bars) }
            }
        }
    }

    /// A slow saw-tooth.
    private func bar(_ index: Int) -> Bar {
        let cents = Int64(10_000 + abs(index % 2000 - 1000))
        func price(_ offset: Int64) -> Price { Price(FixedPoint(int64Units: (cents + offset) * 1_000_000)) }
        return Bar(
            openAt: Self.start.advanced(bySeconds: Int64(index) * 300), open: price(0), high: price(9), low: price(-7),
            close: price(3), volume: Quantity(1000 + index % 977), source: .imported)
    }

    private func measure(_ database: StateDatabase, _ millions: Int, bars: Int) throws {
        let end = Self.start.advanced(bySeconds: Int64(bars) * 300)
        let day = end.advanced(bySeconds: -100 * 300)
        var random = SeededGenerator(seed: 1, stream: "store")
        func drawn() -> Symbol { symbols[Int.random(in: 0..<symbols.count, using: &random)] }
        try median("store: last 100 bars", millions) {
            try database.read { try $0.lastBars(drawn(), .fiveMinutes, count: 100, closedBefore: end).count }
        }
        try median("store: opens of 100 bars", millions) {
            try database.read { try $0.barOpens(drawn(), .fiveMinutes, from: day, until: end).count }
        }
        try median("store: 100 bars somewhere in the past", millions) {
            let from = Self.start.advanced(bySeconds: Int64.random(in: 0..<Int64(bars - 100), using: &random) * 300)
            return try database.read {
                try $0.bars(drawn(), .fiveMinutes, from: from, until: from.advanced(bySeconds: 30_000)).count
            }
        }
        try median("store: list, newest 20 of a symbol", millions) {
            try database.read { try $0.storedBars(ListFilter(symbol: drawn(), limit: 20)).count }
        }
        try median("store: list, newest 20 of all", millions) {
            try database.read { try $0.storedBars(ListFilter(limit: 20)).count }
        }
        var next = bars
        try median("store: a new bar, upserted", millions) {
            next += 1
            return try database.write(durable: false) { try $0.upsertBars(drawn(), .fiveMinutes, [bar(next)]).inserted }
        }
    }

    private func median(_ name: String, _ millions: Int, _ query: () throws -> Int) throws {
        var rows = 0
        var times: [Double] = []
        for round in -20..<Self.rounds {
            let began = TaktBench.wallNanoseconds()
            rows = try query()
            if round >= 0 { times.append(TaktBench.wallNanoseconds() - began) }
        }
        report(name, millions, times.sorted()[times.count / 2], rows)
    }

    private func report(_ name: String, _ millions: Int, _ nanoseconds: Double, _ rows: Int) {
        let line: JSONValue = [
            "name": .string(name), "million_bars": .int(Int64(millions)), "nanoseconds": .double(nanoseconds),
            "rows": .int(Int64(rows)),
        ]
        print(line.text)
    }
}
