import Claude
import ClaudeServers
import Core
import Decision
import Synchronization
import TestSupport
import Testing
import Transport
import TransportServers

/// A clock that is set by hand. Sleeping sets it forward at once.
final class HandClock: WallClock {
    private let state: Mutex<(now: Instant, slept: [Duration])>

    init(_ now: Instant = .fixture) { state = Mutex((now, [])) }

    func now() -> Instant { state.withLock { $0.now } }
    var slept: [Duration] { state.withLock { $0.slept } }
    func advance(by duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }

    func sleep(for duration: Duration) async throws {
        state.withLock {
            $0.now = $0.now.advanced(by: duration)
            $0.slept.append(duration)
        }
    }
}

/// A journal in memory, with what a test wants to happen at each entry.
final class MemoryJournal: ConsultationJournal {
    enum Entry: Hashable, Sendable {
        case willSend(PlannedRequest)
        case received(ConsultationExchange)
    }

    struct Full: Error {}

    private let state = Mutex([Entry]())
    private let before: @Sendable (Entry) async throws -> Void

    init(before: @escaping @Sendable (Entry) async throws -> Void = { _ in }) { self.before = before }

    var entries: [Entry] { state.withLock { $0 } }
    var planned: [PlannedRequest] {
        entries.compactMap { if case .willSend(let request) = $0 { request } else { nil } }
    }
    var exchanges: [ConsultationExchange] {
        entries.compactMap { if case .received(let exchange) = $0 { exchange } else { nil } }
    }

    func willSend(_ request: PlannedRequest) async throws { try await add(.willSend(request)) }
    func received(_ exchange: ConsultationExchange) async throws { try await add(.received(exchange)) }

    private func add(_ entry: Entry) async throws {
        try await before(entry)
        state.withLock { $0.append(entry) }
    }
}

extension ClaudeKey {
    static let text = "sk-ant-api03-TestKeyThatMustNeverShow"
    static func fixture() throws -> ClaudeKey { try #require(ClaudeKey(text)) }
}

extension ClaudeConsultant {
    static func fixture(
        _ standIn: StandIn, model: String = ClaudeModel.standardID, maxTokens: Int = 2048, attempts: Int = 3,
        deadline: Duration = .seconds(20), clock: any WallClock = HandClock()
    ) throws -> ClaudeConsultant {
        ClaudeConsultant(
            settings: try ClaudeSettings(
                model: try .named(model), maxTokens: maxTokens, deadline: deadline, attempts: attempts,
                baseURL: standIn.baseURL), key: try .fixture(), clock: clock, seed: 1)
    }
}

extension MarketQuestion {
    /// NVDA at its bar of 15:35, held since three bars, with a vote to buy.
    static func fixture(
        symbol: String = "NVDA", name: String = "NVIDIA", exchange: String = "XNAS", bars: Int = 5,
        features: [Figure] = [Figure("rsi_14", 62.5, unit: "0 to 100")],
        limits: [Figure] = [Figure("max_position_share", FixedPoint(int64Units: 30_000_000), unit: "share of equity")],
        texts: [OutsideText] = [OutsideText(source: "wire", text: "Chip demand is steady")]
    ) throws -> MarketQuestion {
        MarketQuestion(
            instrument: try .fixture(symbol: Symbol(symbol), name: name, exchange: ExchangeID(exchange)),
            timeframe: .fiveMinutes, barClose: .fixture,
            bars: (0..<bars).map { index in
                Bar.fixture(
                    openAt: Instant.fixture.advanced(bySeconds: Int64(index - bars) * 300),
                    close: .cents(10_000 + 7 * index))
            }, features: features,
            position: Position(
                quantity: Quantity(100), averageCost: .cents(9_950), unrealisedPnL: Money(FixedPoint(78), .usd),
                barsHeld: 3), equity: Money(FixedPoint(100_000), .usd), limits: limits,
            vote: .rule(AgentName("grpo"), .buy, 0.55, [:]), outsideTexts: texts)
    }
}
