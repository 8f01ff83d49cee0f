import Claude
import ClaudeServers
import Core
import Decision
import Foundation
import TestSupport
import Testing
import Transport
import TransportServers

@Suite("Consulting over the wire", .timeLimit(.minutes(2)))
struct ClaudeConsultantTests {
    func reason(_ consultation: Consultation) -> NoOpinion.Reason? {
        if case .noOpinion(let none) = consultation.advice { none.reason } else { nil }
    }

    func message(_ consultation: Consultation) -> String {
        if case .noOpinion(let none) = consultation.advice { none.message } else { "" }
    }

    @Test("An opinion comes back, is billed by its tokens, and stands in the journal after its request")
    func opinion() async throws {
        let standIn = try await StandIn([.opinion()])
        let (journal, consultant) = (MemoryJournal(), try ClaudeConsultant.fixture(standIn))
        let result = await consultant.consult(try .fixture(), calls: 10, journal: journal)
        let opinion = try #require(result.advice.opinion)
        #expect(opinion == (try Opinion(json: ScriptedReply.opinion)))
        #expect(result.calls == 1)
        // 900 × 2 + 2000 × 2.5 + 90 × 10 dollars per million.
        #expect(result.cost == (try FixedPoint("0.0077")))
        let planned = try #require(journal.planned.first)
        #expect(journal.entries.first == .willSend(planned))
        let exchange = try #require(journal.exchanges.first)
        #expect(journal.entries.count == 2)
        #expect(planned.attempt == 1 && planned.model == ClaudeModel.standardID)
        #expect(planned.digest == result.requestDigest)
        #expect(exchange.request == planned && exchange.status == 200 && exchange.requestID == "req_stand_in")
        #expect(exchange.usage == TokenUsage(input: 900, output: 90, cacheWrite: 2000))
        #expect(exchange.cost == result.cost && exchange.cost < planned.worstCase)
        #expect(exchange.advice == result.advice && !exchange.isRetried)
        #expect(try JSONValue(parsing: exchange.answer)["id"] == "msg_01")
        let seen = try await standIn.seen()
        #expect(seen.count == 1 && seen[0].path == "/v1/messages")
        #expect(Array(seen[0].body.utf8) == planned.body)
        #expect(seen[0].headers["x-api-key"]?.stringValue == ClaudeKey.text)
        #expect(seen[0].headers["anthropic-version"]?.stringValue == "2023-06-01")
        #expect(seen[0].headers["content-type"]?.stringValue == "application/json")
    }

    @Test("retry-after is honoured, and every attempt stands in the journal")
    func retryAfter() async throws {
        let standIn = try await StandIn([
            .error(429, "rate_limit_error", headers: ["retry-after": "7"]), .error(529, "overloaded_error"), .opinion(),
        ])
        let (journal, clock) = (MemoryJournal(), HandClock())
        let result = await (try ClaudeConsultant.fixture(standIn, clock: clock))
            .consult(try .fixture(), calls: 10, journal: journal)
        #expect(result.advice.opinion != nil && result.calls == 3)
        #expect(clock.slept.count == 2 && clock.slept[0] == .seconds(7))
        #expect((.milliseconds(500)...(.seconds(1))).contains(clock.slept[1]))
        #expect(journal.planned.map(\.attempt) == [1, 2, 3])
        #expect(journal.planned[1].at == Instant.fixture.advanced(bySeconds: 7))
        #expect(journal.exchanges.map(\.isRetried) == [true, true, false])
        #expect(journal.exchanges.map(\.status) == [429, 529, 200])
        #expect(journal.exchanges[0].cost == .zero && journal.exchanges[1].cost == .zero)
        #expect(Set(journal.planned.map(\.body)).count == 1)
    }

    @Test("Without retry-after the reset of the limit that is used up is waited for")
    func rateLimitReset() async throws {
        let reset = Instant.fixture.advanced(bySeconds: 9)
        let standIn = try await StandIn([
            .error(
                429, "rate_limit_error",
                headers: [
                    "anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "\(reset)",
                    "anthropic-ratelimit-tokens-remaining": "5",
                    "anthropic-ratelimit-tokens-reset": "2026-11-20T16:00:00Z",
                ]), .opinion(),
        ])
        let clock = HandClock()
        let result = await (try ClaudeConsultant.fixture(standIn, clock: clock))
            .consult(try .fixture(), calls: 10, journal: MemoryJournal())
        #expect(result.advice.opinion != nil)
        #expect(clock.slept == [.seconds(9)])
    }

