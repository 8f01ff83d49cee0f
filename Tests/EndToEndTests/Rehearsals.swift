import Core
import Foundation
import TestSupport

/// The undisturbed morning of each variant, played once and kept as it lay on the disk before every process.
actor Rehearsals {
    static let shared = Rehearsals()

    struct Morning: Sendable {
        /// The home before each deed of the scenario.
        let before: [Home]
        /// Which orders the exchange has had at the end.
        let outcome: [String]
    }

    private var mornings: [String: Task<Morning, any Error>] = [:]

    func morning(_ variant: Variant) async throws -> Morning {
        let key = "\(variant.orderType) \(variant.knowsIDs)"
        if let known = mornings[key] { return try await known.value }
        let task = Task { try await Self.play(variant) }
        mornings[key] = task
        return try await task.value
    }

    private static func play(_ variant: Variant) async throws -> Morning {
        let home = try Home()
        try home.configure(variant.trading)
        let scenario = Scenario(home: home)
        var before: [Home] = []
        for deed in Scenario.deeds {
            before.append(try Home(copying: home))
            let ending = try await scenario.run(deed)
            guard let code = ending.exitCode, [0, 10].contains(code) else {
                throw Unexpected("\(deed) ended with \(ending)")
            }
        }
        try await scenario.rest()
        let verdict = try await Verdict.judge(home, at: Scenario.end)
        guard verdict.faults.isEmpty else { throw Unexpected("the undisturbed morning: \(verdict.faults)") }
        let outcome = try await outcome(home)
        // Entries and exits, and at least one order that is cancelled with its rest unfilled: less would prove little.
        guard outcome.count >= 5, outcome.contains(where: { $0.contains("AAPL") && !$0.hasSuffix("filled 303") }) else {
            throw Unexpected("a dull morning: \(outcome)")
        }
        return Morning(before: before, outcome: outcome)
    }

    /// Every order the exchange has had, with what became of it.
    static func outcome(_ home: Home) async throws -> [String] {
        try await home.items(["paper", "orders", "--now", "\(Scenario.end)"]).map {
            "\($0.text("side")) \($0.text("quantity")) \($0.text("symbol")) filled \($0.text("filled_quantity"))"
        }.sorted()
    }
}
