import Core
import Foundation
import Sessions

/// Measures of what happens inside one process, where starting another would drown it. `scripts/bench` calls it.
///
/// usage: TaktBench [COUNT] [FOLDER]; with a folder the bars are written there as 64-bit floats, for another library.
///        TaktBench store FOLDER MILLIONS…; queries over a database in the folder that grows to so many million bars.
///        TaktBench features FOLDER BARS; features of a hundred symbols with so many bars each, from a database there.
///        TaktBench policy [FOLDER]; one inference of each family; with a folder the weights are written there.
///        TaktBench networks FOLDER; writes drawn networks that take the features of `takt-16` there, for `takt policy import`.
///        TaktBench training [THREADS [FOLDER]]; steps of training, on one thread unless said otherwise; with a folder some
///        steps of the market that is trained in are written there.
///        TaktBench kis-decoder [FOLDER]; records of KIS's trades a second; with a folder the frames are written there.
///        TaktBench ib-decoder [FOLDER]; messages of Interactive Brokers' a second; with a folder the stream is written there.
///        TaktBench ib-stream [SECONDS [RATE [BATCH]]]; a hundred symbols of Interactive Brokers' through a socket: the share of a
///        core and the memory, at so many messages a second that are written every so many milliseconds; 0 for as fast as it goes.
///        TaktBench market [THREADS]; training in the environment of imported bars, and that environment alone.
///
/// Prints one JSON object a line: `{"name", "count", "nanoseconds"}`, CPU time per item of the fastest of some rounds; for the
/// store and the features, the median of the wall-clock times; for training on several threads, the shortest wall-clock time.
@main
enum TaktBench {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "store", arguments.count > 2 {
            return try StoreBench(folder: arguments[1]).run(millions: arguments.dropFirst(2).compactMap { Int($0) })
        }
        if arguments.first == "features", arguments.count == 3, let bars = Int(arguments[2]) {
            var bench = try FeatureBench(folder: arguments[1], bars: bars)
            return try bench.run()
        }
        if arguments.first == "policy" { return try PolicyBench.run(folder: arguments.dropFirst().first) }
        if arguments.first == "networks", arguments.count == 2 {
            return try PolicyBench.writeNetworks(to: arguments[1])
        }
        if arguments.first == "training" {
            let threads = arguments.dropFirst().first.flatMap { Int($0) } ?? 1
            return try TrainingBench.run(threads: threads, folder: arguments.dropFirst(2).first)
        }
        if arguments.first == "kis-decoder" { return try KISDecoderBench.run(folder: arguments.dropFirst().first) }
        if arguments.first == "ib-decoder" { return try IBDecoderBench.run(folder: arguments.dropFirst().first) }
        if arguments.first == "ib-stream" || arguments.first == "ib-stream-feed" {
            var terms = IBStreamBench.Terms()
            let numbers = arguments.dropFirst().compactMap { Int($0) }
            if let seconds = numbers.first { terms.seconds = seconds }
            if numbers.count > 1 { terms.rate = numbers[1] }
            if numbers.count > 2 { terms.batch = numbers[2] }
            if arguments.first == "ib-stream" { return try await IBStreamBench.run(terms) }
            var feed = IBStreamFeed(seconds: terms.seconds, rate: terms.rate, batch: terms.batch)
            return try feed.run()
        }
        if arguments.first == "market" {
            return try MarketBench.run(threads: arguments.dropFirst().first.flatMap { Int($0) } ?? 1)
        }
        let count = arguments.first.flatMap { Int($0) } ?? 1_000_000
        for name in ["XNYS", "XKRX", "XHKG"] { try calendar(name, count) }
        try IndicatorBench.run(count, arrays: arguments.dropFirst().first)
    }

    /// Whether an exchange is open, at instants spread over all the years it knows, and over the minutes of one day.
    private static func calendar(_ name: String, _ count: Int) throws {
        guard let calendar = CalendarBook.embedded.calendar(ExchangeID(name)) else { return }
        var random = SeededGenerator(seed: 1, stream: name)
        let first = calendar.coverage.lowerBound.startUTC.epochSeconds
        let last = calendar.coverage.upperBound.startUTC.epochSeconds
        let scattered = (0..<count).map { _ in Instant(epochSeconds: Int64.random(in: first..<last, using: &random)) }
        let dense = (0..<count).map { Instant(epochSeconds: last - 30 * 86_400 + Int64($0 % 86_400)) }
        for (kind, instants) in [("scattered", scattered), ("dense", dense)] {
            var open = 0
            let best = fastest {
                open = 0
                for instant in instants where calendar.isOpen(at: instant) { open += 1 }
            }
            report("calendar is-open \(name) \(kind)", count, best, "\(open) open")
        }
    }

    static func fastest(_ work: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<5 {
            let start = cpuNanoseconds()
            try work()
            best = min(best, cpuNanoseconds() - start)
        }
        return best
    }

    static func wallNanoseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    static func cpuNanoseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    static func report(_ name: String, _ count: Int, _ nanoseconds: Double, _ note: String) {
        let line: JSONValue = [
            "name": .string(name), "count": .int(Int64(count)), "nanoseconds": .double(nanoseconds / Double(count)),
            "note": .string(note),
        ]
        print(line.text)
    }
}
