public import Core
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A stand-in for TWS or IB Gateway on a loopback port, in front of one market and the accounts that trade in it; beside it
/// a port for those who steer it.
///
/// The market stands still until it is told the time: ``advance(to:)``, or `POST /_rehearsal/clock` at the control port.
public final class IBSimulator: Sendable {
    /// Where clients and those who steer connect to, on 127.0.0.1.
    public struct Addresses: Hashable, Sendable {
        public let gateway: Int
        public let control: Int
    }

    /// A client that leaves more bytes than this unread is cut off.
    private static let backlogLimit = 64 << 20

    private let state: Mutex<SimulatedGateway>
    /// Held from a change of the state until what it sends is on its way, so that frames keep their order.
    private let turn = Mutex(())
    private let channels = Mutex<[Int: any Channel]>([:])
    private let listener = Mutex<(any Channel)?>(nil)
    private let controlListener = Mutex<(any Channel)?>(nil)
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    public init(_ configuration: IBSimulatorConfiguration) { state = Mutex(SimulatedGateway(configuration)) }

    // MARK: Life

    public func start() async throws -> Addresses {
        let gateway = try await listen(0).get()
        let control = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(GatewayControlHandler(simulator: self))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        controlListener.withLock { $0 = control }
        state.withLock { $0.port = gateway }
        return Addresses(gateway: gateway, control: control.localAddress?.port ?? 0)
    }

    public func stop() async throws {
        for channel in [listener.withLock { $0 }, controlListener.withLock { $0 }] { try? await channel?.close().get() }
        try await group.shutdownGracefully()
    }

    /// - Returns: The port.
    private func listen(_ port: Int) -> EventLoopFuture<Int> {
        bootstrap.bind(host: "127.0.0.1", port: port).map { [self] channel in
            listener.withLock { $0 = channel }
            return channel.localAddress?.port ?? 0
        }
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: group).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1 << 20, high: Self.backlogLimit))
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(GatewayHandler(simulator: self))
                }
            }
    }

    // MARK: Control

    public var now: Instant { state.withLock { $0.now } }

    /// Plays the market up to that moment; time never goes back.
    public func advance(to instant: Instant) { deliver { $0.advance(to: instant) } }

    public func advance(bySeconds seconds: Int64) { deliver { $0.advance(to: $0.now.advanced(bySeconds: seconds)) } }

    /// From here on these faults; places are counted anew.
    public func setFaults(_ plan: IBFaultPlan) { state.withLock { $0.faults.plan = plan } }

    public var injectedFaults: [InjectedFault<IBFault>] { state.withLock { $0.faults.log } }

    /// What the simulator itself holds to be true: cash, positions, orders, executions.
    public var books: JSONValue { state.withLock { $0.books } }

    public var status: JSONValue { state.withLock { $0.status } }

    /// The gateway loses its servers.
    public func lose() {
        deliver { state in
            state.lose()
            return state.takeDeliveries()
        }
    }

    /// The line is back; with `keepsData` the subscriptions are too.
    public func restore(keepsData: Bool) {
        deliver { state in
            state.restore(keepsData: keepsData)
            return state.takeDeliveries()
        }
    }

    /// 2103 and 2105, or 2104 and 2106: data stands still in between.
    public func setFarms(connected: Bool) { steer { connected ? $0.farmsBack() : $0.breakFarms() } }

    /// 10197 on every line while another session of the user is live.
    public func setCompeting(_ isCompeting: Bool) {
        steer { if isCompeting { $0.compete() } else { $0.isDataStale = false } }
    }

    /// 10225 on every subscription to bars of five seconds, which bring nothing more.
    public func bust() { steer { $0.bust() } }

    /// The application goes down: every connection closes, and new ones are refused until ``reopen()``.
    public func close() async throws { try await setListening(false).get() }

    /// The application listens again, on the same port. Somebody else's connection may have been given it meanwhile: then it is
    /// tried for some seconds.
    public func reopen() async throws {
        for _ in 0..<50 {
            do { return try await setListening(true).get() } catch let error as IOError
                where error.errnoCode == EADDRINUSE
            {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        try await setListening(true).get()
    }

    func setListening(_ isListening: Bool) -> EventLoopFuture<Void> {
        if isListening {
            guard listener.withLock({ $0 == nil }) else { return group.next().makeSucceededVoidFuture() }
            return listen(state.withLock { $0.port }).map { _ in }
        }
        deliver { $0.restart() }
        let channel = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        return channel?.close() ?? group.next().makeSucceededVoidFuture()
    }

    /// Closes every connection, without a word.
    public func disconnectAll() {
        for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }

    /// Something else that somebody does to it from outside.
    func steer(_ work: (inout SimulatedGateway) -> Void) {
        deliver { state in
            work(&state)
            state.publish()
            return state.takeDeliveries()
        }
    }

    // MARK: Traffic

    func open(_ channel: any Channel) -> Int {
        let connection = state.withLock { $0.open() }
        channels.withLock { $0[connection] = channel }
        return connection
    }

    func receive(_ connection: Int, _ bytes: ByteBufferView) {
        let elapsed = Int64(NIODeadline.now().uptimeNanoseconds)
        deliver { $0.receive(connection, bytes, elapsed: elapsed) }
    }

    func closed(_ connection: Int) {
        state.withLock { $0.closed(connection) }
        channels.withLock { $0[connection] = nil }
    }

    private func deliver(_ work: (inout SimulatedGateway) -> [GatewayDelivery]) {
        turn.withLock { _ in
            let deliveries = state.withLock { work(&$0) }
            send(deliveries)
        }
    }

    /// Frames of one connection that come together are written together.
    private func send(_ deliveries: [GatewayDelivery]) {
        var pending: [Int: [UInt8]] = [:]
        func flush(_ connection: Int) {
            guard let bytes = pending.removeValue(forKey: connection) else { return }
            guard let channel = channels.withLock({ $0[connection] }) else { return }
            guard channel.isWritable else { return channel.close(promise: nil) }
            channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
        }
        for delivery in deliveries {
            let connection = delivery.connection
            switch delivery.action {
            case .bytes(let bytes): pending[connection, default: []] += bytes
            case .later(let milliseconds, let bytes):
                flush(connection)
                guard let channel = channels.withLock({ $0[connection] }) else { continue }
                channel.eventLoop.scheduleTask(in: .milliseconds(Int64(milliseconds))) {
                    channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
                }
            case .close:
                flush(connection)
                guard let channel = channels.withLock({ $0[connection] }) else { continue }
                channel.close(promise: nil)
            }
        }
        for connection in pending.keys.sorted() { flush(connection) }
    }
}

/// One connection of a client.
final class GatewayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let simulator: IBSimulator
    private var connection: Int?

    init(simulator: IBSimulator) { self.simulator = simulator }

    func channelActive(context: ChannelHandlerContext) { connection = simulator.open(context.channel) }

    func channelInactive(context: ChannelHandlerContext) {
        if let connection { simulator.closed(connection) }
        connection = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let connection else { return }
        simulator.receive(connection, unwrapInboundIn(data).readableBytesView)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