    @Test("A wait beyond the deadline ends the consultation without it")
    func waitTooLong() async throws {
        let standIn = try await StandIn([.error(429, "rate_limit_error", headers: ["retry-after": "30"]), .opinion()])
        let (journal, clock) = (MemoryJournal(), HandClock())
        let result = await (try ClaudeConsultant.fixture(standIn, clock: clock))
            .consult(try .fixture(), calls: 10, journal: journal)
        #expect(reason(result) == .rateLimited && result.calls == 1 && clock.slept.isEmpty)
        #expect(journal.exchanges.map(\.isRetried) == [false])
        #expect(try await standIn.seen().count == 1)
    }

    @Test("No more requests are sent than are left", arguments: [1, 2])
    func callsLeft(calls: Int) async throws {
        let standIn = try await StandIn(Array(repeating: .error(529, "overloaded_error"), count: 5))
        let result = await (try ClaudeConsultant.fixture(standIn, attempts: 5))
            .consult(try .fixture(), calls: calls, journal: MemoryJournal())
        #expect(reason(result) == .unavailable && result.calls == calls)
        #expect(try await standIn.seen().count == calls)
    }

    @Test("The waits together stay within the deadline", arguments: 1...8)
    func deadlineKept(seconds: Int) async throws {
        let standIn = try await StandIn(Array(repeating: .error(529, "overloaded_error"), count: 10))
        let clock = HandClock()
        let result = await (try ClaudeConsultant.fixture(standIn, attempts: 10, clock: clock))
            .consult(try .fixture(), calls: 10, deadline: .seconds(seconds), journal: MemoryJournal())
        #expect(reason(result) == .unavailable)
        #expect(clock.slept.reduce(.zero, +) <= .seconds(seconds - 1))
        #expect(result.duration <= .seconds(seconds))
    }

    @Test("A service that does not answer costs the deadline, no more, and counts with the worst case")
    func silence() async throws {
        let standIn = try await StandIn([ScriptedReply(delay: 30)])
        let (journal, started) = (MemoryJournal(), ContinuousClock.now)
        let result = await (try ClaudeConsultant.fixture(standIn, clock: RealClock()))
            .consult(try .fixture(), calls: 10, deadline: .seconds(1), journal: journal)
        #expect(reason(result) == .deadline)
        #expect(ContinuousClock.now - started < .seconds(60))
        #expect(result.calls == 1 && result.cost == journal.planned.first?.worstCase)
        #expect(journal.exchanges.first?.status == nil && journal.exchanges.first?.answer == [])
    }

    @Test("A broken connection counts with the worst case and is tried again")
    func brokenConnection() async throws {
        let standIn = try await StandIn([ScriptedReply(close: true), .opinion()])
        let journal = MemoryJournal()
        let result = await (try ClaudeConsultant.fixture(standIn))
            .consult(try .fixture(), calls: 10, journal: journal)
        #expect(result.advice.opinion != nil && result.calls == 2)
        #expect(journal.exchanges[0].cost == journal.planned[0].worstCase)
        #expect(result.cost == (try journal.exchanges[0].cost + journal.exchanges[1].cost))
    }

    @Test("Where nobody listens nothing is billed")
    func nobodyListens() async throws {
        let port = TestPort(.refusing)
        let settings = try ClaudeSettings(
            model: try .named(ClaudeModel.standardID), baseURL: "http://127.0.0.1:\(port.number)")
        let consultant = ClaudeConsultant(settings: settings, key: try .fixture(), clock: HandClock(), seed: 1)
        let result = await consultant.consult(try .fixture(), calls: 2, journal: MemoryJournal())
        #expect(reason(result) == .unavailable && result.cost == .zero && result.calls == 2)
    }

    @Test("What cannot be recorded is not sent")
    func recordingFails() async throws {
        let standIn = try await StandIn([.opinion()])
        let journal = MemoryJournal { _ in throw MemoryJournal.Full() }
        let result = await (try ClaudeConsultant.fixture(standIn)).consult(try .fixture(), calls: 10, journal: journal)
        #expect(reason(result) == .unavailable && result.calls == 0 && result.cost == .zero)
        #expect(try await standIn.seen().isEmpty)
    }

    @Test("A journal that finds the budget used up by another process ends the consultation with its reason")
    func budgetUsedMeanwhile() async throws {
        let standIn = try await StandIn([.error(529, "overloaded_error"), .opinion()])
        let journal = MemoryJournal { entry in
            guard case .willSend(let request) = entry, request.attempt == 2 else { return }
            throw ConsultationRefusal(NoOpinion(.dailyLimit, "200 of 200 calls are used up"))
        }
        let result = await (try ClaudeConsultant.fixture(standIn)).consult(try .fixture(), calls: 10, journal: journal)
        #expect(reason(result) == .dailyLimit && result.calls == 1)
        #expect(try await standIn.seen().count == 1)
    }

