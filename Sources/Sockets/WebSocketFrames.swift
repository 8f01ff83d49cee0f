internal import NIOCore
internal import NIOWebSocket

/// The end of the pipeline: frames into messages, answers to pings and goodbyes, and how it all ended.
///
/// Everything here runs on the channel's event loop.
final class WebSocketFrames: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let inbox: Inbox<WebSocketEvent>
    private var assembler: MessageAssembler
    private var end: WebSocketEnd?

    init(inbox: Inbox<WebSocketEvent>, maximumBytes: Int) {
        self.inbox = inbox
        assembler = MessageAssembler(maximumBytes: maximumBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        inbox.whenRoom { channel.read() }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard end == nil else { return }
        let frame = unwrapInboundIn(data)
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return fail(context, .unknownFrame) }
        let bytes = Array(frame.unmaskedData.readableBytesView)
        do throws(MessageAssembler.Violation) {
            switch try assembler.take(frame.opcode.kind, isFinal: frame.fin, bytes) {
            case .nothing: break
            case .text(let text): inbox.put(.text(text))
            case .binary(let binary): inbox.put(.binary(binary))
            case .pong(let payload): inbox.put(.pong(payload))
            case .ping: context.writeAndFlush(wrapOutboundOut(.masked(.pong, bytes)), promise: nil)
            case .close(let code, let reason): closed(context, code, reason)
            }
        } catch {
            fail(context, error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if inbox.wantsMore() { context.read() }
    }

    /// The goodbye is ours when it was we who began: then the end is already written down.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? WebSocketClosing == .here, end == nil { end = .closedHere }
        context.fireUserInboundEventTriggered(event)
    }

    private func closed(_ context: ChannelHandlerContext, _ code: UInt16?, _ reason: String) {
        end = .closedByServer(code: code, reason: reason)
        let answer = WebSocketFrame.masked(.connectionClose, WebSocketFrame.closeBody(code))
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(answer)).whenComplete { _ in channel.close(promise: nil) }
    }

    private func fail(_ context: ChannelHandlerContext, _ violation: MessageAssembler.Violation) {
        fail(context, detail: "\(violation)", code: violation.closeCode)
    }

    private func fail(_ context: ChannelHandlerContext, detail: String, code: UInt16) {
        end = .broken(detail: detail)
        let goodbye = WebSocketFrame.masked(.connectionClose, WebSocketFrame.closeBody(code))
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(goodbye)).whenComplete { _ in channel.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard end == nil else { return context.close(promise: nil) }
        switch error as? NIOWebSocketError {
        case .invalidFrameLength?: fail(context, .messageTooLarge)
        case .fragmentedControlFrame?, .multiByteControlFrameLength?: fail(context, .badControlFrame)
        case nil:
            end = .lost(detail: (error as? IOError)?.localizedText ?? "\(error)")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.put(.ended(end ?? .lost(detail: "the server ended the connection without a goodbye")))
        inbox.finish()
        context.fireChannelInactive()
    }
}

/// Told down the pipeline before we say goodbye.
enum WebSocketClosing { case here }

extension WebSocketFrame {
    /// A frame of the client's: masked, as RFC 6455 section 5.3 demands.
    static func masked(_ opcode: WebSocketOpcode, _ bytes: some Collection<UInt8>) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: ByteBuffer(bytes: bytes))
    }

    static func closeBody(_ code: UInt16?) -> [UInt8] {
        // 1005 and 1006 stand for "none" and are never sent.
        guard let code, code != 1005, code != 1006 else { return [] }
        return [UInt8(code >> 8), UInt8(code & 0xFF)]
    }
}

extension WebSocketOpcode {
    fileprivate var kind: MessageAssembler.Kind {
        switch self {
        case .continuation: .continuation
        case .text: .text
        case .binary: .binary
        case .connectionClose: .close
        case .ping: .ping
        case .pong: .pong
        default: .unknown
        }
    }
}

extension IOError {
    fileprivate var localizedText: String { "error \(errnoCode)" }
}
