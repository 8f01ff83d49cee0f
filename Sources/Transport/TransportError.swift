/// Everything that can go wrong between us and another machine.
///
/// Targets are redacted (`https://hooks.slack.com/•••`), details are scrubbed of the URL's secrets, so an error may be
/// logged, stored and shown as it is.
public enum TransportError: Error, Hashable, Sendable {
    /// libcurl is not installed on this machine, or cannot be opened.
    case libraryMissing(detail: String)
    /// The request is wrong in itself; sending it again cannot help.
    case invalidRequest(detail: String)
    case unresolvedHost(target: String, detail: String)
    /// Nobody listens there, or no route leads there.
    case unreachable(target: String, detail: String)
    /// No trusted encrypted channel: unknown authority, wrong name, expired, or TLS not offered.
    case tlsRefused(target: String, detail: String)
    case timedOut(target: String, after: Duration, mayHaveArrived: Bool)
    case interrupted(target: String, detail: String, mayHaveArrived: Bool)
    case responseTooLarge(target: String, limitBytes: Int)
    /// User name or password not accepted.
    case loginRefused(target: String, detail: String)
    /// The mail server said no with that SMTP code.
    case mailRefused(target: String, code: Int, detail: String)
    case cancelled(target: String, mayHaveArrived: Bool)
}

extension TransportError {
    /// Whether the same request may succeed later without anybody changing anything. Says nothing about whether it is
    /// *safe* to repeat: see `mayHaveArrived`.
    public var isTransient: Bool {
        switch self {
        case .unresolvedHost, .unreachable, .timedOut, .interrupted: true
        case .mailRefused(_, let code, _): code < 500
        case .libraryMissing, .invalidRequest, .tlsRefused, .responseTooLarge, .loginRefused, .cancelled: false
        }
    }

    /// Whether the other side may have received, and acted on, the request. `false` is certain, `true` is a maybe.
    public var mayHaveArrived: Bool {
        switch self {
        case .libraryMissing, .invalidRequest, .unresolvedHost, .unreachable, .tlsRefused, .loginRefused, .mailRefused:
            false
        case .responseTooLarge: true
        case .timedOut(_, _, let flag), .interrupted(_, _, let flag), .cancelled(_, let flag): flag
        }
    }
}

extension TransportError: CustomStringConvertible {
    /// What happened, to which object, how things stand, what to do.
    public var description: String {
        switch self {
        case .libraryMissing(let detail):
            """
            the system's libcurl cannot be opened (\(detail)); nothing was sent. Install it: \
            sudo apt-get install libcurl4
            """
        case .invalidRequest(let detail): "the request was not sent: \(detail)"
        case .unresolvedHost(let target, let detail):
            "\(target): the host name does not resolve (\(detail)); nothing was sent. Check the address and DNS"
        case .unreachable(let target, let detail):
            "\(target): no connection (\(detail)); nothing was sent. Check the address, the port and the network"
        case .tlsRefused(let target, let detail):
            """
            \(target): no trusted TLS connection (\(detail)); nothing was sent. Check the certificate, or name the \
            authority's file
            """
        case .timedOut(let target, let limit, let arrived):
            "\(target): no answer within \(limit.secondsText) s; \(Self.standing(arrived))"
        case .interrupted(let target, let detail, let arrived):
            "\(target): the connection broke (\(detail)); \(Self.standing(arrived))"
        case .responseTooLarge(let target, let limit):
            "\(target): the answer exceeds \(limit) bytes and was dropped; the request itself has arrived"
        case .loginRefused(let target, let detail):
            "\(target): user name or password refused (\(detail)); nothing was sent. Check the credentials"
        case .mailRefused(let target, let code, let detail):
            "\(target): the mail server refused the message with code \(code) (\(detail)); it was not delivered"
        case .cancelled(let target, let arrived): "\(target): the request was cut off; \(Self.standing(arrived))"
        }
    }

    private static func standing(_ mayHaveArrived: Bool) -> String {
        mayHaveArrived ? "the request may have arrived" : "nothing was sent"
    }
}

extension Duration {
    /// Whole milliseconds, at least zero; rounded up, so that a positive duration never becomes zero.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? Int.max : max(0, Int(product + fraction))
    }

    /// Seconds with at most three decimals: `10`, `0.25`.
    var secondsText: String {
        let milliseconds = wholeMilliseconds
        guard milliseconds % 1000 != 0 else { return String(milliseconds / 1000) }
        var fraction = String(1000 + milliseconds % 1000).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(milliseconds / 1000).\(fraction)"
    }
}
