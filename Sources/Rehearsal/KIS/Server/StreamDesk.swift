internal import Core
internal import Sessions

/// What goes to one WebSocket session.
struct StreamDelivery: Hashable, Sendable {
    enum Action: Hashable, Sendable {
        case text(String)
        /// One message in several WebSocket frames.
        case fragments([String])
        /// The connection ends, without a close frame.
        case close
    }
    let session: Int
    let action: Action
}

/// The real-time service: who is connected, what is registered, what is sent.
struct StreamDesk: Sendable {
    /// Registrations of one session, all streams together.
    static let registrationLimit = 41

    struct Registration: Hashable, Sendable {
        let trID: String
        let key: String
    }

    private struct Session: Sendable {
        let environment: KISEnvironment
        /// In the order they came.
        var registrations: [Registration] = []
        /// Of the latest acknowledgement of a transaction id.
        var keys: [String: (iv: String, key: String)] = [:]
        /// Its app key is in use by this session.
        var holdsKey = false
    }

    private struct Frame: Sendable {
        let session: Int
        let registration: Registration
        let isNotice: Bool
        var records: [[String]]
    }

    let seed: UInt64
    let records: StreamRecords
    private var sessions: [Int: Session] = [:]
    private var opened = 0
    private var acknowledged = 0
    private var late: [(due: Instant, frame: Frame)] = []
    private var grouping: SeededGenerator
    private(set) var pongs = 0

    init(seed: UInt64, edition: KISStreamEdition) {
        self.seed = seed
        records = StreamRecords(edition: edition)
        grouping = SeededGenerator(seed: seed, stream: "frames")
    }

    var sessionCount: Int { sessions.count }

    /// Of all sessions, the oldest first.
    var allRegistrations: [Registration] { sessions.sorted { $0.key < $1.key }.flatMap(\.value.registrations) }

    /// Stream keys and symbols whose trades somebody wants.
    var wanted: Set<String> { Set(sessions.values.flatMap { $0.registrations.map(\.key) }) }

    mutating func open(_ environment: KISEnvironment) -> Int {
        opened += 1
        sessions[opened] = Session(environment: environment)
        return opened
    }

    mutating func close(_ session: Int) { sessions[session] = nil }

    /// `PINGPONG` to everybody.
    func ping(now: Instant) -> [StreamDelivery] {
        let (date, second) = SimulatedExchange.seoul.local(now)
        let text: JSONValue = [
            "header": ["tr_id": "PINGPONG", "datetime": .string(date.compact + clockText(second))]
        ]
        return sessions.keys.sorted().map { StreamDelivery(session: $0, action: .text(text.text)) }
    }

    // MARK: Messages of clients

    mutating func receive(
        _ session: Int, _ text: String, approvals: [String: KISEnvironment], htsIDs: [KISEnvironment: String]
    ) -> [StreamDelivery] {
        guard let state = sessions[session] else { return [] }
        if text.isEmpty { return [] }
        guard let json = try? JSONValue(parsing: text), let header = json["header"] else {
            return [refusal(session, "", "", "9", "OPSP8997", "JSON PARSING ERROR : invalid json")]
        }
        if header["tr_id"] == "PINGPONG" {
            pongs += 1
            return []
        }
        guard let input = json["body"]?["input"], let trID = input["tr_id"]?.stringValue,
            let key = input["tr_key"]?.stringValue, let type = header["tr_type"]?.stringValue
        else { return [refusal(session, "", "", "9", "OPSP9990", "JSON PARSING ERROR : header or body missing")] }
        guard let approval = header["approval_key"]?.stringValue, approvals[approval] == state.environment else {
            return [refusal(session, trID, key, "9", "OPSP0011", "invalid approval : NOT FOUND")]
        }
        let isTaken = sessions.contains {
            $0.key != session && $0.value.holdsKey && $0.value.environment == state.environment
        }
        if isTaken { return [refusal(session, "(null)", "", "9", "OPSP8996", "ALREADY IN USE appkey")] }
        sessions[session]?.holdsKey = true
        guard Self.streams(state.environment).contains(trID) else {
            return [refusal(session, trID, key, "9", "OPSP8991", "invalid tr_id : NOT FOUND")]
        }
        if Self.isNotice(trID), key != htsIDs[state.environment] {
            // A wrong login id ends the session without a word.
            sessions[session] = nil
            return [StreamDelivery(session: session, action: .close)]
        }
        return [change(session, Registration(trID: trID, key: key), type)]
    }

