import ClaudeServers
import Core
import Decision
import Testing

@testable import Claude

/// What each row of the table has to come to, written down a second time.
private struct Expectation: Sendable, CustomTestStringConvertible {
    let status: Int
    let type: String
    var message = "no"
    var code: String?
    let reason: NoOpinion.Reason
    var isRetried = false
    var isBilled = false
    var testDescription: String { "\(status) \(type) \(code ?? "") \(message)" }

    static let all: [Expectation] = [
        .init(
            status: 400, type: "invalid_request_error",
            message: "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
            reason: .rateLimited),
        .init(
            status: 400, type: "invalid_request_error",
            message: "Your credit balance is too low to access the Anthropic API.", reason: .credentials),
        .init(status: 400, type: "invalid_request_error", reason: .configuration),
        .init(status: 401, type: "authentication_error", reason: .credentials),
        .init(status: 402, type: "billing_error", reason: .credentials),
        .init(status: 403, type: "permission_error", reason: .credentials),
        .init(status: 404, type: "not_found_error", reason: .configuration),
        .init(status: 408, type: "request_timeout_error", reason: .unavailable, isRetried: true),
        .init(status: 409, type: "conflict_error", reason: .unavailable, isRetried: true),
        .init(status: 413, type: "request_too_large", reason: .configuration),
        .init(
            status: 429, type: "rate_limit_error", code: "enforced_spend_limit_reached", reason: .rateLimited),
        .init(status: 429, type: "rate_limit_error", reason: .rateLimited, isRetried: true),
        .init(status: 500, type: "api_error", reason: .unavailable, isRetried: true),
        .init(status: 504, type: "timeout_error", reason: .unavailable, isRetried: true, isBilled: true),
        .init(status: 529, type: "overloaded_error", reason: .unavailable, isRetried: true),
    ]

    /// Outside of the table.
    static let others: [Expectation] = [
        .init(status: 418, type: "teapot_error", reason: .configuration),
        .init(status: 422, type: "invalid_request_error", reason: .configuration),
        .init(status: 503, type: "overloaded_error", reason: .unavailable, isRetried: true),
        .init(status: 502, type: "new_error", reason: .unavailable, isRetried: true, isBilled: true),
        .init(status: 401, type: "overloaded_error", reason: .credentials),
        .init(status: 301, type: "moved", reason: .configuration),
        .init(status: 201, type: "made", reason: .malformed, isBilled: true),
    ]
}

@Suite("What the service's failures mean", .timeLimit(.minutes(2)))
struct ServiceFailureTests {
    @Test("Every row of the table has its expectation here")
    func complete() {
        #expect(ServiceFailure.table.count == Expectation.all.count)
        for (row, expectation) in zip(ServiceFailure.table, Expectation.all) {
            #expect(row.status == expectation.status && row.type == expectation.type)
            #expect(!row.cure.isEmpty)
        }
    }

    @Test("A failure over the wire", arguments: Expectation.all + Expectation.others)
    fileprivate func row(expectation: Expectation) async throws {
        let failing = ScriptedReply.error(
            expectation.status, expectation.type, expectation.message, code: expectation.code)
        let standIn = try await StandIn([failing, .opinion()])
        let journal = MemoryJournal()
        let result = await (try ClaudeConsultant.fixture(standIn, attempts: 2))
            .consult(try .fixture(), calls: 10, journal: journal)
        let first = try #require(journal.exchanges.first)
        guard case .noOpinion(let none) = first.advice else {
            Issue.record("an opinion out of a failure")
            return
        }
        #expect(none.reason == expectation.reason)
        #expect(none.message.contains("HTTP \(expectation.status)"))
        #expect(first.status == expectation.status && first.isRetried == expectation.isRetried)
        #expect(first.cost == (expectation.isBilled ? journal.planned[0].worstCase : .zero))
        #expect((result.advice.opinion != nil) == expectation.isRetried)
        #expect(try await standIn.seen().count == (expectation.isRetried ? 2 : 1))
    }

    @Test("A gateway's own words go by the status", arguments: [502, 503, 504, 529])
    func gateway(status: Int) async throws {
        let standIn = try await StandIn([ScriptedReply(status: status, body: Array("<html>Bad Gateway</html>".utf8))])
        let journal = MemoryJournal()
        let result = await (try ClaudeConsultant.fixture(standIn, attempts: 1))
            .consult(try .fixture(), calls: 1, journal: journal)
        guard case .noOpinion(let none) = result.advice else {
            Issue.record("an opinion out of a failure")
            return
        }
        #expect(none.reason == .unavailable)
        // Whether a model has worked behind it is not known.
        #expect(result.cost == journal.planned[0].worstCase)
    }

    @Test("x-should-retry: false ends the attempts")
    func shouldNotRetry() async throws {
        let standIn = try await StandIn([
            .error(529, "overloaded_error", headers: ["x-should-retry": "false"]), .opinion(),
        ])
        let result = await (try ClaudeConsultant.fixture(standIn))
            .consult(try .fixture(), calls: 3, journal: MemoryJournal())
        #expect(result.advice.opinion == nil && result.calls == 1)
    }

    @Test("A service's message is cleaned before it is shown")
    func messageCleaned() async throws {
        let standIn = try await StandIn([.error(400, "invalid_request_error", "\u{1B}[31mred\u{202E}\nline")])
        let result = await (try ClaudeConsultant.fixture(standIn))
            .consult(try .fixture(), calls: 1, journal: MemoryJournal())
        guard case .noOpinion(let none) = result.advice else {
            Issue.record("an opinion out of a failure")
            return
        }
        #expect(none.message.contains("[31mred line"))
    }
}
