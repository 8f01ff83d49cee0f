import Core
import TestSupport
import Testing

@testable import Sockets

@Suite("Messages from frames")
struct MessageAssemblerTests {
    typealias Violation = MessageAssembler.Violation

    @Test("However a message is cut, it comes out whole", arguments: propertySeeds)
    func cuts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var assembler = MessageAssembler(maximumBytes: 1000)
            let message = (0..<random.int(0...300)).map { _ in
                UInt8(truncatingIfNeeded: random.int(0...255))
            }
            var rest = message[...]
            var isFirst = true
            var output = MessageAssembler.Output.nothing
            while output == .nothing {
                let part = rest.prefix(random.int(0...rest.count))
                rest = rest.dropFirst(part.count)
                // Control frames may come between the parts.
                if random.chance(0.3) {
                    #expect(try assembler.take(.ping, isFinal: true, [1]) == .ping([1]))
                }
                let isFinal = rest.isEmpty
                output = try assembler.take(
                    isFirst ? .binary : .continuation, isFinal: isFinal, Array(part))
                isFirst = false
            }
            #expect(output == .binary(message))
        }
    }

    @Test("What the protocol forbids is refused")
    func violations() {
        func refusal(_ frames: [(MessageAssembler.Kind, Bool, Int)]) -> Violation? {
            var assembler = MessageAssembler(maximumBytes: 100)
            do throws(Violation) {
                for (kind, isFinal, count) in frames {
                    _ = try assembler.take(kind, isFinal: isFinal, [UInt8](repeating: 1, count: count))
                }
                return nil
            } catch { return error }
        }
        #expect(refusal([(.continuation, true, 1)]) == .unexpectedContinuation)
        #expect(refusal([(.text, false, 1), (.text, true, 1)]) == .interruptedMessage)
        #expect(refusal([(.ping, false, 1)]) == .badControlFrame)
        #expect(refusal([(.pong, true, 126)]) == .badControlFrame)
        #expect(refusal([(.close, true, 1)]) == .badControlFrame)
        #expect(refusal([(.unknown, true, 0)]) == .unknownFrame)
        #expect(refusal([(.text, false, 60), (.continuation, false, 40)]) == nil)
        #expect(refusal([(.text, false, 60), (.continuation, true, 41)]) == .messageTooLarge)
        #expect(refusal([(.text, true, 101)]) == .messageTooLarge)
    }

    @Test("A goodbye has a code and a reason, or neither")
    func goodbye() throws {
        var assembler = MessageAssembler(maximumBytes: 100)
        #expect(try assembler.take(.close, isFinal: true, []) == .close(code: nil, reason: ""))
        let body = [0x0F, 0xA1] + Array("why".utf8)
        #expect(try assembler.take(.close, isFinal: true, body) == .close(code: 4001, reason: "why"))
    }
}

@Suite("Addresses of WebSockets")
struct WebSocketAddressTests {
    @Test(
        "Host, port and path are read",
        arguments: [
            ("ws://ops.koreainvestment.com:21000", "ops.koreainvestment.com", 21000, "/"),
            ("ws://127.0.0.1:8000/tryitout", "127.0.0.1", 8000, "/tryitout"),
            ("WS://[::1]:9/a?b=c", "::1", 9, "/a?b=c"), ("ws://host?x", "host", 80, "/?x"),
        ])
    func good(text: String, host: String, port: Int, path: String) throws {
        let address = try WebSocketAddress(text)
        #expect(address.host == host && address.port == port && address.path == path)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "ws://", "wss://host", "http://host", "ws://host:0", "ws://host:65536", "ws://host:+1",
            "ws://host:",
            "ws://user@host", "ws://ho st", "ws://host/\r\nX: y", "ws://[::1", "ws://host/#part",
        ])
    func bad(text: String) {
        #expect(throws: SocketError.badAddress(text)) { try WebSocketAddress(text) }
    }
}
