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
        try await home.takt(["reconcile", "--again", "--now", "\(Scenario.end)"])
        let verdict = try await Verdict.judge(home, at: Scenario.end)
        guard verdict.faults.isEmpty else { throw Unexpected("the undisturbed morning: \(verdict.faults)") }
        return Morning(before: before, outcome: try await outcome(home))
    }

    /// Which orders reached the exchange, as a set: how an order that was sent late is filled, and what a later exit has to
    /// sell, depends on the second at which it was sent.
    static func outcome(_ home: Home) async throws -> [String] {
        let orders = try await home.items(["paper", "orders", "--now", "\(Scenario.end)"])
        return Set(orders.map { "\($0.text("side")) \($0.text("symbol"))" }).sorted()
    }
}
