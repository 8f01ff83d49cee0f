internal import Core
internal import NIOCore
internal import NIOHTTP1

/// What steers the simulated gateway from outside, on a port of its own:
///
///     POST /_rehearsal/clock      {"now": "2026-11-20T15:30:00Z"} or {"advance_seconds": 60}
///     POST /_rehearsal/faults     a fault plan; GET what has been injected
///     GET  /_rehearsal/books      the simulator's own books
///     GET  /_rehearsal/status     connections, requests, subscriptions
///     POST /_rehearsal/order      an order made by hand in the application: {"account": "DU1234567", "symbol": "AAPL",
///                                 "side": "BUY", "type": "LMT", "quantity": "1", "price": "190"}
///     POST /_rehearsal/link       {"up": false}, or {"up": true, "data": "kept" | "lost"}: 1100, then 1102 or 1101
///     POST /_rehearsal/farms      {"up": false}: 2103 and 2105; {"up": true}: 2104 and 2106
///     POST /_rehearsal/compete    10197 on every line; {"over": true} ends it
///     POST /_rehearsal/bust       10225 on every subscription to bars of five seconds
///     POST /_rehearsal/restart    {"listening": false} closes everything; {"listening": true} opens again
///     POST /_rehearsal/disconnect closes every connection
extension IBSimulator {
    struct Reply: Sendable {
        var status = 200
        let json: JSONValue
    }

    func control(_ method: String, _ path: String, _ body: JSONValue) -> Reply {
        switch (method, path) {
        case ("POST", "clock"): return clock(body)
        case ("GET", "clock"): return Reply(json: ["now": JSONValue(now)])
        case ("POST", "faults"):
            do throws(FaultPlanError<IBFault>) {
                setFaults(try IBFaultPlan(json: body))
                return Reply(json: ["rules": .int(Int64(body["rules"]?.arrayValue?.count ?? 0))])
            } catch {
                return Reply(status: 400, json: ["error": .string(error.description)])
            }
        case ("GET", "faults"): return Reply(json: ["faults": .array(injectedFaults.map(Self.json))])
        case ("GET", "books"): return Reply(json: books)
        case ("GET", "status"): return Reply(json: status)
        case ("POST", "order"): return order(body)
        case ("POST", "link"):
            if body["up"] == true { restore(keepsData: body["data"] != "lost") } else { lose() }
            return Reply(json: ["up": body["up"] ?? false])
        case ("POST", "farms"):
            setFarms(connected: body["up"] == true)
            return Reply(json: ["up": body["up"] ?? false])
        case ("POST", "compete"):
            setCompeting(body["over"] != true)
            return Reply(json: ["over": body["over"] ?? false])
        case ("POST", "bust"):
            bust()
            return Reply(json: ["dead": true])
        case ("POST", "disconnect"):
            disconnectAll()
            return Reply(json: ["closed": true])
        default: return Reply(status: 404, json: ["error": "no such control"])
        }
    }

    private static func json(_ fault: InjectedFault<IBFault>) -> JSONValue {
        [
            "fault": .string(fault.fault.rawValue), "endpoint": .string(fault.endpoint),
            "call": .int(Int64(fault.call)), "at": JSONValue(fault.at),
        ]
    }

    private func clock(_ body: JSONValue) -> Reply {
        if let text = body["now"]?.stringValue, let instant = Instant(rfc3339: text) {
            advance(to: instant)
        } else if let seconds = body["advance_seconds"]?.intValue, (0...31_536_000).contains(seconds) {
            advance(bySeconds: seconds)
        } else {
            return Reply(status: 400, json: ["error": "give 'now', an RFC 3339 time, or 'advance_seconds'"])
        }
        return Reply(json: ["now": JSONValue(now)])
    }

    private func order(_ body: JSONValue) -> Reply {
        var result: Result<Int, GatewayRefusal> = .failure(GatewayRefusal(200, "no such contract"))
        steer { state in
            do throws(GatewayRefusal) {
                result = .success(try state.placeByHand(body))
            } catch {
                result = .failure(error)
            }
        }
        switch result {
        case .success(let permId): return Reply(json: ["perm_id": .int(Int64(permId))])
        case .failure(let refusal):
            return Reply(status: 400, json: ["error": .string(refusal.message), "code": .int(Int64(refusal.code))])
        }
    }
}

/// One HTTP connection to the control port.
final class GatewayControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Larger bodies end the connection.
    private static let bodyLimit = 1 << 20

    private let simulator: IBSimulator
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(simulator: IBSimulator) { self.simulator = simulator }

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
            answer(context, head)
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        let json = body.isEmpty ? JSONValue.object([]) : (try? JSONValue(parsing: body)) ?? .null
        let path = head.uri.hasPrefix("/_rehearsal/") ? String(head.uri.dropFirst("/_rehearsal/".count)) : ""
        guard head.method == .POST, path == "restart" else {
            return write(context, simulator.control(head.method.rawValue, path, json), head.isKeepAlive)
        }
        let bound = NIOLoopBound((self, context, head.isKeepAlive), eventLoop: context.eventLoop)
        let isListening = json["listening"] == true
        simulator.setListening(isListening).hop(to: context.eventLoop).whenComplete { result in
            let (handler, context, isKeepAlive) = bound.value
            let isDone = if case .success = result { true } else { false }
            handler.write(
                context, .init(status: isDone ? 200 : 500, json: ["listening": .bool(isListening == isDone)]),
                isKeepAlive)
        }
    }

    private func write(_ context: ChannelHandlerContext, _ reply: IBSimulator.Reply, _ isKeepAlive: Bool) {
        guard context.channel.isActive else { return }
        let bytes = reply.json.utf8
        let headers: HTTPHeaders = [
            "content-type": "application/json; charset=utf-8", "content-length": "\(bytes.count)",
        ]
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(
            wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !isKeepAlive { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
