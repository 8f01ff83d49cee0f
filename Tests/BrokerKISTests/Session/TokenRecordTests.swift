import Core
import Settings
import Testing

@testable import BrokerKIS

@Suite("What follows from the record of a token")
struct TokenRecordTests {
    private let now = Instant(epochSeconds: 1_930_000_000)
    private let old = Secret("token-number-one-0001")

    private func token(life seconds: Int64) -> KISToken {
        KISToken(text: old, issuedAt: now.advanced(bySeconds: -3600), expiresAt: now.advanced(bySeconds: seconds))
    }

    @Test("A token with more than ten minutes left is used; with less it is renewed")
    func renewal() {
        let long = token(life: 601)
        #expect(TokenRecord(token: long).step(now: now, failed: nil) == .use(long))
        #expect(TokenRecord(token: token(life: 600)).step(now: now, failed: nil) == .issue)
        #expect(TokenRecord().step(now: now, failed: nil) == .issue)
    }

    @Test("Within the minute after an attempt nobody asks; a token that still lives serves on, a dead one does not")
    func minute() {
        let attempted = now.advanced(bySeconds: -20)
        let short = token(life: 300)
        #expect(TokenRecord(token: short, attemptedAt: attempted).step(now: now, failed: nil) == .use(short))
        #expect(
            TokenRecord(token: token(life: 0), attemptedAt: attempted).step(now: now, failed: nil)
                == .wait(.seconds(41)))
        #expect(TokenRecord(attemptedAt: attempted).step(now: now, failed: nil) == .wait(.seconds(41)))
        #expect(TokenRecord(attemptedAt: now.advanced(bySeconds: -61)).step(now: now, failed: nil) == .issue)
    }

    @Test("A token that KIS turned away is replaced whatever its life, but by a newer one without asking")
    func turnedAway() {
        let long = token(life: 80_000)
        #expect(TokenRecord(token: long).step(now: now, failed: old) == .issue)
        #expect(TokenRecord(token: long, attemptedAt: now).step(now: now, failed: old) == .wait(.seconds(61)))
        #expect(TokenRecord(token: long, attemptedAt: now).step(now: now, failed: Secret("an older one")) == .use(long))
        #expect(TokenRecord(token: long).attempting(now: now, failed: old).token == nil)
        #expect(TokenRecord(token: long).attempting(now: now, failed: nil).token == long)
    }

    @Test("KIS's refusal is repeated within the minute instead of asking again")
    func refusal() {
        let refusal = TokenRecord.Refusal(code: "EGW00103", detail: "no")
        let record = TokenRecord(attemptedAt: now, refusal: refusal)
        #expect(record.step(now: now.advanced(bySeconds: 30), failed: nil) == .refused(refusal, again: .seconds(31)))
        #expect(record.step(now: now.advanced(bySeconds: 61), failed: nil) == .issue)
    }

    @Test("A clock set back by a year makes nobody wait for more than a minute")
    func clockSetBack() {
        let record = TokenRecord(attemptedAt: now.advanced(bySeconds: 365 * 86_400))
        #expect(record.step(now: now, failed: nil) == .wait(.seconds(61)))
        #expect(record.settled(now: now) == TokenRecord(attemptedAt: now))
        #expect(TokenRecord(attemptedAt: now).settled(now: now) == nil)
    }

    @Test("The file holds what the record holds, and what is damaged anywhere is no record")
    func file() throws {
        let record = TokenRecord(
            token: token(life: 86_400), attemptedAt: now, refusal: .init(code: "EGW00103", detail: "아니오"))
        #expect(TokenRecord(file: record.file) == record)
        #expect(TokenRecord(file: TokenRecord().file) == TokenRecord())
        for length in 0..<record.file.count { #expect(TokenRecord(file: Array(record.file.prefix(length))) == nil) }
        for text in [
            "", "{}", "[]", #"{"version":2}"#, #"{"version":1,"token":{"text":"short"}}"#,
            #"{"version":1,"token":{"text":"a token with blanks in it","issued_at":"2031-03-05T00:00:00Z","expires_at":"2031-03-05T00:00:00Z"}}"#,
            #"{"version":1,"attempted_at":"soon"}"#, #"{"version":1,"refusal":{}}"#,
        ] {
            #expect(TokenRecord(file: Array(text.utf8)) == nil)
        }
    }

    /// `access_token_token_expired` as the sheet writes it: 2031-03-05 08:41:07 in Seoul is 2031-03-04 23:41:07 UTC.
    private func answer(_ body: String, at time: String) throws -> KISToken? {
        let json = try JSONValue(parsing: body)
        let now = try #require(Instant(rfc3339: time))
        return KISToken(answer: try #require(KISRecord(json)), json: json, now: now)
    }

    private let sheet =
        #"{"access_token":"eyJhbGciOi.FAKE.x","access_token_token_expired":"2031-03-05 08:41:07","token_type":"Bearer","expires_in":86400}"#

    @Test("The end is read as a time of Seoul, and the earlier of the two ends holds")
    func ends() throws {
        let fresh = try #require(try answer(sheet, at: "2031-03-03T23:41:07Z"))
        #expect(fresh.expiresAt.description == "2031-03-04T23:41:07Z")
        #expect(fresh.text.reveal() == "eyJhbGciOi.FAKE.x")
        // The same token again, five hours later: it says 86400 once more, but ends when it ended before.
        let again = try #require(try answer(sheet, at: "2031-03-04T04:41:07Z"))
        #expect(again.expiresAt.description == "2031-03-04T23:41:07Z")
    }

    @Test("An end that our clock makes impossible is only a hint: the life in seconds counts", arguments: [-400, 400])
    func hint(days: Int) throws {
        let now = try #require(Instant(rfc3339: "2031-03-03T23:41:07Z")).advanced(bySeconds: Int64(days) * 86_400)
        let token = try #require(try answer(sheet, at: now.description))
        #expect(token.expiresAt == now.advanced(bySeconds: 86_400))
    }

    @Test("Answers without a usable token are none")
    func none() throws {
        #expect(try answer(#"{"error_code":"EGW00133","error_description":"x"}"#, at: "2031-03-03T23:41:07Z") == nil)
        #expect(try answer(#"{"access_token":"bad token with blanks"}"#, at: "2031-03-03T23:41:07Z") == nil)
        #expect(try answer(#"{"access_token":""}"#, at: "2031-03-03T23:41:07Z") == nil)
    }
}
