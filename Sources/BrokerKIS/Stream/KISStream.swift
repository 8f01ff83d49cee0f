public import Core
public import Settings
public import Sockets

/// What a stream needs to know.
public struct KISStreamConfiguration: Sendable {
    public let address: WebSocketAddress
    /// `P` for a person, `B` for a company.
    public var customerType = "P"
    /// All streams together; KIS allows 41.
    public var budget = 41
    /// Between two registrations, as the samples keep it; time is also counted in it.
    public var pace = Duration.milliseconds(200)
    public var socket = WebSocketLimits()
    /// So many trades and books wait for a slow reader, then the oldest is dropped; and so many order notices and news.
    public var waitingEvents = 8192
    /// For the jitter of waits.
    public var seed: UInt64 = 0

    public init(address: WebSocketAddress) { self.address = address }
}

/// What has come and gone so far.
public struct KISStreamCounts: Hashable, Sendable {
    public var connections = 0
    public var frames = 0
    /// Trades, books and notices.
    public var records = 0
    /// Trades that were told apart as sent before.
    public var repeated = 0
    public var keepAlives = 0
    /// Frames of streams that are not read here, and JSON that says nothing known.
    public var unknown = 0
    public var refusedFrames = 0
    /// Of those, notices without a key or with a wrong one.
    public var undecryptable = 0
}

/// Where a fresh approval key comes from. It is asked for each connection; a key that KIS has refused must not be given
/// again.
public typealias KISApprovalKeySource = @Sendable (_ refused: Secret?) async throws -> Secret

/// The stream of an app key: prices and order notices as typed events.
///
/// ``run()`` keeps it alive until its task is cancelled or nothing can be done any more; ``events`` has one reader. One
/// app key has one session: run no second stream with the same key anywhere.
public actor KISStream {
    private let configuration: KISStreamConfiguration
    private let approvalKey: KISApprovalKeySource
    private let clock: any WallClock
    private let buffer: EventBuffer
    private var session: StreamSession
    private var decoder = StreamDecoder()
    private var continuity = TradeContinuity()
    private var socket: WebSocketClient?
    private var lastKey: Secret?
    /// What was told of this connection already: the same trouble is not told with every frame.
    private var toldFaults: Set<KISFrameFault> = []
    private var toldWidths: [KISStreamKind: Int] = [:]
    public private(set) var counts = KISStreamCounts()

    public nonisolated var events: KISStreamEvents { KISStreamEvents(buffer: buffer) }

    public init(
        _ configuration: KISStreamConfiguration, wanted: [KISWantedRegistration],
        approvalKey: @escaping KISApprovalKeySource, clock: any WallClock
    ) {
        self.init(configuration, wanted: wanted, limits: .init(), approvalKey: approvalKey, clock: clock)
    }

    init(
        _ configuration: KISStreamConfiguration, wanted: [KISWantedRegistration], limits: StreamSession.Limits,
        approvalKey: @escaping KISApprovalKeySource, clock: any WallClock
    ) {
        self.configuration = configuration
        self.approvalKey = approvalKey
        self.clock = clock
        buffer = EventBuffer(limit: configuration.waitingEvents)
        var session = StreamSession(budget: configuration.budget, limits: limits, seed: configuration.seed)
        session.want(wanted)
        self.session = session
    }

    /// Replaces what is wanted; the stream registers and unregisters at its own pace.
    public func want(_ wanted: [KISWantedRegistration]) { session.want(wanted) }

    /// What is registered now, the most important first.
    public var registered: [KISRegistration] { session.book.active }
    /// Wanted, and without room.
    public var unserved: [KISRegistration] { session.book.unserved }

    /// Connects, registers, reads, and connects again, until the task is cancelled or the stream gives up; then the events
    /// end. To be called once.
    public func run() async {
        while !session.isStopped, !Task.isCancelled {
            let actions = session.tick(configuration.pace)
            if case .connect(let isKeyRefused)? = actions.first {
                await connect(isKeyRefused: isKeyRefused)
            } else {
                await perform(actions)
                try? await clock.sleep(for: configuration.pace)
            }
        }
        await perform(session.cancel())
        buffer.finish()
    }

    private func connect(isKeyRefused: Bool) async {
        let socket: WebSocketClient
        do {
            let key = try await approvalKey(isKeyRefused ? lastKey : nil)
            lastKey = key
            socket = try await WebSocketClient.connect(to: configuration.address, limits: configuration.socket)
        } catch {
            return await perform(session.connectFailed("\(error)"))
        }
        counts.connections += 1
        self.socket = socket
        decoder.forgetKeys()
        toldFaults = []
        await perform(session.connected())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepPace() }
            await read(socket)
            group.cancelAll()
        }
        self.socket = nil
        await socket.close()
    }

    /// Lets time pass for the session while it is live.
    private func keepPace() async {
        while session.isLive, !Task.isCancelled {
            await perform(session.tick(configuration.pace))
            try? await clock.sleep(for: configuration.pace)
        }
    }

    private func read(_ socket: WebSocketClient) async {
        while let event = await socket.next() {
            switch event {
            case .text(let message), .binary(let message): await received(message, socket)
            case .pong: session.heard()
            case .ended(let end): await perform(session.ended("\(end)"))
            }
        }
    }

    private func perform(_ actions: [StreamSession.Action]) async {
        for action in actions {
            switch action {
            case .connect: break
            case .send(let command): await send(command)
            case .close: await socket?.close()
            case .tell(let news): buffer.put(.news(news))
            }
        }
    }

    private func send(_ command: RegistrationBook.Command) async {
        guard let socket, let key = lastKey else { return }
        let text = RegistrationRequest(command, customerType: configuration.customerType).text(approvalKey: key)
        // A failure is followed by the end of the connection, which the reader sees.
        try? await socket.send(text)
    }
}

