internal import Core

/// Reads data frames: bytes in, values out. It holds no socket and no clock, and whatever the bytes are, it answers.
package struct StreamDecoder {
    private var table = PayloadTable()
    private var lastDate = LastDate()
    private var records: [DomesticTradeRecord] = []
    private var keys: [KISStreamKind: NoticeKey] = [:]
    /// The width of the records that a stream sent last.
    private(set) var widths: [KISStreamKind: Int] = [:]

    package init() {}

    /// The key of the latest registration of a stream of notices.
    mutating func setKey(_ key: NoticeKey, for stream: KISStreamKind) { keys[stream] = key }
    /// A new connection has new keys.
    mutating func forgetKeys() { keys.removeAll() }
    func hasKey(for stream: KISStreamKind) -> Bool { keys[stream] != nil }

    /// All records of a frame, or why there are none.
    mutating func decode(
        _ message: UnsafeBufferPointer<UInt8>, receivedAt: Instant
    ) throws(KISFrameFault) -> (stream: KISStreamKind, data: [KISStreamData]) {
        guard let head = FrameHead(message) else { throw .notAFrame }
        guard let stream = KISStreamKind(id: head.id) else {
            throw .unknownStream(String(decoding: head.id, as: UTF8.self))
        }
        guard head.isEncrypted else {
            // Notices are always encrypted: one in the clear did not come from KIS.
            guard !stream.isNotice else { throw .undecryptable(stream) }
            return (stream, try data(stream, head.payload, head.count, receivedAt))
        }
        guard let key = keys[stream] else { throw .keyMissing(stream) }
        guard let plain = key.decrypt(head.payload) else { throw .undecryptable(stream) }
        // Typed throws do not pass through the closure; a result does.
        let result = plain.withUnsafeBufferPointer { bytes -> Result<[KISStreamData], KISFrameFault> in
            do throws(KISFrameFault) { return .success(try data(stream, bytes, head.count, receivedAt)) } catch {
                return .failure(error)
            }
        }
        return (stream, try result.get())
    }

    mutating func data(
        _ stream: KISStreamKind, _ payload: UnsafeBufferPointer<UInt8>, _ count: Int, _ receivedAt: Instant
    ) throws(KISFrameFault) -> [KISStreamData] {
        switch stream {
        case .domesticTrades, .nextradeTrades, .combinedTrades:
            try readTrades(stream, payload, count)
            return records.map { .trade(KISStreamTrade($0, stream: stream, receivedAt: receivedAt)) }
        case .overseasTrades:
            return try all(stream, payload, count) {
                KISStreamTrade(overseas: &$0, &$1, stream: stream, receivedAt: receivedAt).map { .trade($0) }
            }
        case .domesticBook, .nextradeBook, .combinedBook:
            return try all(stream, payload, count) { reader, _ in
                KISStreamBook(domestic: &reader, stream: stream, receivedAt: receivedAt).map { .book($0) }
            }
        case .overseasBook, .delayedOverseasBook:
            return try all(stream, payload, count) {
                KISStreamBook(overseas: &$0, &$1, stream: stream, receivedAt: receivedAt).map { .book($0) }
            }
        case .domesticNotices, .domesticNoticesVirtual:
            return try all(stream, payload, count) { reader, _ in
                KISOrderNotice(domestic: &reader, stream: stream, receivedAt: receivedAt).map { .orderNotice($0) }
            }
        case .overseasNotices, .overseasNoticesVirtual:
            return try all(stream, payload, count) { reader, _ in
                KISOrderNotice(overseas: &reader, stream: stream, receivedAt: receivedAt).map { .orderNotice($0) }
            }
        }
    }

    /// Domestic trades as the numbers that were sent, for who must be fast.
    package mutating func domesticTrades(
        _ message: UnsafeBufferPointer<UInt8>
    ) throws(KISFrameFault) -> [DomesticTradeRecord] {
        guard let head = FrameHead(message) else { throw .notAFrame }
        guard let stream = KISStreamKind(id: head.id), !head.isEncrypted, stream.width.known == 46 else {
            throw .unknownStream(String(decoding: head.id, as: UTF8.self))
        }
        try readTrades(stream, head.payload, head.count)
        return records
    }

    private mutating func readTrades(
        _ stream: KISStreamKind, _ payload: UnsafeBufferPointer<UInt8>, _ count: Int
    ) throws(KISFrameFault) {
        let width = try scan(stream, payload, count)
        records.removeAll(keepingCapacity: true)
        for index in 0..<count {
            let fault = table.withReader(payload, record: index, width: width) { reader in
                records.append(DomesticTradeRecord(&reader, &lastDate))
                return reader.fault
            }
            if let fault { throw .unreadableValue(stream, index: fault) }
        }
    }

    private mutating func all(
        _ stream: KISStreamKind, _ payload: UnsafeBufferPointer<UInt8>, _ count: Int,
        _ read: (inout RecordReader, inout LastDate) -> KISStreamData?
    ) throws(KISFrameFault) -> [KISStreamData] {
        let width = try scan(stream, payload, count)
        var data: [KISStreamData] = []
        for index in 0..<count {
            let (item, fault) = table.withReader(payload, record: index, width: width) { reader in
                let item = read(&reader, &lastDate)
                return (item, reader.fault)
            }
            guard let item, fault == nil else { throw .unreadableValue(stream, index: fault ?? 0) }
            data.append(item)
        }
        return data
    }

    /// The width of the records: the number of values divided by their count. Values may have been added to the stream,
    /// but not as many as would be a second record.
    private mutating func scan(
        _ stream: KISStreamKind, _ payload: UnsafeBufferPointer<UInt8>, _ count: Int
    ) throws(KISFrameFault) -> Int {
        table.scan(payload)
        guard table.valueCount % count == 0 else {
            throw .countDoesNotFit(stream, values: table.valueCount, count: count)
        }
        let width = table.valueCount / count
        let (least, known) = stream.width
        guard width >= least, width < 2 * known else { throw .widthDoesNotFit(stream, width: width) }
        if widths[stream] != width { widths[stream] = width }
        return width
    }
}
