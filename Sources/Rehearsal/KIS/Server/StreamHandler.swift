internal import NIOCore
internal import NIOWebSocket

/// One WebSocket connection.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// Longer messages end the connection.
    private static let messageLimit = 1 << 16

    private let simulator: KISSimulator
    private let environment: KISEnvironment
    private var session: Int?
    private var message: [UInt8] = []

    init(simulator: KISSimulator, environment: KISEnvironment) {
        self.simulator = simulator
        self.environment = environment
    }

    func handlerAdded(context: ChannelHandlerContext) { session = simulator.open(environment, context.channel) }

    func channelInactive(context: ChannelHandlerContext) {
        if let session { simulator.closed(session) }
        session = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .continuation:
            message += frame.unmaskedData.readableBytesView
            guard message.count <= Self.messageLimit else { return context.close(promise: nil) }
            guard frame.fin, let session else { return }
            let text = String(decoding: message, as: UTF8.self)
            message = []
            simulator.receive(session, text)
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .pong:
            // The official sample answers PINGPONG so.
            if let session { simulator.receive(session, String(buffer: frame.unmaskedData)) }
        case .connectionClose:
            let close = WebSocketFrame(fin: true, opcode: .connectionClose, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(close), promise: nil)
            context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
