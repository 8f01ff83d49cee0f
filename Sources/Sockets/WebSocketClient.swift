internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket

/// The client's end of a WebSocket. One task reads ``next()``; any may send.
///
/// Pings are answered, fragments joined; neither is seen here. Letting go of the value ends the connection.
public final class WebSocketClient: Sendable {
    public let address: WebSocketAddress
    private let limits: WebSocketLimits
    private let channel: any Channel
    private let inbox: Inbox<WebSocketEvent>

    private init(
        _ address: WebSocketAddress, _ limits: WebSocketLimits, _ channel: any Channel,
        _ inbox: Inbox<WebSocketEvent>
    ) {
        self.address = address
        self.limits = limits
        self.channel = channel
        self.inbox = inbox
    }

    deinit { channel.close(promise: nil) }

    /// Connects and asks for the upgrade.
    ///
    /// - Parameter headers: Beside those that the protocol itself needs.
    public static func connect(
        to address: WebSocketAddress, headers: [(name: String, value: String)] = [],
        limits: WebSocketLimits = WebSocketLimits()
    ) async throws(SocketError) -> WebSocketClient {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let inbox = Inbox<WebSocketEvent>(limit: limits.waitingMessages)
        let connecting = ClientBootstrap(group: loop).connectTimeout(TimeAmount(limits.connecting))
            .connect(host: address.host, port: address.port)
        let upgrading = connecting.flatMap { channel in
            upgrade(channel, address, headers, limits, inbox)
        }
        do {
            let channel = try await upgrading.value(within: limits.connecting)
            guard let channel else { throw SocketError.upgradeRefused(address: "\(address)") }
            return WebSocketClient(address, limits, channel, inbox)
        } catch {
            // Also when the connection comes about only after we have given up on it.
            connecting.whenSuccess { $0.close(promise: nil) }
            throw SocketError(error, .connecting, of: address)
        }
    }

    /// The channel once it speaks WebSocket; `nil` if the server declined.
    private static func upgrade(
        _ channel: any Channel, _ address: WebSocketAddress, _ headers: [(name: String, value: String)],
        _ limits: WebSocketLimits, _ inbox: Inbox<WebSocketEvent>
    ) -> EventLoopFuture<(any Channel)?> {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.path)
        head.headers.add(name: "Host", value: address.hostHeader)
        for header in headers { head.headers.add(name: header.name, value: header.value) }
        let upgrader = NIOTypedWebSocketClientUpgrader<(any Channel)?>(
            maxFrameSize: limits.messageBytes, enableAutomaticErrorHandling: false
        ) { channel, _ in
            channel.setOption(.autoRead, value: false).flatMapThrowing {
                try channel.pipeline.syncOperations.addHandler(
                    WebSocketFrames(inbox: inbox, maximumBytes: limits.messageBytes))
                return channel
            }
        }
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<(any Channel)?>(
            upgradeRequestHead: head, upgraders: [upgrader]
        ) { channel in channel.eventLoop.makeSucceededFuture(nil) }
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        // The first messages may share a packet with the answer to the upgrade.
        configuration.leftOverBytesStrategy = .forwardBytes
        return channel.eventLoop.flatSubmit { [configuration] in
            do {
                return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                    configuration: configuration)
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }
    }

    /// Sends a text message; returns when the system has taken it.
    public func send(_ text: String) async throws(SocketError) {
        try await send(.masked(.text, text.utf8))
    }

    /// The same with bytes that are known to be UTF-8.
    public func send(utf8 bytes: [UInt8]) async throws(SocketError) {
        try await send(.masked(.text, bytes))
    }

    /// A ping; the answer comes as ``WebSocketEvent/pong(_:)``. At most 125 bytes.
    public func ping(_ payload: [UInt8] = []) async throws(SocketError) {
        try await send(.masked(.ping, payload.prefix(125)))
    }

    private func send(_ frame: WebSocketFrame) async throws(SocketError) {
        do {
            try await channel.writeAndFlush(frame).value(within: limits.sending)
        } catch {
            throw SocketError(error, .sending, of: address)
        }
    }

    /// What comes next; `nil` after ``WebSocketEvent/ended(_:)``, and when the calling task is cancelled.
    public func next() async -> WebSocketEvent? { await inbox.next() }

    /// Says goodbye, waits a little for the answer, and ends the connection. Cancelling makes it end at once.
    public func close() async {
        channel.pipeline.fireUserInboundEventTriggered(WebSocketClosing.here)
        channel.writeAndFlush(
            WebSocketFrame.masked(.connectionClose, WebSocketFrame.closeBody(1000)), promise: nil)
        try? await channel.closeFuture.value(within: limits.closing)
        channel.close(promise: nil)
    }
}

extension SocketError {
    fileprivate init(_ error: any Error, _ stage: SocketStage, of address: WebSocketAddress) {
        self.init(
            error, stage, address: "\(address)", host: address.host,
            unfinished: "the connection ended during the upgrade")
    }
}
