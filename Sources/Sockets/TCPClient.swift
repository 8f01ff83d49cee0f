internal import NIOCore
internal import NIOPosix

/// The client's end of a plain TCP connection: bytes out, bytes in. One task reads ``next()``; any may send.
///
/// Letting go of the value ends the connection.
public final class TCPClient: Sendable {
    public let host: String
    public let port: Int
    private let limits: TCPLimits
    private let channel: any Channel
    private let inbox: Inbox<TCPEvent>

    private init(
        _ host: String, _ port: Int, _ limits: TCPLimits, _ channel: any Channel, _ inbox: Inbox<TCPEvent>
    ) {
        self.host = host
        self.port = port
        self.limits = limits
        self.channel = channel
        self.inbox = inbox
    }

    deinit { channel.close(promise: nil) }

    /// `127.0.0.1:4002`
    public var address: String { "\(host):\(port)" }

    /// Connects, within ``TCPLimits/connecting``.
    public static func connect(
        to host: String, port: Int, limits: TCPLimits = TCPLimits()
    ) async throws(SocketError) -> TCPClient {
        let inbox = Inbox<TCPEvent>(limit: limits.waitingPieces)
        let connecting = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton.next())
            .connectTimeout(TimeAmount(limits.connecting))
            // A request is small and waits for its answer: it must not wait for a second one to share its packet.
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 4096, maximum: 1 << 16)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TCPBytes(inbox: inbox, gathering: limits.gathering))
                }
            }
            .connect(host: host, port: port)
        do {
            let channel = try await connecting.value(within: limits.connecting)
            return TCPClient(host, port, limits, channel, inbox)
        } catch {
            // Also when the connection comes about only after we have given up on it.
            connecting.whenSuccess { $0.close(promise: nil) }
            throw SocketError(
                error, .connecting, address: "\(host):\(port)", host: host,
                unfinished: "the connection ended before it was one")
        }
    }

    /// Sends bytes, in the order of the calls; returns when the system has taken them.
    public func send(_ bytes: [UInt8]) async throws(SocketError) {
        do {
            let buffer = channel.allocator.buffer(bytes: bytes)
            try await channel.writeAndFlush(buffer).value(within: limits.sending)
        } catch {
            throw SocketError(error, .sending, address: address, host: host, unfinished: "")
        }
    }

    /// What comes next; `nil` after ``TCPEvent/ended(_:)``, and when the calling task is cancelled.
    public func next() async -> TCPEvent? { await inbox.next() }

    /// Ends the connection; what has been sent is still delivered. Returns when it is closed here, or after
    /// ``TCPLimits/closing``.
    public func close() async {
        channel.pipeline.fireUserInboundEventTriggered(TCPClosing.here)
        channel.close(promise: nil)
        try? await channel.closeFuture.value(within: limits.closing)
    }
}

/// What a TCP connection brings.
public enum TCPEvent: Hashable, Sendable {
    /// In pieces of any size.
    case bytes([UInt8])
    /// The last event.
    case ended(TCPEnd)
}

/// How a connection ended.
public enum TCPEnd: Hashable, Sendable, CustomStringConvertible {
    /// The other end closed it in order.
    case closedByPeer
    /// The network failed, or the other end reset it.
    case lost(detail: String)
    case closedHere

    public var description: String {
        switch self {
        case .closedByPeer: "the other end closed the connection"
        case .lost(let detail): "the connection was lost: \(detail)"
        case .closedHere: "the connection was closed here"
        }
    }
}

/// The bounds of a connection.
public struct TCPLimits: Hashable, Sendable {
    /// From the look-up of the name to the connection.
    public var connecting: Duration = .seconds(10)
    /// Until bytes have been handed to the system.
    public var sending: Duration = .seconds(10)
    /// How long ending it may take.
    public var closing: Duration = .seconds(2)
    /// So many pieces, of 64 KiB at most, wait for the reader; then the socket is not read, and nothing is dropped.
    public var waitingPieces = 64
    /// After a read the socket is left alone for so long, and the system gathers what comes: a reader that is woken for each packet
    /// of a stream of prices spends ten times as much on waking as on reading. Long pieces are read on at once.
    public var gathering: Duration = .zero

    public init() {}
}

/// Told down the pipeline before the connection is closed here.
private enum TCPClosing { case here }

/// The end of the pipeline: bytes into the inbox, and how it all ended. Everything here runs on the channel's event loop.
private final class TCPBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: Inbox<TCPEvent>
    private let gathering: TimeAmount
    private var end: TCPEnd?
    /// Since the last time the socket had nothing more.
    private var readBytes = 0

    init(inbox: Inbox<TCPEvent>, gathering: Duration) {
        self.inbox = inbox
        self.gathering = TimeAmount(gathering)
    }

    /// From so many bytes at once on there is more where they came from.
    private static let longRead = 1 << 15

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        inbox.whenRoom { channel.read() }
        context.read()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        readBytes += bytes.count
        inbox.put(.bytes(bytes))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let isLong = readBytes >= Self.longRead
        readBytes = 0
        guard inbox.wantsMore() else { return }
        guard gathering > .zero, !isLong else { return context.read() }
        let channel = context.channel
        context.eventLoop.scheduleTask(in: gathering) { channel.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TCPClosing, end == nil { end = .closedHere }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if end == nil { end = .lost(detail: (error as? IOError).map { "error \($0.errnoCode)" } ?? "\(error)") }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.put(.ended(end ?? .closedByPeer))
        inbox.finish()
        context.fireChannelInactive()
    }
}
