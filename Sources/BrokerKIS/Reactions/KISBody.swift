internal import Core

/// The body of an answer by its shape, whatever the status.
enum KISBody: Hashable, Sendable {
    /// `{"rt_cd", "msg_cd", "msg1", …}`, the answer of everything under `/uapi`. `message` has lost its padding.
    case envelope(KISRecord, resultCode: String, code: String, message: String)
    /// `{"error_code", "error_description"}`, the gateway's own.
    case gatewayError(code: String, message: String)
    /// Another JSON object: what `/oauth2` answers when it is content.
    case object(KISRecord, JSONValue)
    case empty
    /// No JSON, or JSON that is no object.
    case foreign

    init(_ bytes: [UInt8]) {
        guard bytes.contains(where: { $0 > 0x20 }) else {
            self = .empty
            return
        }
        guard let json = try? JSONValue(parsing: bytes), let record = KISRecord(json) else {
            self = .foreign
            return
        }
        if let resultCode = record.text("rt_cd") {
            self = .envelope(
                record, resultCode: resultCode, code: record.text("msg_cd") ?? "", message: record.text("msg1") ?? "")
        } else if let code = record.text("error_code") {
            self = .gatewayError(code: code, message: record.text("error_description") ?? "")
        } else {
            self = .object(record, json)
        }
    }
}
