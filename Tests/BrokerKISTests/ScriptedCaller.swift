import Core
import Synchronization

@testable import BrokerKIS

/// Answers from a script, by the real transaction id, and remembers what it was asked.
final class ScriptedCaller: KISCaller {
    struct Call: Sendable {
        let endpoint: KISEndpoint
        let fields: [KISField]
        let isContinuation: Bool

        subscript(key: String) -> String? { fields.first { $0.key == key }?.value }
    }

    enum Reply: Sendable {
        /// Without more it is said to be the last page, unless nothing is to be said of it.
        case json(String, more: Bool = false, saysLast: Bool = true)
        case failure(KISError)
    }

    private struct State {
        var replies: [String: [Reply]]
        var calls: [Call] = []
        var running = 0
        var mostAtOnce = 0
    }

    private let state: Mutex<State>
    private let receivedAt: Instant
    private let onCall: @Sendable () -> Void
    private let signInReply: Result<KISSignIn, KISError>

    /// - Parameters:
    ///   - replies: For every id the answers in turn; the last one stays.
    ///   - signIn: What came of the key pairs.
    ///   - onCall: What happens meanwhile.
    init(
        _ replies: [String: [Reply]], receivedAt: Instant = .kisFixture,
        signIn: Result<KISSignIn, KISError> = .failure(
            .unavailable(call: "access token", detail: "the script has no answer")),
        onCall: @escaping @Sendable () -> Void = {}
    ) {
        state = Mutex(State(replies: replies))
        self.onCall = onCall
        self.receivedAt = receivedAt
        signInReply = signIn
    }

    var calls: [Call] { state.withLock { $0.calls } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }
    func calls(of id: String) -> [Call] { calls.filter { $0.endpoint.realID == id } }

    func signIn() async throws(KISError) -> KISSignIn { try signInReply.get() }

    func send(
        _ endpoint: KISEndpoint, _ fields: [KISField], notAfter end: Instant?
    ) async throws(KISError) -> KISAnswer {
        try await call(endpoint, fields, isContinuation: false)
    }

    func call(
        _ endpoint: KISEndpoint, _ fields: [KISField], isContinuation: Bool
    ) async throws(KISError) -> KISAnswer {
        let reply = state.withLock { state -> Reply? in
            state.calls.append(Call(endpoint: endpoint, fields: fields, isContinuation: isContinuation))
            state.running += 1
            state.mostAtOnce = max(state.mostAtOnce, state.running)
            guard let next = state.replies[endpoint.realID]?.first else { return nil }
            if (state.replies[endpoint.realID]?.count ?? 0) > 1 { state.replies[endpoint.realID]?.removeFirst() }
            return next
        }
        onCall()
        await Task.yield()
        defer { state.withLock { $0.running -= 1 } }
        switch reply {
        case .json(let text, let more, let saysLast)?:
            guard let body = (try? JSONValue(parsing: text)).flatMap(KISRecord.init) else {
                throw .malformedAnswer(call: endpoint.name, detail: "the script's answer is no JSON: \(text)")
            }
            return KISAnswer(
                body: body, hasMore: more, isLast: !more && saysLast, code: body.text("msg_cd") ?? "",
                message: body.text("msg1") ?? "",
                receivedAt: receivedAt)
        case .failure(let error)?: throw error
        case nil: throw .unavailable(call: endpoint.name, detail: "the script has no answer for \(endpoint.realID)")
        }
    }
}

extension Instant {
    /// 2031-03-04, a Tuesday, 10:01:40 in Korea and 20:01:40 of the day before in New York.
    static let kisFixture = Instant(rfc3339: "2031-03-04T10:01:40+09:00") ?? Instant(epochSeconds: 0)

    static func korea(_ text: String) -> Instant { Instant(rfc3339: "\(text)+09:00") ?? Instant(epochSeconds: 0) }
}

extension CivilDate {
    static func day(_ text: String) -> CivilDate { CivilDate(iso: text) ?? CivilDate(daysSinceEpoch: 0) }
}

extension KISAccount {
    static let fixture = KISAccount(number: "50123456", product: "01")
}

extension Instrument {
    static func korean(_ code: String = "005930", ticks: TickSchedule = .krxStock) throws -> Instrument {
        try Instrument(symbol: Symbol(code), name: code, exchange: ExchangeID("XKRX"), currency: .krw, ticks: ticks)
    }

    static func american(
        _ symbol: String = "AAPL", exchange: String = "XNAS", kis: String? = nil
    ) throws -> Instrument {
        try Instrument(
            symbol: Symbol(symbol), name: symbol, exchange: ExchangeID(exchange), currency: .usd, ticks: .usEquity,
            brokerSymbols: kis.map { [BrokerID("kis"): $0] } ?? [:])
    }

    static func foreign(_ symbol: String, _ exchange: String, _ currency: String, tick: String) throws -> Instrument {
        try Instrument(
            symbol: Symbol(symbol), name: symbol, exchange: ExchangeID(exchange), currency: Currency(currency) ?? .usd,
            ticks: TickSchedule(TickRule.uniform(Price(tick))))
    }
}

extension KISBroker {
    static let allMarkets = KISMarket.allCases

    /// A broker over a script; the clock stands ten seconds after what the fixtures tell of.
    static func scripted(
        _ caller: ScriptedCaller, real: Bool = true, markets: [KISMarket] = [.krx, .nasdaq, .nyse, .amex],
        instruments: [Instrument] = [], at now: Instant = .kisFixture, clock: (any WallClock)? = nil,
        isStopping: @escaping @Sendable () -> Bool = { false },
        trouble: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> KISBroker {
        KISBroker(
            caller, account: .fixture,
            rules: KISTradingRules(environment: real ? .real : .virtual, markets: markets),
            instruments: try instruments.isEmpty ? [.korean(), .american()] : instruments,
            clock: clock ?? FixedClock(now), isStopping: isStopping, trouble: trouble)
    }
}

/// Sentences that a broker told, for tests that look at them afterwards.
final class ToldTrouble: Sendable {
    private let told = Mutex<[String]>([])
    var all: [String] { told.withLock { $0 } }
    func tell(_ text: String) { told.withLock { $0.append(text) } }
}
