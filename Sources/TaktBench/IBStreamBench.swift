import BrokerIB
import Core
import Foundation
import Synchronization

/// A day of a hundred symbols through the whole stream of Interactive Brokers': from a socket through frames, decoder and
/// assembly to the events that a reader takes, with bars of five and fifteen minutes made of every five seconds.
///
/// The gateway is another process (``IBStreamFeed``), so that its work is not counted. What is counted: the CPU time of this
/// process between the first and the last message, beside the time that passed, and its memory at the end.
enum IBStreamBench {
    static let symbols = 100
    /// Half past nine in New York on a Friday.
    static let open = Instant(epochSeconds: 1_795_185_000)

    struct Terms {
        /// Of the market.
        var seconds = 60
        /// Messages a second of the market.
        var rate = 10_000
        /// How often the gateway writes, in milliseconds; 0 for as fast as they are taken.
        var batch = 10

        var name: String {
            batch > 0
                ? "\(rate) a second, written every \(batch) ms" : "\(seconds) s of \(rate) a second, as fast as it goes"
        }
    }

    static func run(_ terms: Terms) async throws {
        let feed = Process()
        feed.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        feed.arguments = ["ib-stream-feed", "\(terms.seconds)", "\(terms.rate)", "\(terms.batch)"]
        let words = Pipe()
        feed.standardOutput = words
        try feed.run()
        guard let line = String(data: words.fileHandleForReading.availableData, encoding: .utf8),
            let port = Int(line.filter(\.isNumber))
        else { throw Failure.noFeed }
        let clock = BenchClock(open.advanced(bySeconds: -60), hurry: 20)
        var configuration = IBConfiguration(port: port, base: 1, role: .stream, attempts: 1)
        configuration.attempts = 1
        let connection = IBConnection(
            configuration, clock: IBClock(wall: clock, uptime: { clock.uptime }))
        let instruments = try (0..<symbols).map {
            try Instrument(
                symbol: Symbol("SYM\($0)"), name: "", exchange: ExchangeID("XNAS"), currency: .usd, ticks: .usEquity)
        }
        var options = IBStreamConfiguration()
        options.lines = symbols * 2
        let stream = IBStream(
            connection, wanted: instruments.flatMap { [.quotes(of: $0), .bars(of: $0)] }, configuration: options)
        let running = Task { await stream.run() }
        let tally = await read(stream, clock, isPaced: terms.batch > 0)
        running.cancel()
        await running.value
        feed.waitUntilExit()
        report(terms, tally, stream.counts)
    }

    enum Failure: Error { case noFeed }

    struct Tally {
        var events = 0
        var kinds: [String: Int] = [:]
        var dropped = 0
        var finals = 0
        var incomplete = 0
        var cpu = 0.0
        var wall = 0.0
        var cpuAtStart = 0.0
        var wallAtStart = 0.0
        var messagesAtStart = 0
        var memoryAtStart = 0
        var memory = 0
    }

    /// Takes everything, as a reader does; from the first bar of five seconds on it is counted.
    private static func read(_ stream: IBStream, _ clock: BenchClock, isPaced: Bool) async -> Tally {
        var tally = Tally()
        for await event in stream.events {
            tally.events += 1
            switch event {
            case .slice where tally.wallAtStart == 0:
                (tally.cpuAtStart, tally.wallAtStart) = (TaktBench.cpuNanoseconds(), TaktBench.wallNanoseconds())
                tally.messagesAtStart = stream.counts.messages
                tally.memoryAtStart = resident()
                clock.begin(at: open.advanced(bySeconds: 5), stands: !isPaced)
            case .bar(let bar):
                if bar.final != nil { tally.finals += 1 } else { tally.incomplete += 1 }
            case .news(.dataDropped(let count)), .news(.noticesDropped(let count)): tally.dropped += count
            case .news(.disconnected) where tally.wallAtStart > 0:
                tally.cpu = TaktBench.cpuNanoseconds() - tally.cpuAtStart
                tally.wall = TaktBench.wallNanoseconds() - tally.wallAtStart
                tally.memory = resident()
                return tally
            case .news(.stopped(let reason)):
                FileHandle.standardError.write(Data("the stream ended: \(reason)\n".utf8))
                return tally
            case .slice, .quote, .trade, .day, .slot, .execution, .order, .orderMessage, .profit, .accountValue,
                .holding, .news:
                break
            }
        }
        return tally
    }

    private static func report(_ terms: Terms, _ tally: Tally, _ counts: IBStreamCounts) {
        let messages = counts.messages - tally.messagesAtStart
        let share = tally.wall > 0 ? tally.cpu / tally.wall * 100 : 0
        let note = [
            "\(messages) messages and \(tally.events) events in \(hundredths(tally.wall / 1e9)) s",
            "\(hundredths(share)) % of one core", "\(hundredths(Double(tally.memory) / 1e6)) MB resident",
            "\(hundredths(Double(tally.memoryAtStart) / 1e6)) MB at the beginning",
            "\(tally.finals) final bars, \(tally.incomplete) incomplete", "\(tally.dropped) events dropped",
        ].joined(separator: "; ")
        TaktBench.report("ib-stream: \(terms.name)", max(1, messages), tally.cpu, note)
    }

    private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    /// Bytes of memory that are the process's now.
    static func resident() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4096
    }
}

/// The market's clock. Before the market begins, waits pass so many times as fast: subscriptions to bars are sixty in ten
/// minutes.
final class BenchClock: WallClock {
    private struct State {
        var wall: Instant
        var wallMark: Duration?
        var uptime: Duration
        var mark: Duration
        var hurry: Int
    }

    private let state: Mutex<State>
    private static let began = ContinuousClock.now
    private static var elapsed: Duration { ContinuousClock.now - began }

    init(_ wall: Instant, hurry: Int) {
        state = Mutex(State(wall: wall, uptime: .zero, mark: Self.elapsed, hurry: hurry))
    }

    var uptime: Duration { state.withLock { $0.uptime + (Self.elapsed - $0.mark) * $0.hurry } }

    func now() -> Instant {
        state.withLock { state in
            state.wallMark.map { state.wall.advanced(by: Self.elapsed - $0) } ?? state.wall
        }
    }

    /// The market begins.
    func begin(at wall: Instant, stands: Bool) {
        let elapsed = Self.elapsed
        state.withLock { state in
            state.uptime += (elapsed - state.mark) * state.hurry
            (state.mark, state.hurry) = (elapsed, 1)
            (state.wall, state.wallMark) = (wall, stands ? nil : elapsed)
        }
    }

    func sleep(for duration: Duration) async throws {
        let hurry = state.withLock { $0.hurry }
        try await Task.sleep(for: duration / hurry)
    }
}
