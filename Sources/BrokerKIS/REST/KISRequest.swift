internal import Core
internal import Settings
internal import Transport

/// The bytes of a call: headers, query and body as KIS wants them.
enum KISRequest {
    /// - Parameters:
    ///   - transactionID: The `tr_id` of the host that is asked.
    ///   - deadline: For the exchange.
    /// - Returns: `nil` if the address cannot be used.
    static func make(
        _ endpoint: KISEndpoint, _ fields: [KISField], transactionID: String, isContinuation: Bool, door: KISDoor,
        token: Secret, customerType: KISConfiguration.CustomerType, deadline: Duration
    ) -> HTTPRequest? {
        let query = endpoint.method == .get && !fields.isEmpty ? "?" + Self.query(fields) : ""
        guard let url = RedactedURL(door.base.exposed + endpoint.path + query) else { return nil }
        let headers = [
            HTTPHeader("content-type", "application/json; charset=utf-8"),
            HTTPHeader("authorization", "Bearer \(token.reveal())"),
            HTTPHeader("appkey", door.appKey.reveal()), HTTPHeader("appsecret", door.appSecret.reveal()),
            HTTPHeader("tr_id", transactionID), HTTPHeader("custtype", customerType.rawValue),
            HTTPHeader("tr_cont", isContinuation ? "N" : ""),
        ]
        switch endpoint.method {
        case .get: return HTTPRequest(method: .get, url: url, headers: headers, deadline: deadline)
        case .post:
            return HTTPRequest(method: .post, url: url, headers: headers, body: body(fields), deadline: deadline)
        }
    }

    /// `CANO=12345678&PDNO=AAPL`, everything but letters, digits and `-._~` percent-encoded (RFC 3986): continuation keys
    /// hold blanks and carets.
    static func query(_ fields: [KISField]) -> String {
        fields.map { "\(encoded($0.key.uppercased()))=\(encoded($0.value))" }.joined(separator: "&")
    }

    /// One JSON object of upper-case keys and strings.
    static func body(_ fields: [KISField]) -> [UInt8] {
        JSONValue.object(fields.map { JSONValue.Member($0.key.uppercased(), .string($0.value)) }).utf8
    }

    private static func encoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default: output += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
