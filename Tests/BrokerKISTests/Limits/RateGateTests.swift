import Core
import Foundation
import Locks
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("The count of calls shared by processes")
struct RateGateTests {
    private let folder: TemporaryFolder
    private var tokens: String { folder.path("tokens") }
    private let rate = CallRate(interval: .milliseconds(30), firstPause: .milliseconds(500))

    init() throws { folder = try TemporaryFolder("takt-kis") }

    private static func gate(_ tokens: String, interval milliseconds: Int) -> RateGate {
        RateGate(
            folder: tokens, keyName: "key", rate: CallRate(interval: .milliseconds(milliseconds)), clock: RealClock())
    }

    @Test("Six processes, one of them killed in the middle, stay together within the rate of one")
    func processes() async throws {
        let (tokens, log) = (tokens, folder.path("log"))
        _ = try folder.write("", to: "log")
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    if number == 0 {
                        await #expect(processExitsWith: .signal(SIGKILL)) {
                            [tokens = tokens as String, log = log as String] in
                            try await RateGateTests.draw(4, tokens, log)
                            var budget = WaitBudget(.seconds(90), from: RealClock().now())
                            // Dies while it stands in line.
                            Task.detached {
                                try await Task.sleep(for: .milliseconds(5))
                                kill(getpid(), SIGKILL)
                            }
                            let gate = RateGateTests.gate(tokens, interval: 30)
                            while true { _ = try await gate.pass(.order, waiting: &budget) }
                        }
                    } else {
                        await #expect(processExitsWith: .success) {
                            [tokens = tokens as String, log = log as String] in
                            try await RateGateTests.draw(10, tokens, log)
                        }
                    }
                }
            }
        }
        let times = try folder.text("log").split(separator: "\n").compactMap { Int64($0) }.sorted()
        #expect(times.count == 54)
        for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= 30_000) }
    }

    private static func draw(_ count: Int, _ tokens: String, _ log: String) async throws {
        let gate = gate(tokens, interval: 30)
        for _ in 0..<count {
            var budget = WaitBudget(.seconds(90), from: RealClock().now())
            let time = try await gate.pass(.marketData, waiting: &budget)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
            try handle.seekToEnd()
            let line = Array("\(time.microseconds)\n".utf8)
            // One write at the end of the file, so that lines of several processes do not mix.
            let descriptor = open(log, O_WRONLY | O_APPEND | O_CLOEXEC)
            _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
            try handle.close()
        }
    }

    @Test("No slot before the deadline is an error, and the place in line is given back")
    func deadline() async throws {
        let gate = RateGate(folder: tokens, keyName: "key", rate: CallRate(interval: .seconds(60)), clock: RealClock())
        var budget = WaitBudget(.seconds(1), from: RealClock().now())
        _ = try await gate.pass(.order, waiting: &budget)
        let error = await #expect(throws: RateGate.Failure.self) { try await gate.pass(.order, waiting: &budget) }
        guard case .noSlot = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let files = try PrivateFolder(preparing: tokens)
        let bucket = try #require(files.read("calls-key.json", limit: 9999).flatMap(RateBucket.init(file:)))
        #expect(bucket.waiters.isEmpty)
    }

    @Test("A pause that one process was given holds for the others")
    func sharedPause() async throws {
        let clock = HandClock(Instant(epochSeconds: 1_930_000_000))
        let one = RateGate(folder: tokens, keyName: "key", rate: rate, clock: clock)
        let two = RateGate(folder: tokens, keyName: "key", rate: rate, clock: clock)
        var budget = WaitBudget(.seconds(9), from: clock.now())
        let sentAt = try await one.pass(.inquiry, waiting: &budget)
        await one.refused(sentAt: sentAt)
        let next = try await two.pass(.order, waiting: &budget)
        #expect(next.duration(since: sentAt) == .milliseconds(500))
    }

    @Test(
        "A missing file is a call at once; a damaged one, or one open to others, is an empty bucket", arguments: [0, 1])
    func badFile(kind: Int) async throws {
        let clock = HandClock(Instant(epochSeconds: 1_930_000_000))
        let gate = RateGate(folder: tokens, keyName: "key", rate: rate, clock: clock)
        var budget = WaitBudget(.seconds(9), from: clock.now())
        #expect(try await gate.pass(.inquiry, waiting: &budget) == clock.now())
        let path = tokens + "/calls-key.json"
        clock.set(clock.now().advanced(bySeconds: 5))
        if kind == 0 {
            truncate(path, 7)
        } else {
            chmod(path, 0o644)
        }
        let begin = clock.now()
        let granted = try await gate.pass(.inquiry, waiting: &budget)
        #expect(granted.duration(since: begin) == .milliseconds(30))
    }

    @Test("A folder that cannot be used is an error that names it, and nobody is let through")
    func unusable() async throws {
        _ = try folder.write("a file", to: "tokens")
        let gate = RateGate(folder: tokens, keyName: "key", rate: rate, clock: RealClock())
        var budget = WaitBudget(.seconds(1), from: RealClock().now())
        let error = await #expect(throws: RateGate.Failure.self) { try await gate.pass(.order, waiting: &budget) }
        guard case .unusable(let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains(tokens))
    }
}
