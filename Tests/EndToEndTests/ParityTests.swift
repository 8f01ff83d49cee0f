import Core
import Foundation
import TestSupport
import Testing

/// The same beats as separate processes and as whole cycles.
@Suite("Step by step and as whole cycles the rows are the same")
struct ParityTests {
    @Test("Thirty beats of two profiles in two currencies on generated bars: same decisions, orders, fills and books")
    func generated() async throws {
        let trading = """
            trading:
              base_currency: USD
              profiles:
                us: {symbols: [NVDA, PLTR], timeframe: 5m, broker: paper, agents: [sma-cross], bars: generator}
                kr: {symbols: ["005930"], timeframe: 5m, broker: paper, agents: [sma-cross, momentum], bars: generator}
            agents:
              sma-cross: {fast: 1, slow: 3}
              momentum: {lookback: 3, threshold: 0.001}
            decision: {buffer_bars: 20}
            paper: {initial_cash: {USD: 400000, KRW: 400000000}, participation: 0.0001, seed: 3, generator_anchor: 2026-11-16, fx: {KRW: "0.00072"}}
            """
        let korea = beats("kr", from: "2026-11-20T00:10:00Z", count: 15)
        let america = beats("us", from: "2026-11-20T14:35:00Z", count: 15)
        try await compare(trading, korea + america, imports: [])
    }

    @Test("A day of real bars, imported, of five symbols", .enabled(if: SharedBars.exist))
    func imported() async throws {
        for market in SharedBars.markets { try await compare(market.trading, market.beats, imports: market.files) }
    }

    private func beats(_ profile: String, from first: String, count: Int) -> [Beat] {
        guard let instant = Instant(rfc3339: first) else { return [] }
        return (0..<count).map { Beat(profile: profile, close: instant.advanced(bySeconds: Int64($0) * 300)) }
    }

    private func compare(_ trading: String, _ beats: [Beat], imports: [[String]]) async throws {
        let stepped = try Home()
        try stepped.configure(trading)
        for arguments in imports {
            let ending = try await stepped.takt(["import-bars"] + arguments)
            try #require(ending.exitCode == 0, "import-bars \(arguments): \(ending)")
        }
        let whole = try Home(copying: stepped)
        async let one: Void = play(beats, stepped) { beat in Scenario.steps.map { [$0] + beat.arguments } }
        async let other: Void = play(beats, whole) { beat in [["cycle"] + beat.arguments] }
        _ = try await (one, other)
        let end = try #require(beats.last).close.advanced(bySeconds: 10)
        var orders = 0
        for list in [
            ["decisions"], ["orders"], ["fills"], ["positions"], ["portfolio"], ["breaks"], ["paper", "orders"],
            ["paper", "fills"], ["paper", "positions"], ["paper", "cash"],
        ] {
            let arguments = list + ["--now", "\(end)"]
            let (left, right) = (try await stepped.items(arguments), try await whole.items(arguments))
            #expect(left == right, "\(list.joined(separator: " ")) differ")
            if list == ["paper", "orders"] { orders = left.count }
        }
        #expect(orders > 0, "nothing was traded, so nothing was compared")
        #expect(try await Verdict.judge(whole, at: end).faults == [])
    }

    private func play(_ beats: [Beat], _ home: Home, _ commands: @Sendable (Beat) -> [[String]]) async throws {
        for beat in beats {
            for command in commands(beat) {
                let ending = try await home.takt(command)
                guard let code = ending.exitCode, [0, 10].contains(code) else {
                    throw Unexpected("\(command) ended with \(ending)")
                }
            }
        }
    }
}

struct Beat: Sendable {
    let profile: String
    let close: Instant
    var arguments: [String] { ["--cycle", "\(profile)/\(close)", "--now", "\(close.advanced(bySeconds: 3))"] }
}
