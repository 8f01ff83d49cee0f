import Core
import TestSupport
import Testing

@Suite("A step that has succeeded is replayed")
struct ReplayTests {
    @Test("Every step run twice: the second run exits 0, says replayed, and leaves both databases as they are")
    func twice() async throws {
        let home = try Home()
        try home.configure(Variant().trading)
        let scenario = Scenario(home: home)
        for deed in Scenario.deeds {
            guard case .step(_, let close) = deed else { continue }
            let first = try await scenario.run(deed)
            #expect(first.exitCode == 0, "\(deed): \(first)")
            let (digest, books) = (try await home.digest(), try await exchange(home, close))
            let second = try await scenario.run(deed, delay: 1)
            #expect(second.exitCode == 0, "\(deed): \(second)")
            #expect(try second.json()["replayed"]?.boolValue == true, "\(deed): \(second.output)")
            #expect(try await home.digest() == digest, "\(deed) has written at its second run")
            #expect(try await exchange(home, close) == books, "\(deed) has traded at its second run")
        }
    }

    /// The exchange's books without the time at which they were read.
    private func exchange(_ home: Home, _ close: String) async throws -> [[JSONValue]] {
        let time = ["--now", "\(Scenario.instant(close, 3))"]
        var lists: [[JSONValue]] = []
        for list in ["orders", "fills", "positions", "cash"] {
            lists.append(try await home.items(["paper", list] + time))
        }
        return lists
    }
}
