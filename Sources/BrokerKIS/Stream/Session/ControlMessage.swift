internal import Core

/// What KIS says about the connection itself: JSON.
enum ControlMessage: Hashable, Sendable {
    /// To be sent back as it came.
    case keepAlive
    case answer(RegistrationAnswer)
    /// JSON of another kind, or a text that begins like it and is none.
    case unknown

    /// `nil` for what does not begin as JSON does.
    init?(_ message: [UInt8]) {
        guard message.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return nil }
        guard let json = try? JSONValue(parsing: message), let header = KISRecord(json)?.record("header") else {
            self = .unknown
            return
        }
        if header.text("tr_id") == "PINGPONG" {
            self = .keepAlive
        } else if let body = KISRecord(json)?.record("body"), let code = body.text("msg_cd") {
            self = .answer(RegistrationAnswer(header, body, code))
        } else {
            self = .unknown
        }
    }
}

/// KIS's answer to a registration, or its complaint about the connection.
struct RegistrationAnswer: Hashable, Sendable {
    /// `nil` where the header names no stream that is known: `(null)`.
    let stream: KISStreamKind?
    let key: String?
    /// `msg_cd` and `msg1`.
    let code: String
    let message: String
    /// `rt_cd` is 0.
    let isSuccess: Bool
    let noticeKey: NoticeKey?

    init(_ header: KISRecord, _ body: KISRecord, _ code: String) {
        stream = header.text("tr_id").flatMap(KISStreamKind.init(rawValue:))
        key = header.text("tr_key")
        self.code = code
        message = body.text("msg1") ?? ""
        isSuccess = body.text("rt_cd") == "0"
        let output = body.record("output")
        noticeKey = NoticeKey(key: output?.raw("key") ?? "", initialVector: output?.raw("iv") ?? "")
    }

    var reaction: Reaction {
        if let known = Self.reactions[code] { return known }
        // All of them complain about the JSON.
        if ("OPSP8997"..."OPSP9999").contains(code) { return .ourMistake }
        return isSuccess ? .registered : .refused
    }

    enum Reaction: Hashable, Sendable {
        case registered
        case unregistered
        case retryLater
        /// Nothing more fits.
        case overBudget
        case renewApprovalKey
        /// This registration can never succeed as it is.
        case refused
        /// Another session holds the app key.
        case keyInUse
        /// KIS could not read what was sent.
        case ourMistake
    }

    private static let reactions: [String: Reaction] = [
        "OPSP0000": .registered,
        "OPSP0001": .unregistered,
        // Already in subscribe.
        "OPSP0002": .registered,
        // Not found: gone already.
        "OPSP0003": .unregistered,
        "OPSP0007": .retryLater,
        "OPSP0008": .overBudget,
        "OPSP0009": .retryLater,
        "OPSP0010": .renewApprovalKey,
        "OPSP0011": .renewApprovalKey,
        "OPSP8991": .refused,
        "OPSP8992": .refused,
        "OPSP8993": .refused,
        "OPSP8996": .keyInUse,
    ]
}