    @Test("An answer that cannot be recorded is not used, and stays billed")
    func answerNotRecorded() async throws {
        let standIn = try await StandIn([.opinion()])
        let journal = MemoryJournal { entry in if case .received = entry { throw MemoryJournal.Full() } }
        let result = await (try ClaudeConsultant.fixture(standIn)).consult(try .fixture(), calls: 10, journal: journal)
        #expect(reason(result) == .unavailable && result.calls == 1 && result.cost.isPositive)
    }

    @Test("A journal that takes until the deadline leaves nothing to send, and says so")
    func slowJournal() async throws {
        let standIn = try await StandIn([.opinion()])
        let clock = HandClock()
        let journal = MemoryJournal { entry in if case .willSend = entry { clock.advance(by: .seconds(60)) } }
        let result = await (try ClaudeConsultant.fixture(standIn, clock: clock))
            .consult(try .fixture(), calls: 10, journal: journal)
        #expect(reason(result) == .deadline && result.calls == 0 && result.cost == .zero)
        #expect(journal.exchanges.count == 1)
        #expect(try await standIn.seen().isEmpty)
    }

    @Test("Without a key, a call or time nobody is asked")
    func nobodyAsked() async throws {
        let standIn = try await StandIn([.opinion()])
        let question = try MarketQuestion.fixture()
        let consultant = try ClaudeConsultant.fixture(standIn)
        let keyless = ClaudeConsultant(settings: consultant.settings, key: nil, clock: HandClock(), seed: 1)
        let journal = MemoryJournal()
        #expect(reason(await keyless.consult(question, calls: 1, journal: journal)) == .credentials)
        #expect(reason(await consultant.consult(question, calls: 0, journal: journal)) == .dailyLimit)
        #expect(reason(await consultant.consult(question, calls: 1, deadline: .zero, journal: journal)) == .deadline)
        #expect(journal.entries.isEmpty)
        #expect(try await standIn.seen().isEmpty)
    }

    @Test(
        "The key shows nowhere: not in the journal, the advice, or any description, even where the service repeats it")
    func keyNeverShows() async throws {
        let echo = "invalid x-api-key \(ClaudeKey.text)!"
        let replies: [ScriptedReply] = [
            .error(401, "authentication_error", echo, headers: ["request-id": ClaudeKey.text]),
            ScriptedReply(status: 503, body: Array(echo.utf8)),
            .message(content: "[\(ScriptedReply.call("{\"\(ClaudeKey.text)\":1}"))]"),
            .opinion(ScriptedReply.opinion.setting("risks", [.string(ClaudeKey.text)])), ScriptedReply(close: true),
        ]
        for reply in replies {
            let standIn = try await StandIn([reply])
            let journal = MemoryJournal()
            let consultant = try ClaudeConsultant.fixture(standIn, attempts: 1)
            let result = await consultant.consult(try .fixture(), calls: 1, journal: journal)
            var dumped = ""
            for value in [result, journal.entries, consultant] as [Any] {
                dump(value, to: &dumped)
                dumped += "\(value) \(String(reflecting: value))"
            }
            for exchange in journal.exchanges {
                dumped += String(decoding: exchange.answer, as: UTF8.self)
                dumped += String(decoding: exchange.request.body, as: UTF8.self)
            }
            #expect(!dumped.contains(ClaudeKey.text) && !dumped.contains("TestKeyThat"))
            #expect(journal.exchanges.count == 1)
        }
    }

    @Test("An endless answer is cut off: no opinion, and the worst case is billed")
    func huge() async throws {
        let standIn = try await StandIn([ScriptedReply(body: Array(repeating: UInt8(ascii: "["), count: 700_000))])
        let journal = MemoryJournal()
        let result = await (try ClaudeConsultant.fixture(standIn)).consult(try .fixture(), calls: 3, journal: journal)
        #expect(reason(result) == .malformed && result.calls == 1)
        #expect(result.cost == journal.planned.first?.worstCase)
    }

    @Test("A request of a cancelled task is cut off without an opinion", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        let standIn = try await StandIn([ScriptedReply(delay: 30)])
        let consultant = try ClaudeConsultant.fixture(standIn, clock: RealClock())
        let question = try MarketQuestion.fixture()
        let task = Task { await consultant.consult(question, calls: 3, journal: MemoryJournal()) }
        task.cancel()
        let result = await task.value
        #expect(result.advice.opinion == nil && result.calls <= 1)
    }
}

/// The machine's clock, for the tests in which time has to pass.
private struct RealClock: WallClock {
    func now() -> Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
