import Foundation
import TestSupport
import Testing
import TransportServers

@testable import Sockets

/// The client against the `websockets` package of Python: nobody here wrote both sides.
@Suite(
    "A WebSocket against an independent server", .timeLimit(.minutes(1)),
    .enabled(if: TestServers.hasPreparedPython, "TAKT_TEST_PYTHON is not set; scripts/test sets it"))
struct WebSocketClientTests {
    private static let server = Result {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/websocket_server.py").path
        return try TestServer(python: try #require(TestServers.preparedPython), script: script)
    }

    private func address(_ path: String) throws -> WebSocketAddress {
        try WebSocketAddress("ws://127.0.0.1:\(try Self.server.get().port)/\(path)")
    }

    private func connect(_ path: String, _ limits: WebSocketLimits = WebSocketLimits()) async throws
        -> WebSocketClient
    {
        try await WebSocketClient.connect(to: try address(path), limits: limits)
    }

    private func text(_ event: WebSocketEvent?) -> String? {
        if case .text(let bytes)? = event { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    @Test(
        "A message comes back as it was sent",
        arguments: ["", "a", "삼성전자 ⚡", String(repeating: "0123456789", count: 9_000)])
    func echo(message: String) async throws {
        let socket = try await connect("echo")
        try await socket.send(message)
        #expect(text(await socket.next()) == message)
        await socket.close()
    }

    @Test(
        "A message that shares its packet with the answer to the upgrade is not lost", arguments: 0..<20
    )
    func first(round: Int) async throws {
        let socket = try await connect("greet-\(round)")
        #expect(text(await socket.next()) == "welcome")
        await socket.close()
    }

    @Test("Fragments are one message, and a ping between them is answered")
    func fragments() async throws {
        let socket = try await connect("fragments")
        #expect(text(await socket.next()) == "가나다라마바사")
        #expect(text(await socket.next()) == "pong came")
        await socket.close()
    }

    @Test("Our own ping is answered with its payload")
    func ping() async throws {
        let socket = try await connect("echo")
        try await socket.ping(Array("beat".utf8))
        #expect(await socket.next() == .pong(Array("beat".utf8)))
        await socket.close()
    }

    @Test("The server's goodbye comes with its code and reason, and is the last event")
    func goodbye() async throws {
        let socket = try await connect("goodbye")
        #expect(text(await socket.next()) == "last words")
        #expect(await socket.next() == .ended(.closedByServer(code: 4001, reason: "maintenance")))
        #expect(await socket.next() == nil)
        await #expect(throws: SocketError.notConnected(address: "\(socket.address)")) {
            try await socket.send("late")
        }
    }

    @Test(
        "An end without a goodbye is told apart from one with it",
        arguments: ["abrupt-end", "abrupt-reset"])
    func abrupt(path: String) async throws {
        let socket = try await connect(path)
        #expect(text(await socket.next()) == "last words")
        guard case .ended(.lost)? = await socket.next() else {
            return #expect(Bool(false), "not told as lost")
        }
        #expect(await socket.next() == nil)
    }

    @Test("The server sees our goodbye as one, and we see our own as ours")
    func ours() async throws {
        let path = "report-\(UInt32.random(in: 0...UInt32.max))"
        let socket = try await connect(path)
        await socket.close()
        #expect(await socket.next() == .ended(.closedHere))
        var heard: String?
        // The server writes its note down a moment after the connection ended.
        for _ in 0..<50 where heard == nil {
            try await Task.sleep(for: .milliseconds(10))
            let next = try await connect(path)
            try await next.ping()
            heard = text(await next.next())
            await next.close()
        }
        #expect(heard == "1000 True")
    }

    @Test("A message beyond the limit ends the connection; one just within it arrives")
    func size() async throws {
        var limits = WebSocketLimits()
        limits.messageBytes = 50_000
        #expect(text(await (try await connect("large-50000", limits)).next())?.utf8.count == 50_000)
        for path in ["large-50001", "pieces"] {
            let socket = try await connect(path, limits)
            #expect(await socket.next() == .ended(.broken(detail: "messageTooLarge")), "\(path)")
        }
    }

    @Test("A server that breaks the protocol is told as that")
    func protocolViolation() async throws {
        #expect(
            await (try await connect("continuation")).next()
                == .ended(.broken(detail: "unexpectedContinuation")))
    }

    @Test("A slow reader loses nothing, and the server is held back in the meantime")
    func backPressure() async throws {
        var limits = WebSocketLimits()
        limits.waitingMessages = 8
        let socket = try await connect("flood-20000", limits)
        try await Task.sleep(for: .milliseconds(300))
        for number in 0..<20_000 {
            let message = text(await socket.next())
            guard message?.hasPrefix("\(number):") == true else {
                return #expect(Bool(false), "message \(number) was \(message ?? "nothing")")
            }
        }
        #expect(text(await socket.next()) == "done")
    }

    @Test("Path and headers arrive")
    func headers() async throws {
        let socket = try await WebSocketClient.connect(
            to: try address("headers?a=1"), headers: [("X-Takt", "yes")])
        #expect(text(await socket.next()) == "yes /headers?a=1")
    }

    @Test("Nobody there, no upgrade, silence and an unknown name each have an error of their own")
    func failures() async throws {
        let refused = try address("refuse")
        await #expect(throws: SocketError.upgradeRefused(address: "\(refused)")) {
            _ = try await WebSocketClient.connect(to: refused)
        }
        let nobody = try WebSocketAddress("ws://127.0.0.1:1/")
        await #expect(
            throws: SocketError.unreachable(address: "\(nobody)", detail: "nobody answers there")
        ) {
            _ = try await WebSocketClient.connect(to: nobody)
        }
        var limits = WebSocketLimits()
        limits.connecting = .milliseconds(200)
        let silent = try address("silent")
        await #expect(throws: SocketError.timedOut(.connecting, address: "\(silent)")) {
            _ = try await WebSocketClient.connect(to: silent, limits: limits)
        }
    }

    @Test("A cancelled task waits no longer: not for the connection, and not for a message")
    func cancellation() async throws {
        let silent = try address("silent")
        let connecting = Task { try await WebSocketClient.connect(to: silent) }
        try await Task.sleep(for: .milliseconds(50))
        connecting.cancel()
        await #expect(throws: SocketError.cancelled) { _ = try await connecting.value }

        let socket = try await connect("echo")
        let reading = Task { await socket.next() }
        try await Task.sleep(for: .milliseconds(50))
        reading.cancel()
        #expect(await reading.value == nil)
        // The connection itself is as it was.
        try await socket.send("still here")
        #expect(text(await socket.next()) == "still here")
    }

    @Test("A server that never answers a goodbye holds nobody up")
    func deaf() async throws {
        var limits = WebSocketLimits()
        limits.closing = .milliseconds(100)
        let socket = try await connect("deaf", limits)
        await socket.close()
        #expect(await socket.next() == .ended(.closedHere))
    }
}
