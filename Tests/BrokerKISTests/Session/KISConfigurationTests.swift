import Core
import Settings
import Testing
import Transport

@testable import BrokerKIS

@Suite("Account numbers of KIS")
struct KISAccountTests {
    @Test("Both spellings are taken", arguments: ["12345678-01", "1234567801", " 12345678-01 "])
    func accepted(text: String) throws {
        let account = try KISAccount(text)
        #expect(account.number == "12345678")
        #expect(account.product == "01")
    }

    struct Refusal: Sendable {
        let text: String
        let reason: String
    }

    @Test(
        "What is no account number is refused with the reason, and without the number",
        arguments: [
            Refusal(text: "", reason: "it is empty"),
            Refusal(text: "12345678", reason: "the two digits of the product are missing (01 for a stock account)"),
            Refusal(text: "1234567-801", reason: "the dash stands after the eighth digit or nowhere"),
            Refusal(text: "12345678--01", reason: "the dash stands after the eighth digit or nowhere"),
            Refusal(text: "123456789-01", reason: "it has 11 digits instead of 8 and 2"),
            Refusal(text: "12345678-0", reason: "it has 9 digits instead of 8 and 2"),
            Refusal(text: "1234567A-01", reason: "it has characters other than digits and one dash"),
            Refusal(text: "12345678 01", reason: "it has characters other than digits and one dash"),
            Refusal(text: "１２３４５６７８-01", reason: "it has characters other than digits and one dash"),
        ])
    func refused(_ refusal: Refusal) throws {
        let error = try #require(throws: KISConfigurationError.self) { try KISAccount(refusal.text) }
        #expect(error.detail == refusal.reason)
        #expect(error.key.contains("KIS_ACCOUNT_NO"))
        #expect(!error.detail.contains("1234567"))
    }

    @Test("It prints, dumps and mirrors masked")
    func masked() throws {
        let account = try KISAccount("87654321-01")
        var dumped = ""
        dump(account, to: &dumped)
        for text in ["\(account)", String(reflecting: account), dumped] {
            #expect(text.contains("••••••••-01"))
            #expect(!text.contains("8765"))
        }
    }
}

@Suite("The configuration of the KIS connection")
struct KISConfigurationTests {
    private func configuration(
        key: String = "PSkey", secret: String = "secret", base: String? = nil, rate: CallRate? = nil
    ) throws -> KISConfiguration {
        KISConfiguration(
            trading: KISAccess(
                environment: .virtual, appKey: Secret(key), appSecret: Secret(secret), baseURL: base, rate: rate),
            account: try KISAccount("12345678-01"), folder: "/nowhere")
    }

    @Test("Addresses and rates are the environment's unless they are overridden")
    func standard() throws {
        let virtual = try KISDoor(configuration().trading, isForQuotes: false)
        #expect(virtual.base.exposed == "https://openapivts.koreainvestment.com:29443")
        #expect(virtual.rate.interval == .microseconds(555_556))
        var real = try configuration().trading
        real.environment = .real
        let door = try KISDoor(real, isForQuotes: false)
        #expect(door.base.exposed == "https://openapi.koreainvestment.com:9443")
        #expect(door.rate.interval == .microseconds(66_667))
        #expect(try configuration().webSocketAddress == "ws://ops.koreainvestment.com:31000/tryitout")
        let own = try KISDoor(configuration(base: "http://127.0.0.1:8080/").trading, isForQuotes: false)
        #expect(own.base.exposed == "http://127.0.0.1:8080")
    }

    @Test(
        "Keys that cannot stand in a header, and addresses that would show them to everybody, are refused by name",
        arguments: [
            ("", "s", nil, "KIS_APP_KEY"), ("k", "", nil, "KIS_APP_SECRET"), ("k k", "s", nil, "KIS_APP_KEY"),
            ("k", "s\r\nx: y", nil, "KIS_APP_SECRET"), ("k", "s", "http://example.org", "KIS_BASE_URL"),
            ("k", "s", "ftp://127.0.0.1", "KIS_BASE_URL"), ("k", "s", "127.0.0.1:80", "KIS_BASE_URL"),
            ("k", "s", "https://u:p@example.org", "KIS_BASE_URL"),
        ] as [(String, String, String?, String)])
    func refused(key: String, secret: String, base: String?, name: String) throws {
        let error = try #require(throws: KISConfigurationError.self) {
            try KISClient(configuration(key: key, secret: secret, base: base), clock: RealClock(), seed: 1)
        }
        #expect(error.key.contains(name))
    }

    @Test("A rate of zero is refused")
    func zeroRate() throws {
        let wrong = try configuration(rate: CallRate(interval: .zero))
        #expect(throws: KISConfigurationError.self) { try KISClient(wrong, clock: RealClock(), seed: 1) }
    }

    @Test("Nothing secret is printed, dumped or mirrored")
    func secrets() throws {
        let configuration = try StubKIS.configuration(baseURL: "http://127.0.0.1:1", tokens: "/nowhere", quotes: true)
        let client = try KISClient(configuration, clock: RealClock(), seed: 1)
        let token = KISToken(
            text: Secret(StubKIS.Planted.token), issuedAt: Instant(epochSeconds: 0), expiresAt: Instant(epochSeconds: 1)
        )
        var output = "\(configuration) \(client) \(token)"
        dump(configuration, to: &output)
        dump(client, to: &output)
        dump(token, to: &output)
        for secret in StubKIS.Planted.all { #expect(!output.contains(secret)) }
    }
}
