public import Core
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket
internal import Synchronization

/// A stand-in for Korea Investment & Securities on loopback ports: its REST service and its WebSocket, real and virtual,
/// in front of one market and the accounts that trade in it.
///
/// The market stands still until it is told the time: ``advance(to:)``, or `POST /_rehearsal/clock` from outside.
public final class KISSimulator: Sendable {
    /// Where the two environments listen.
    public struct Addresses: Hashable, Sendable {
        public let rest: [KISEnvironment: Int]
        public let webSocket: [KISEnvironment: Int]
    }

    /// What a client needs to log in.
    public struct Login: Hashable, Sendable {
        public let appKey: String
        public let appSecret: String
        public let htsID: String
        /// Ten digits.
        public let accounts: [String]
    }

    private let state: Mutex<SimulatedKIS>
    /// Held from a change of the state until what it sends is on its way, so that frames keep their order.
    private let turn = Mutex(())
    private let sessions = Mutex<[Int: any Channel]>([:])
    private let listeners = Mutex<[any Channel]>([])
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    public init(_ configuration: KISSimulatorConfiguration) { state = Mutex(SimulatedKIS(configuration)) }

    // MARK: Life

    /// - Parameter pingSeconds: How often the stream says that it is there.
    public func start(pingSeconds: Int64 = 20) async throws -> Addresses {
        var ports: [[KISEnvironment: Int]] = [[:], [:]]
        for index in 0..<2 {
            for environment in KISEnvironment.allCases {
                let channel = try await bootstrap(environment).bind(host: "127.0.0.1", port: 0).get()
                ports[index][environment] = channel.localAddress?.port ?? 0
                listeners.withLock { $0.append(channel) }
            }
        }
        group.next().scheduleRepeatedTask(initialDelay: .seconds(pingSeconds), delay: .seconds(pingSeconds)) {
            [weak self] _ in self?.ping()
        }
        return Addresses(rest: ports[0], webSocket: ports[1])
    }

    public func stop() async throws {
        for channel in listeners.withLock({ $0 }) { try? await channel.close().get() }
        try await group.shutdownGracefully()
    }

    private func bootstrap(_ environment: KISEnvironment) -> ServerBootstrap {
        ServerBootstrap(group: group).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrader = NIOWebSocketServerUpgrader(
                        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
                        upgradePipelineHandler: { channel, _ in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(
                                    StreamHandler(simulator: self, environment: environment))
                            }
                        })
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: {
                                _ = $0.pipeline.syncOperations.removeHandler(name: CallHandler.name)
                            }
                        ))
                    try channel.pipeline.syncOperations.addHandler(
                        CallHandler(simulator: self, environment: environment), name: CallHandler.name)
                }
            }
    }

    // MARK: Control

    public var now: Instant { state.withLock { $0.exchange.now } }

    /// Plays the market up to that moment; time never goes back.
    public func advance(to instant: Instant) { deliver { $0.advance(to: instant) } }

    public func advance(bySeconds seconds: Int64) {
        deliver { $0.advance(to: $0.exchange.now.advanced(bySeconds: seconds)) }
    }

    /// From here on these faults; calls are counted anew.
    public func setFaults(_ plan: KISFaultPlan) { state.withLock { $0.faults.plan = plan } }

    public var injectedFaults: [InjectedFault<KISFault>] { state.withLock { $0.faults.log } }

    func placeByHand(_ body: JSONValue) throws(Refusal) -> Int {
        var result: Result<Int, Refusal> = .failure(.unknownSymbol)
        deliver { state in
            do throws(Refusal) { result = .success(try state.placeByHand(body)) } catch { result = .failure(error) }
            return state.publish()
        }
        return try result.get()
    }

    public func ping() { deliver { $0.streams.ping(now: $0.exchange.now) } }

    /// Ends every WebSocket session.
    public func disconnectAll() {
        for channel in sessions.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }

    public func login(_ environment: KISEnvironment) -> Login? {
        state.withLock { state in
            state.gateway.credential(environment).map { credential in
                Login(
                    appKey: credential.appKey, appSecret: credential.appSecret, htsID: credential.htsID,
                    accounts: state.exchange.accounts.filter { $0.value.environment == environment }.keys.sorted())
            }
        }
    }

    /// What the simulator itself holds to be true: cash, positions, orders, fills.
    public var books: JSONValue { state.withLock { $0.books } }

    var status: JSONValue { state.withLock { $0.status } }

    // MARK: Traffic

    func handle(_ request: KISRequest, _ environment: KISEnvironment) -> Outcome {
        let elapsed = Int64(NIODeadline.now().uptimeNanoseconds)
        return turn.withLock { _ in
            let outcome = state.withLock { $0.answer(request, at: environment, elapsed: elapsed) }
            send(outcome.deliveries)
            return outcome
        }
    }

    func open(_ environment: KISEnvironment, _ channel: any Channel) -> Int {
        let session = state.withLock { $0.streams.open(environment) }
        sessions.withLock { $0[session] = channel }
        return session
    }

    func receive(_ session: Int, _ text: String) { deliver { $0.receive(session, text) } }

    func closed(_ session: Int) {
        state.withLock { $0.closeSession(session) }
        sessions.withLock { $0[session] = nil }
    }

    private func deliver(_ work: (inout SimulatedKIS) -> [StreamDelivery]) {
        turn.withLock { _ in
            let deliveries = state.withLock { work(&$0) }
            send(deliveries)
        }
    }

    private func send(_ deliveries: [StreamDelivery]) {
        for delivery in deliveries {
            guard let channel = sessions.withLock({ $0[delivery.session] }) else { continue }
            switch delivery.action {
            case .text(let text): write(text, .text, true, channel)
            case .fragments(let parts):
                for (index, part) in parts.enumerated() {
                    write(part, index == 0 ? .text : .continuation, index == parts.count - 1, channel)
                }
            case .close: channel.close(promise: nil)
            }
        }
    }

    private func write(_ text: String, _ opcode: WebSocketOpcode, _ isLast: Bool, _ channel: any Channel) {
        let frame = WebSocketFrame(fin: isLast, opcode: opcode, data: channel.allocator.buffer(string: text))
        channel.writeAndFlush(frame, promise: nil)
    }
}