    private mutating func change(_ session: Int, _ registration: Registration, _ type: String) -> StreamDelivery {
        let (trID, key) = (registration.trID, registration.key)
        let present = sessions[session]?.registrations ?? []
        switch type {
        case "1":
            if present.contains(registration) {
                return refusal(session, trID, key, "1", "OPSP0002", "ALREADY IN SUBSCRIBE")
            }
            guard present.count < Self.registrationLimit else {
                return refusal(session, trID, key, "1", "OPSP0008", "MAX SUBSCRIBE OVER")
            }
            sessions[session]?.registrations.append(registration)
            return acknowledgement(session, registration, "OPSP0000", "SUBSCRIBE SUCCESS")
        case "2":
            guard let index = present.firstIndex(of: registration) else {
                return refusal(session, trID, key, "1", "OPSP0003", "UNSUBSCRIBE ERROR(not found!)")
            }
            sessions[session]?.registrations.remove(at: index)
            return acknowledgement(session, registration, "OPSP0001", "UNSUBSCRIBE SUCCESS")
        default: return refusal(session, trID, key, "9", "OPSP8992", "invalid tr_type")
        }
    }

    /// The virtual environment streams Korean prices and notices only.
    static func streams(_ environment: KISEnvironment) -> Set<String> {
        switch environment {
        case .real: ["H0STCNT0", "H0STASP0", "HDFSCNT0", "HDFSASP0", "H0STCNI0", "H0GSCNI0"]
        case .virtual: ["H0STCNT0", "H0STASP0", "H0STCNI9", "H0GSCNI9"]
        }
    }

    static func isNotice(_ trID: String) -> Bool { trID.hasPrefix("H0STCNI") || trID.hasPrefix("H0GSCNI") }

    private mutating func acknowledgement(
        _ session: Int, _ registration: Registration, _ code: String, _ text: String
    ) -> StreamDelivery {
        acknowledged += 1
        let hex = Digest(of: "\(seed)|ack|\(acknowledged)").hex
        let keys = (iv: String(hex.prefix(16)), key: String(hex.suffix(32)))
        sessions[session]?.keys[registration.trID] = keys
        let json: JSONValue = [
            "header": [
                "tr_id": .string(registration.trID), "tr_key": .string(registration.key),
                "encrypt": Self.isNotice(registration.trID) ? "Y" : "N",
            ],
            "body": [
                "rt_cd": "0", "msg_cd": .string(code), "msg1": .string(text),
                "output": ["iv": .string(keys.iv), "key": .string(keys.key)],
            ],
        ]
        return StreamDelivery(session: session, action: .text(json.text))
    }

    private func refusal(
        _ session: Int, _ trID: String, _ key: String, _ result: String, _ code: String, _ text: String
    ) -> StreamDelivery {
        let json: JSONValue = [
            "header": ["tr_id": .string(trID), "tr_key": .string(key), "encrypt": "N"],
            "body": ["rt_cd": .string(result), "msg_cd": .string(code), "msg1": .string(text)],
        ]
        return StreamDelivery(session: session, action: .text(json.text))
    }

    // MARK: Frames

    mutating func publish(
        _ events: [SimulatedEvent], now: Instant, accounts: [String: SimulatedAccount],
        approvals: [String: KISEnvironment], faults: inout FaultDesk<KISFault>
    ) -> [StreamDelivery] {
        var frames: [Frame] = []
        for session in sessions.keys.sorted() {
            guard let state = sessions[session] else { continue }
            for event in events { add(event, session, state, accounts, &frames) }
        }
        let due = late.filter { $0.due <= now }.map(\.frame)
        late.removeAll { $0.due <= now }
        var deliveries = frames.flatMap { send($0, now, &faults) }
        deliveries += due.compactMap { text($0).map { StreamDelivery(session: $0.0, action: .text($0.1)) } }
        return deliveries
    }

