import Core
import Foundation
import TestSupport

/// Real five-minute bars, where the shared data lie beside the checkout.
enum SharedBars {
    struct Market: Sendable {
        let trading: String
        /// The arguments of one `import-bars` each.
        let files: [[String]]
        let beats: [Beat]
    }

    private static let folder = SharedFolder.url.appendingPathComponent("data/bars/5m").path

    static var exist: Bool { FileManager.default.fileExists(atPath: "\(folder)/XNAS.NVDA.5m.csv") }

    /// A session of four American symbols, and the Korean session that the circuit breaker halted.
    static var markets: [Market] {
        [
            market(
                "us", #"[NVDA, PLTR, AAPL, SPY]"#, "{USD: 400000}",
                ["XNAS.NVDA", "XNAS.PLTR", "XNAS.AAPL", "ARCX.SPY"], from: "2026-03-05T14:35:00Z", count: 78),
            market(
                "kr", #"["005930"]"#, "{USD: 1000, KRW: 400000000}", ["XKRX.005930"], from: "2020-03-13T00:05:00Z",
                count: 66),
        ]
    }

    private static func market(
        _ profile: String, _ symbols: String, _ cash: String, _ files: [String], from first: String, count: Int
    ) -> Market {
        let trading = """
            trading:
              base_currency: USD
              profiles:
                \(profile): {symbols: \(symbols), timeframe: 5m, broker: paper, agents: [sma-cross], bars: imported}
            agents:
              sma-cross: {fast: 2, slow: 5}
            decision: {buffer_bars: 20}
            paper: {initial_cash: \(cash), participation: 0.0005, fx: {KRW: "0.00083"}}
            """
        let start = Instant(rfc3339: first) ?? Instant(epochSeconds: 0)
        return Market(
            trading: trading, files: [files.map { "\(folder)/\($0).5m.csv" } + ["--now", first]],
            beats: (0..<count).map { Beat(profile: profile, close: start.advanced(bySeconds: Int64($0) * 300)) })
    }
}