extension KISStream {
    private func received(_ message: [UInt8], _ socket: WebSocketClient) async {
        session.heard()
        switch ControlMessage(message) {
        case .keepAlive?:
            counts.keepAlives += 1
            try? await socket.send(utf8: message)
        case .answer(let answer)?:
            if let stream = answer.stream, stream.isNotice, let key = answer.noticeKey {
                decoder.setKey(key, for: stream)
            }
            await perform(session.answered(answer))
        case .unknown?: counts.unknown += 1
        case nil: receivedFrame(message)
        }
    }

    private func receivedFrame(_ message: [UInt8]) {
        counts.frames += 1
        let now = clock.now()
        let result = message.withUnsafeBufferPointer {
            bytes -> Result<(KISStreamKind, [KISStreamData]), KISFrameFault> in
            do throws(KISFrameFault) { return .success(try decoder.decode(bytes, receivedAt: now)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let (stream, data)):
            tellWidth(of: stream)
            for item in data { deliver(item) }
        case .failure(let fault): refused(fault)
        }
    }

    private func deliver(_ item: KISStreamData) {
        counts.records += 1
        guard case .trade(var trade) = item else { return buffer.put(.data(item)) }
        trade.continuity = continuity.classify(trade)
        if trade.isRepeated { counts.repeated += 1 }
        buffer.put(.data(.trade(trade)))
    }

    private func tellWidth(of stream: KISStreamKind) {
        guard let width = decoder.widths[stream], width != stream.width.known, toldWidths[stream] != width else {
            return
        }
        toldWidths[stream] = width
        buffer.put(.news(.widthChanged(stream, known: stream.width.known, now: width)))
    }

    private func refused(_ fault: KISFrameFault) {
        switch fault {
        case .unknownStream: counts.unknown += 1
        case .keyMissing, .undecryptable:
            counts.undecryptable += 1
            counts.refusedFrames += 1
        case .notAFrame, .countDoesNotFit, .widthDoesNotFit, .unreadableValue: counts.refusedFrames += 1
        }
        // Each lost notice matters; of the rest, one of a kind and connection, and not more kinds than these.
        guard fault.stream?.isNotice == true || (toldFaults.count < 32 && toldFaults.insert(fault).inserted) else {
            return
        }
        buffer.put(.news(.frameRefused(fault)))
    }
}
