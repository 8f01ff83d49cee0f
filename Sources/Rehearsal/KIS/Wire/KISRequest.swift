internal import Core

/// A request as it came in.
struct KISRequest: Sendable {
    let method: String
    let path: String
    /// Names in upper case: KIS takes both.
    let query: [String: String]
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    init(method: String, uri: String, headers: [String: String], body: [UInt8]) {
        self.method = method
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        var query: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[Self.decoded(sides[0]).uppercased()] = sides.count > 1 ? Self.decoded(sides[1]) : ""
        }
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The last part of the path: what faults and logs call the endpoint.
    var endpoint: String { path.split(separator: "/").last.map(String.init) ?? path }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// An answer as it goes out.
struct KISReply: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8]

    init(status: Int = 200, headers: [(String, String)] = [], _ json: JSONValue) {
        self.status = status
        self.headers = headers
        body = json.utf8
    }

    /// The envelope of every `/uapi` answer.
    static func envelope(
        _ output: [JSONValue.Member] = [], resultCode: String = "0", _ code: String, _ message: String,
        status: Int = 200, trID: String = "", trCont: String = ""
    ) -> KISReply {
        let tail: [JSONValue.Member] = [
            .init("rt_cd", .string(resultCode)), .init("msg_cd", .string(code)),
            .init("msg1", .string(padded(message, 80))),
        ]
        return KISReply(
            status: status, headers: [("tr_id", trID), ("tr_cont", trCont)], .object(output + tail))
    }

    /// The gateway's own refusals come with 500, whoever is to blame.
    static func gateway(_ code: String, _ message: String) -> KISReply {
        envelope(resultCode: "1", code, message, status: 500)
    }

    /// The shape of `/oauth2`.
    static func authorisation(_ code: String, _ message: String) -> KISReply {
        KISReply(status: 403, ["error_description": .string(message), "error_code": .string(code)])
    }

    /// KIS fills fixed fields with blanks.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// A row of an answer: all values are texts.
func row(_ pairs: KeyValuePairs<String, String>) -> JSONValue {
    .object(pairs.map { .init($0.key, .string($0.value)) })
}

extension JSONValue {
    /// The row with these values replaced or added.
    func with(_ pairs: KeyValuePairs<String, String>) -> JSONValue {
        pairs.reduce(self) { $0.setting($1.key, .string($1.value)) }
    }

    /// The same row without a value.
    var blanked: JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.map { .init($0.key, "") })
    }
}

/// `HHMMSS`.
func clockText(_ secondOfDay: Int) -> String {
    digits(secondOfDay / 3600, 2) + digits(secondOfDay / 60 % 60, 2) + digits(secondOfDay % 60, 2)
}

/// A whole number with leading zeros.
func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}

/// The second of the day that `HHMMSS` names.
func second(of clock: String) -> Int? {
    guard clock.utf8.count == 6, let number = Int(clock) else { return nil }
    return number / 10_000 * 3600 + number / 100 % 100 * 60 + number % 100
}
