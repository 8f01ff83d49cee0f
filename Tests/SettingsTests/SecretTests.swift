import Core
import Testing

@testable import Settings

struct SecretTests {
    @Test("A secret shows only bullets, however it is printed")
    func masked() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect("\(secret)" == "•••")
        #expect(String(reflecting: secret) == "•••")
        #expect(!dumped.contains("hunter2"))
        #expect(secret.reveal() == "hunter2")
    }

    static let secrets: [String: String] = [
        "KIS_APP_KEY": "hunter2-key", "KIS_APP_SECRET": "hunter2-secret", "KIS_ACCOUNT_NO": "hunter2-account",
        "ANTHROPIC_API_KEY": "hunter2-claude", "SLACK_WEBHOOK_URL": "https://hunter2-slack",
        "SMTP_URL": "smtp://u:hunter2-mail@h:25",
    ]

    @Test("A dump of the settings shows no secret, wherever they came from")
    func dumped() throws {
        var text = ""
        dump(
            try load(
                ConfigurationTexts(dotEnv: "KIS_APP_SECRET=hunter2-file\n"), environment: ["KIS_APP_KEY": "hunter2-key"]
            ),
            to: &text)
        #expect(text.contains("appKey"))
        #expect(!text.contains("hunter2"))
    }

    @Test("Rows show that a secret is set and where, never what it is")
    func rows() throws {
        let settings = try load(environment: Self.secrets)
        #expect(settings.configRows().allSatisfy { !$0.value.contains("hunter2") })
        #expect(settings.row("brokers.kis.app_secret")?.value == "•••")
        #expect(settings.row("brokers.kis.app_secret")?.origin == .environment("KIS_APP_SECRET"))
        #expect(settings.brokers[BrokerID("kis")]?.appSecret?.reveal() == "hunter2-secret")
        #expect(settings.alerts.slack.isReady)
        #expect(try load().row("brokers.kis.app_secret")?.value == "")
        #expect(try load().configDigest == settings.configDigest)
    }

    @Test(
        "An account's number keeps its last two characters, unless it is too short to hide the rest",
        arguments: [
            ("12345678-01", "••••••••-01"), ("DU1234567", "•••••••67"), ("123456", "••••56"), ("12345", "•••"),
            ("", "•••"),
        ])
    func accounts(number: String, shown: String) { #expect(Secret.maskedAccount(number) == shown) }

    @Test("The accounts of both brokers are shown so, from wherever they come, and stay out of the digest")
    func accountRows() throws {
        let file = ConfigurationTexts(
            brokers: "brokers: {kis: {account_no: 87654321-02}, ib: {account: \"DU1234567\"}}")
        let settings = try load(file)
        #expect(settings.row("brokers.kis.account_no")?.value == "••••••••-02")
        #expect(settings.row("brokers.ib.account")?.value == "•••••••67")
        #expect(settings.brokers[BrokerID("ib")]?.account == AccountID("DU1234567"))
        let variable = try load(file, environment: ["KIS_ACCOUNT_NO": "12345678-01"])
        #expect(variable.row("brokers.kis.account_no")?.value == "••••••••-01")
        #expect(variable.row("brokers.kis.account_no")?.isSecret == true)
        #expect(try variable.configDigest == load().configDigest)
        let filled = try load(
            ConfigurationTexts(brokers: "brokers: {ib: {account: \"${IB_ACCOUNT}\"}}", dotEnv: "IB_ACCOUNT=U7654321\n"))
        #expect(filled.row("brokers.ib.account")?.value == "••••••21")
    }

    @Test(
        "A secret that lands under a wrong key is not repeated by the error",
        arguments: [
            ConfigurationTexts(brokers: "brokers: {ib: {port: \"${KIS_APP_SECRET}\"}}"),
            ConfigurationTexts(trading: "trading: {base_currency: \"${KIS_APP_SECRET}\"}"),
            ConfigurationTexts(risk: "alerts: {slack: {levels: [\"${KIS_APP_SECRET}\"]}}"),
            ConfigurationTexts(risk: "alerts: {slack: {webhook: hunter2-plain}}"),
            ConfigurationTexts(brokers: "brokers: {kis: {app_secret: [hunter2-plain]}}"),
            ConfigurationTexts(dotEnv: "KIS_APP_SECRET=\"hunter2"),
        ])
    func errorsAreClean(texts: ConfigurationTexts) {
        let found = errors(texts, environment: Self.secrets)
        #expect(found.count == 1)
        #expect(found.allSatisfy { !$0.description.contains("hunter2") }, "\(found)")
    }

    @Test("A wrong mail address from the environment is not repeated")
    func mail() {
        let found = errors(ConfigurationTexts(), environment: ["SMTP_URL": "hunter2://x"])
        #expect(found.map(\.key) == ["alerts.email.smtp_url"])
        #expect(found.allSatisfy { !$0.description.contains("hunter2") })
    }

    @Test("A value that came out of a secret variable is masked under any key")
    func tainted() throws {
        let texts = ConfigurationTexts(
            brokers: "brokers: {kis: {base_url: \"https://${KIS_APP_SECRET}/\", name: x}}\n"
                + "routing: {rules: [{symbols: [\"${KIS_APP_KEY}\"]}]}")
        let settings = try load(texts, environment: Self.secrets)
        #expect(settings.configRows().allSatisfy { !$0.value.contains("hunter2") })
    }

    @Test("A secret written into a YAML file is told, a slip in .env too")
    func notes() throws {
        let texts = ConfigurationTexts(
            risk: "alerts: {slack: {webhook_url: \"https://hunter2\"}}", dotEnv: "KIS_APPKEY=hunter2\nDB_PORT=1\n")
        let notes = try load(texts).notes
        #expect(notes.map(\.key) == ["KIS_APPKEY", "alerts.slack.webhook_url"])
        #expect(notes.allSatisfy { !$0.description.contains("hunter2") })
    }
}
