import Core
import Foundation
import Settings
import TestSupport
import Testing
import Transport
import TransportServers

@testable import BrokerKIS

@Suite("Nothing secret in errors")
struct SecrecyTests {
    /// Everything planted, in one text, as an echoing server would send it back.
    private static let everything =
        (StubKIS.Planted.all + [
            "50123456-01", "5012345601", "eyJhbGciOi.STUB.TOKEN-0001",
        ]).joined(separator: " ")

    private static func json(_ text: String) -> String { JSONValue.string(text).text }

    static let echoes: [JSONValue] = {
        let all = json(everything)
        return [
            StubKIS.reply("{\"rt_cd\":\"1\",\"msg_cd\":\(all),\"msg1\":\(all)}", status: 500),
            StubKIS.reply("{\"rt_cd\":\"7\",\"msg_cd\":\"APBK0952\",\"msg1\":\(all)}"),
            StubKIS.reply("{\"rt_cd\":\"2\",\"msg_cd\":\"OPSQ2000\",\"msg1\":\(all)}"),
            StubKIS.reply("{\"rt_cd\":\"1\",\"msg_cd\":\"EGW00201\",\"msg1\":\(all)}", status: 500),
            StubKIS.reply("{\"rt_cd\":\"1\",\"msg_cd\":\"EGW00123\",\"msg1\":\(all)}", status: 500),
            StubKIS.reply("{\"error_code\":\"EGW00103\",\"error_description\":\(all)}", status: 403),
            StubKIS.reply("{\"error_code\":\(all),\"error_description\":\(all)}", status: 403),
            StubKIS.reply("<html>\(everything)</html>", status: 502), StubKIS.reply(everything), StubKIS.reply(all),
            StubKIS.reply("{\(all):\(all)}", status: 404), StubKIS.reply(everything, [.init("slow", .double(20))]),
            ["close": true],
            // A blank in front, so that a cut at any length falls into a secret.
            StubKIS.reply(
                "{\"rt_cd\":\"7\",\"msg_cd\":\"APBK0952\",\"msg1\":\(json(String(repeating: "x", count: 290) + everything))}"
            ),
        ]
    }()

    private func check(_ text: String, _ index: Int) {
        for secret in StubKIS.Planted.all {
            #expect(!text.contains(secret), "reply \(index)")
            // No half of one either.
            #expect(!text.contains(secret.prefix(8)), "reply \(index): \(text)")
        }
    }

    @Test(
        "Whatever KIS echoes, no error of a call holds a key, a secret, a token or an account",
        arguments: echoes.indices)
    func calls(index: Int) async throws {
        for endpoint in [KISEndpoint.testOrder, .testBalance, .testPrice] {
            let stub = try await StubKIS(["replies": [Self.echoes[index]], "token_spacing": .double(0)])
            let client = try KISClientTests.client(stub, quotes: true) {
                $0.requestDeadline = .milliseconds(600)
                $0.callDeadline = .milliseconds(1500)
                $0.readRetries = 1
            }
            let fields = [KISField("CANO", StubKIS.Planted.account), KISField("ACNT_PRDT_CD", "01")]
            let error = await #expect(throws: KISError.self) {
                try await client.call(endpoint, fields, isContinuation: false)
            }
            var dumped = "\(error.map { "\($0)" } ?? "") \(String(reflecting: error))"
            if let error { dump(error, to: &dumped) }
            check(dumped, index)
        }
    }

    @Test(
        "Nor does an error of the token, nor the file of the count, nor the names of files", arguments: echoes.indices)
    func tokens(index: Int) async throws {
        let stub = try await StubKIS(["token": [Self.echoes[index], Self.echoes[index], Self.echoes[index]]])
        let client = try KISClientTests.client(stub, quotes: true) {
            $0.requestDeadline = .milliseconds(600)
            $0.callDeadline = .milliseconds(1500)
        }
        let error = await #expect(throws: KISError.self) { try await client.warmUp(.order) }
        check("\(error.map { "\($0)" } ?? "")", index)
        let second = await #expect(throws: KISError.self) {
            try await client.call(.testOrder, [], isContinuation: false)
        }
        check("\(second.map { "\($0)" } ?? "")", index)
        for name in try FileManager.default.contentsOfDirectory(atPath: stub.tokens) {
            check(name, index)
            check(try String(contentsOfFile: stub.tokens + "/" + name, encoding: .utf8), index)
        }
    }

    @Test("Nothing secret lies in the folder but the token in its file")
    func files() async throws {
        let stub = try await StubKIS(replies: [StubKIS.success])
        let client = try KISClientTests.client(stub)
        _ = try await client.call(.testBalance, [KISField("CANO", StubKIS.Planted.account)], isContinuation: false)
        for name in try FileManager.default.contentsOfDirectory(atPath: stub.tokens) {
            let path = stub.tokens + "/" + name
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            for secret in StubKIS.Planted.all where secret != StubKIS.Planted.token || !name.hasPrefix("token-") {
                #expect(!text.contains(secret), "\(name)")
            }
        }
    }
}
