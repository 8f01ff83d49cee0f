import NIOCore
import NIOPosix
import Testing
import TransportServers

@testable import Sockets

/// A listener on a loopback port that does with each connection what a test says.
final class LoopbackServer: Sendable {
    let port: Int
    private let listener: any Channel

    /// - Parameter answer: What comes back for a piece of bytes; `nil` closes the connection.
    init(answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answering(answer: answer))
                }
            }
        listener = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
    }

    func stop() async throws { try await listener.close().get() }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let answer: @Sendable ([UInt8]) -> [UInt8]?

        init(answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard let bytes = answer(Array(unwrapInboundIn(data).readableBytesView)) else {
                return context.close(promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

@Suite("A TCP connection against a server on the loopback", .timeLimit(.minutes(1)))
struct TCPClientTests {
    /// Reads until so many bytes have come, or the connection has ended.
    private func read(_ count: Int, from client: TCPClient) async -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, case .bytes(let piece)? = await client.next() { bytes += piece }
        return bytes
    }

    @Test("Bytes come back in their order, whatever their number", arguments: [1, 4096, 1 << 20])
    func echo(count: Int) async throws {
        let server = try await LoopbackServer { $0 }
        let client = try await TCPClient.connect(to: "127.0.0.1", port: server.port)
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        async let received = read(count, from: client)
        try await client.send(bytes)
        #expect(await received == bytes)
        await client.close()
        try await server.stop()
    }

    @Test("What is gathered comes in few pieces, in its order, and a lot of it at once all the same")
    func gathering() async throws {
        let server = try await LoopbackServer { $0 }
        var limits = TCPLimits()
        limits.gathering = .milliseconds(200)
        let client = try await TCPClient.connect(to: "127.0.0.1", port: server.port, limits: limits)
        let first = ContinuousClock.now
        for byte in UInt8(0)..<100 { try await client.send([byte]) }
        var bytes: [UInt8] = []
        var pieces = 0
        while bytes.count < 100, case .bytes(let piece)? = await client.next() {
            bytes += piece
            pieces += 1
        }
        // One piece a fifth of a second at most, however slowly the bytes went out.
        let windows = Int((ContinuousClock.now - first) / .milliseconds(200)) + 2
        #expect(bytes == (0..<100).map { UInt8($0) } && pieces <= windows, "\(pieces) pieces in \(windows)")
        // At a piece of 64 KiB each fifth of a second this would take half a minute.
        let began = ContinuousClock.now
        let much = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        async let received = read(much.count, from: client)
        try await client.send(much)
        #expect(await received == much)
        #expect(ContinuousClock.now - began < .seconds(25))
        await client.close()
        try await server.stop()
    }

    @Test("A reader that is slow loses nothing: the sender waits")
    func slowReader() async throws {
        let size = 8 << 20
        let server = try await LoopbackServer { _ in (0..<size).map { UInt8(truncatingIfNeeded: $0 >> 8) } }
        var limits = TCPLimits()
        limits.waitingPieces = 2
        let client = try await TCPClient.connect(to: "127.0.0.1", port: server.port, limits: limits)
        try await client.send([1])
        let received = await read(size, from: client)
        #expect(received.count == size)
        #expect(received.indices.allSatisfy { received[$0] == UInt8(truncatingIfNeeded: $0 >> 8) })
        await client.close()
        try await server.stop()
    }

    @Test("An end that the other side made, and one that was made here, are told apart; then nothing comes")
    func ends() async throws {
        let server = try await LoopbackServer { _ in nil }
        let client = try await TCPClient.connect(to: "127.0.0.1", port: server.port)
        try await client.send([1])
        #expect(await client.next() == .ended(.closedByPeer))
        #expect(await client.next() == nil)
        await #expect(throws: SocketError.notConnected(address: client.address)) { try await client.send([2]) }
        let other = try await TCPClient.connect(to: "127.0.0.1", port: server.port)
        await other.close()
        #expect(await other.next() == .ended(.closedHere))
        try await server.stop()
    }

    @Test("Where nobody listens there is no connection, and the error says where")
    func unreachable() async throws {
        let port = TestPort(.refusing)
        await #expect(
            throws: SocketError.unreachable(
                address: "127.0.0.1:\(port.number)", detail: "nobody answers there")
        ) { try await TCPClient.connect(to: "127.0.0.1", port: port.number) }
    }

    @Test("A reader whose task is cancelled waits no longer")
    func cancelled() async throws {
        let server = try await LoopbackServer { $0 }
        let client = try await TCPClient.connect(to: "127.0.0.1", port: server.port)
        let reader = Task { await client.next() }
        reader.cancel()
        #expect(await reader.value == nil)
        await client.close()
        try await server.stop()
    }
}
