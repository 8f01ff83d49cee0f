import Core
import Foundation
import TestSupport
import Testing

@testable import Locks

/// The system's time, for waits that are real.
struct RealClock: WallClock {
    func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

@Suite("Locks on files")
struct FileLockTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("x.lock") }

    init() throws { folder = try TemporaryFolder() }

    @Test("Two holders in one process exclude each other, and the second learns who the first is")
    func exclusive() throws {
        guard case .acquired(let first) = try FileLock.acquire(path: path, holder: "one") else {
            Issue.record("the first one did not get it")
            return
        }
        guard case .busy(let holder) = try FileLock.acquire(path: path, holder: "two") else {
            Issue.record("both hold it")
            return
        }
        #expect(holder == "one")
        first.release()
        guard case .acquired = try FileLock.acquire(path: path, holder: "two") else {
            Issue.record("it was not given up")
            return
        }
    }

    @Test("A killed holder frees the lock")
    func killed() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            guard case .acquired(let lock) = try FileLock.acquire(path: path, holder: "the child") else { exit(3) }
            withExtendedLifetime(lock) { _ = kill(getpid(), SIGKILL) }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "the child\n")
        guard case .acquired = try FileLock.acquire(path: path, holder: "next") else {
            Issue.record("the dead one still holds it")
            return
        }
    }

    @Test("A program started while the lock is held does not keep it")
    func notInherited() async throws {
        func startWhileLocked() throws -> Int32 {
            guard case .acquired(let lock) = try FileLock.acquire(path: path, holder: "one") else { return -1 }
            // Not given up, but closed, as the kernel closes it for a holder that dies.
            return try withExtendedLifetime(lock) {
                try ChildProgram.spawn(
                    "/bin/sleep", ["120"], output: "/dev/null", errors: "/dev/null", environment: [:])
            }
        }
        let child = try startWhileLocked()
        defer {
            kill(child, SIGKILL)
            _ = ChildProgram.wait(child)
        }
        // Programs that other tests start have copies of everything for the moment before they begin.
        let clock = RealClock()
        var budget = WaitBudget(.seconds(20), from: clock.now())
        guard case .acquired = try await FileLock.acquire(path: path, holder: "two", waiting: &budget, clock: clock)
        else {
            Issue.record("the child holds it")
            return
        }
    }

    @Test("Waiting ends with the budget, and with the lock when it comes free")
    func waiting() async throws {
        guard case .acquired(let first) = try FileLock.acquire(path: path, holder: "one") else { return }
        let clock = RealClock()
        var short = WaitBudget(.milliseconds(60), from: clock.now())
        let begin = clock.now()
        guard case .busy = try await FileLock.acquire(path: path, holder: "two", waiting: &short, clock: clock) else {
            Issue.record("both hold it")
            return
        }
        #expect(clock.now().duration(since: begin) >= .milliseconds(59))
        let release = Task {
            try await Task.sleep(for: .milliseconds(50))
            first.release()
        }
        var long = WaitBudget(.seconds(20), from: clock.now())
        guard case .acquired = try await FileLock.acquire(path: path, holder: "two", waiting: &long, clock: clock)
        else {
            Issue.record("it never came free")
            return
        }
        try await release.value
    }

    @Test("A lock whose file was deleted does not shut anybody out, and its late release leaves the new one alone")
    func deleted() throws {
        guard case .acquired(let first) = try FileLock.acquire(path: path, holder: "one") else { return }
        unlink(path)
        guard case .acquired = try FileLock.acquire(path: path, holder: "two") else {
            Issue.record("a new file is not locked")
            return
        }
        first.release()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two\n")
    }

    @Test("A symbolic link and a missing folder are refused by name")
    func refused() throws {
        symlink("/etc/hostname", path)
        #expect(throws: FileLockError(path: path, code: ELOOP)) { try FileLock.acquire(path: path, holder: "x") }
        let lost = folder.path("no/x.lock")
        #expect(throws: FileLockError(path: lost, code: ENOENT)) { try FileLock.acquire(path: lost, holder: "x") }
    }
}

@Suite("Budgets of waiting")
struct WaitBudgetTests {
    /// Moves by what is slept, and otherwise as it is told.
    final class Hand: WallClock, @unchecked Sendable {
        var instant = Instant(epochSeconds: 1_000)
        func now() -> Instant { instant }
        func sleep(for duration: Duration) async throws {}
    }

    @Test("A clock set back cannot lengthen a wait, one set forward ends it")
    func steps() async {
        let clock = Hand()
        var budget = WaitBudget(.seconds(2), from: clock.now())
        clock.instant = Instant(epochSeconds: 0)
        #expect(await budget.sleep(for: .milliseconds(1500), clock: clock))
        #expect(budget.left(at: clock.now()) == .milliseconds(500))
        #expect(await budget.sleep(for: .seconds(9), clock: clock))
        #expect(await !budget.sleep(for: .seconds(9), clock: clock))
        var other = WaitBudget(.seconds(2), from: Instant(epochSeconds: 0))
        clock.instant = Instant(epochSeconds: 5)
        #expect(await !other.sleep(for: .milliseconds(1), clock: clock))
    }

    @Test("What is kept back is not slept away, and what was slept of the shorter one counts")
    func keptBack() async {
        let clock = Hand()
        var whole = WaitBudget(.seconds(30), from: clock.now())
        var part = whole.keepingBack(.seconds(10))
        #expect(await part.sleep(for: .seconds(60), clock: clock))
        #expect(part.left(at: clock.now()) == .zero)
        whole.count(part)
        #expect(whole.left(at: clock.now()) == .seconds(10))
    }
}