    /// Trades of one symbol that come together share a frame now and then.
    private mutating func add(
        _ event: SimulatedEvent, _ session: Int, _ state: Session, _ accounts: [String: SimulatedAccount],
        _ frames: inout [Frame]
    ) {
        func put(_ trID: String, _ key: String, isNotice: Bool, _ record: @autoclosure () -> [String]) {
            let registration = Registration(trID: trID, key: key)
            guard state.registrations.contains(registration) else { return }
            let joins = frames.last.map {
                $0.session == session && $0.registration == registration && $0.records.count < 4
            }
            if joins == true, !isNotice, grouping.next() % 2 == 0 {
                frames[frames.count - 1].records.append(record())
            } else {
                frames.append(
                    Frame(session: session, registration: registration, isNotice: isNotice, records: [record()]))
            }
        }
        switch event {
        case .trade(let quote, let trade):
            let isHome = quote.symbol.venue == .krx
            let key = quote.symbol.streamKey
            put(
                isHome ? "H0STCNT0" : "HDFSCNT0", key, isNotice: false,
                isHome ? records.domesticTrade(quote, trade) : records.overseasTrade(quote, trade))
            put(
                isHome ? "H0STASP0" : "HDFSASP0", key, isNotice: false,
                isHome ? records.domesticBook(quote) : records.overseasBook(quote))
        case .notice(let notice):
            guard let account = accounts[notice.order.ticket.account], account.environment == state.environment else {
                return
            }
            let isHome = notice.order.ticket.venue == .krx
            let trID = (isHome ? "H0STCNI" : "H0GSCNI") + (state.environment == .real ? "0" : "9")
            put(
                trID, account.htsID, isNotice: true,
                isHome
                    ? records.domesticNotice(notice, account)
                    : records.overseasNotice(notice, account))
        }
    }

    private mutating func send(_ frame: Frame, _ now: Instant, _ faults: inout FaultDesk<KISFault>) -> [StreamDelivery]
    {
        guard sessions[frame.session] != nil else { return [] }
        var frame = frame
        let rules = faults.draw(frame.registration.trID, ofStream: true, at: now)
        func has(_ fault: KISFault) -> Bool { rules.contains { $0.fault == fault } }
        if has(.lostNotice) { return [] }
        if has(.disconnect) {
            sessions[frame.session] = nil
            return [StreamDelivery(session: frame.session, action: .close)]
        }
        if has(.wrongWidth) {
            if grouping.next() % 2 == 0 { frame.records[0].removeLast() } else { frame.records[0].append("0") }
        }
        if let rule = rules.first(where: { $0.fault == .lateNotice }) {
            late.append((now.advanced(bySeconds: Int64(rule.seconds)), frame))
            return []
        }
        guard let (session, text) = text(frame) else { return [] }
        var actions: [StreamDelivery.Action] = [.text(text)]
        if has(.halfFrame) { actions = [.text(String(text.prefix(text.count / 2)))] }
        if has(.fragmentedFrame) {
            actions = [.fragments([String(text.prefix(text.count / 3)), String(text.dropFirst(text.count / 3))])]
        }
        if has(.duplicateNotice) { actions += actions }
        return actions.map { StreamDelivery(session: session, action: $0) }
    }

    /// `flag|tr_id|count|payload`.
    private func text(_ frame: Frame) -> (Int, String)? {
        guard let state = sessions[frame.session] else { return nil }
        let payload = frame.records.flatMap { $0 }.joined(separator: "^")
        let trID = frame.registration.trID
        let count = digits(frame.records.count, 3)
        guard frame.isNotice else { return (frame.session, "0|\(trID)|\(count)|\(payload)") }
        guard let keys = state.keys[trID],
            let hidden = NoticeCipher.encrypted(payload, key: keys.key, iv: keys.iv)
        else { return nil }
        return (frame.session, "1|\(trID)|\(count)|\(hidden)")
    }
}

extension SimulatedKIS {
    mutating func receive(_ session: Int, _ text: String) -> [StreamDelivery] {
        let ids = Dictionary(uniqueKeysWithValues: gateway.credentials.map { ($0.environment, $0.htsID) })
        defer { watch() }
        return streams.receive(session, text, approvals: gateway.approvals, htsIDs: ids)
    }

    mutating func closeSession(_ session: Int) {
        streams.close(session)
        watch()
    }

    /// Trades nobody has registered for are played without a word.
    private mutating func watch() {
        let wanted = streams.wanted
        exchange.watched = Set(
            exchange.tapes.map(\.symbol).filter { wanted.contains($0.streamKey) }.map {
                SimulatedExchange.key($0.venue, $0.code)
            })
    }
}
