internal import Core
internal import NIOCore
internal import NIOHTTP1

/// One HTTP connection.
final class CallHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let name = "kis-calls"
    /// Larger bodies end the connection.
    private static let bodyLimit = 1 << 20

    private let simulator: KISSimulator
    private let environment: KISEnvironment
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(simulator: KISSimulator, environment: KISEnvironment) {
        self.simulator = simulator
        self.environment = environment
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            body += part.readableBytesView
            if body.count > Self.bodyLimit { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            self.head = nil
            var headers: [String: String] = [:]
            for (name, value) in head.headers { headers[name.lowercased()] = value }
            let request = KISRequest(method: head.method.rawValue, uri: head.uri, headers: headers, body: body)
            answer(context, request, keepAlive: head.isKeepAlive)
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ request: KISRequest, keepAlive: Bool) {
        if let reply = simulator.control(request) { return write(context, Outcome(reply: reply), keepAlive) }
        let outcome = simulator.handle(request, environment)
        guard outcome.delayMilliseconds > 0 else { return write(context, outcome, keepAlive) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(Int64(outcome.delayMilliseconds))) {
            let (handler, context) = bound.value
            handler.write(context, outcome, keepAlive)
        }
    }

    private func write(_ context: ChannelHandlerContext, _ outcome: Outcome, _ keepAlive: Bool) {
        guard context.channel.isActive else { return }
        guard let reply = outcome.reply else { return context.close(promise: nil) }
        var headers = HTTPHeaders(reply.headers)
        headers.add(name: "content-type", value: "application/json; charset=utf-8")
        headers.add(name: "content-length", value: "\(reply.body.count)")
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let bytes = outcome.isHalf ? Array(reply.body.prefix(reply.body.count / 2)) : reply.body
        context.write(
            wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: bytes)))), promise: nil)
        if outcome.isHalf {
            context.flush()
            return context.close(promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !keepAlive { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
