public import Core

/// How often a *read* may be asked again, and after which waits. Pure: it says what to do, the caller does it.
///
/// The wait before retry n is drawn between half and the whole of `min(base × 2ⁿ⁻¹, cap)`; a server's `Retry-After` is a
/// lower bound on it. The sum of the waits never exceeds `totalWait`. With the standard values: 0.25–0.5 s, 0.5–1 s.
///
/// Requests that can create or change something have no budget at all: they are sent once.
public struct RetryBudget: Hashable, Sendable {
    public enum Verdict: Hashable, Sendable {
        case retry(after: Duration)
        case giveUp
    }

    /// The original architecture's three tries, the first included.
    public static let standard = RetryBudget(
        attempts: 3, base: .milliseconds(500), cap: .seconds(8), totalWait: .seconds(20))
    public static let none = RetryBudget(attempts: 1, base: .zero, cap: .zero, totalWait: .zero)

    /// Attempts in all, the first included.
    public let attempts: Int
    public let base: Duration
    public let cap: Duration
    public let totalWait: Duration
    public private(set) var failures = 0
    public private(set) var waited: Duration = .zero

    public init(attempts: Int, base: Duration, cap: Duration, totalWait: Duration) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.totalWait = totalWait
    }

    /// An attempt failed in a way that may pass. `retryAfter` is what the server asked for.
    public mutating func failed(
        retryAfter: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Verdict {
        failures += 1
        guard failures < attempts else { return .giveUp }
        let step = min(cap, base * (1 << min(failures - 1, 30)))
        let share = Double(generator.next() >> 11) * 0x1p-53
        let wait = max(step * (0.5 + share / 2), retryAfter ?? .zero)
        // A server that asks for more patience than we have gets none: asking earlier would be rude and useless.
        guard waited + wait <= totalWait else { return .giveUp }
        waited += wait
        return .retry(after: wait)
    }
}

/// The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
public enum RetryAfter {
    /// The wait from `now`; a date in the past means none. `nil` for what is neither form.
    public static func parse(_ text: String, now: Instant) -> Duration? {
        let text = trimmed(text[...])
        if let seconds = Int64(text) { return (0...31_536_000).contains(seconds) ? .seconds(seconds) : nil }
        guard let date = httpDate(text) else { return nil }
        return max(.zero, date.duration(since: now))
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that may be sent today.
    private static func httpDate(_ text: String) -> Instant? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
            let month = MailDate.months.firstIndex(of: String(parts[2])),
            let date = CivilDate(year: year, month: month + 1, day: day),
            let start = Instant(rfc3339: "\(date)T\(parts[4])Z")
        else { return nil }
        return start
    }
}

extension HTTPClient {
    /// Sends a read (GET, HEAD) and asks again within the budget on transient transport errors, 408, 429 and 5xx. When
    /// the budget is used up the last answer is returned, or the last error thrown. Other methods are sent once.
    public func read(
        _ request: HTTPRequest, budget: RetryBudget = .standard, clock: any WallClock, seed: UInt64
    ) async throws(TransportError) -> HTTPResponse {
        var budget = request.method.isRead ? budget : .none
        var generator = SeededGenerator(seed: seed, stream: "retry")
        while true {
            let verdict: RetryBudget.Verdict
            let outcome: Result<HTTPResponse, TransportError>
            do {
                let response = try await send(request)
                guard response.isTransientFailure else { return response }
                let wished = response.header("Retry-After").flatMap { RetryAfter.parse($0, now: clock.now()) }
                verdict = budget.failed(retryAfter: wished, using: &generator)
                outcome = .success(response)
            } catch {
                guard error.isTransient else { throw error }
                verdict = budget.failed(using: &generator)
                outcome = .failure(error)
            }
            guard case .retry(let wait) = verdict, (try? await clock.sleep(for: wait)) != nil else {
                return try outcome.get()
            }
        }
    }
}

extension HTTPResponse {
    /// Whether the same request may get another answer later: request timeout, too many requests, server errors.
    public var isTransientFailure: Bool { status == 408 || status == 429 || (500..<600).contains(status) }
}
