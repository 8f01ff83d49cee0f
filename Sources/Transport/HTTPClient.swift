internal import CCurl

/// HTTP and HTTPS through the system's libcurl.
///
/// - TLS is always verified; `caFile` replaces the system's list of authorities by a file of one's own.
/// - Proxies come from `http_proxy`, `https_proxy` and `no_proxy`, which libcurl reads by itself.
/// - HTTP/1.1 on a fresh connection per request: libcurl resends a request on its own account only on a reused
///   connection or a refused HTTP/2 stream, and nothing that can place an order may be resent by the transport.
public struct HTTPClient: Sendable {
    /// PEM file of trusted authorities; `nil` means the system's.
    public let caFile: String?
    public let userAgent: String

    public init(caFile: String? = nil, userAgent: String = "takt") {
        self.caFile = caFile
        self.userAgent = userAgent
    }

    /// Sends once, never twice. Any status is an answer, also 404 and 500; errors are about the transport only.
    /// Cancelling the task cuts the transfer within about a second.
    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        try Self.check(request)
        let cancellation = CancellationFlag()
        let result = await withTaskCancellationHandler {
            await BlockingThread.run { [caFile, userAgent] in
                Result { () throws(TransportError) in
                    try Self.perform(request, caFile: caFile, userAgent: userAgent, cancellation: cancellation)
                }
            }
        } onCancel: {
            cancellation.raise()
        }
        guard let result else {
            throw .interrupted(target: request.url.description, detail: "no thread to be had", mayHaveArrived: false)
        }
        return try result.get()
    }

    private static func check(_ request: HTTPRequest) throws(TransportError) {
        guard ["http", "https"].contains(request.url.scheme) else {
            throw .invalidRequest(detail: "\(request.url): only http and https are spoken here")
        }
        for header in request.headers {
            let isToken = header.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            guard isToken, !header.name.isEmpty, header.value.utf8.allSatisfy({ $0 >= 0x20 || $0 == 9 }) else {
                throw .invalidRequest(detail: "\(request): the header \(header.name.debugDescription) is malformed")
            }
        }
    }

    private static func perform(
        _ request: HTTPRequest, caFile: String?, userAgent: String, cancellation: CancellationFlag
    ) throws(TransportError) -> HTTPResponse {
        if cancellation.isRaised { throw .cancelled(target: request.url.description, mayHaveArrived: false) }
        // Header values (tokens, keys) are secrets too, should a message ever quote them.
        let secrets = request.headers.map(\.value).filter { $0.utf8.count >= 12 }
        let flow = CurlFlow(limit: request.bodyLimit, secrets: secrets, cancellation: cancellation)
        let transfer = try CurlTransfer(
            url: request.url, wire: request.url.exposed, deadline: request.deadline, flow: flow, caFile: caFile)
        transfer.setIfKnown(CURLOPT_PROTOCOLS_STR, "http,https")
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        transfer.set(CURLOPT_USERAGENT, userAgent)
        transfer.set(CURLOPT_ACCEPT_ENCODING, "")
        transfer.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        transfer.set(CURLOPT_FOLLOWLOCATION, request.followRedirects ? 1 : 0)
        transfer.set(CURLOPT_MAXREDIRS, 5)
        transfer.setIfKnown(CURLOPT_REDIR_PROTOCOLS_STR, request.url.scheme == "https" ? "https" : "http,https")
        setMethod(request, transfer)
        // An empty `Expect` keeps libcurl from waiting a second for `100 Continue` before larger bodies.
        transfer.set(CURLOPT_HTTPHEADER, list: request.headers.map(line) + ["Expect:"])
        let status = try transfer.perform(deadline: request.deadline)
        return HTTPResponse(status: status, headers: flow.headers, body: flow.received)
    }

    /// libcurl's spelling of a header with an empty value is a semicolon; `Name:` would remove the header.
    private static func line(_ header: HTTPHeader) -> String {
        header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
    }

    private static func setMethod(_ request: HTTPRequest, _ transfer: CurlTransfer) {
        switch request.method {
        case .get: if request.body.isEmpty { transfer.set(CURLOPT_HTTPGET, 1) } else { setBody(request, transfer) }
        case .head: transfer.set(CURLOPT_NOBODY, 1)
        case .post, .put, .patch: setBody(request, transfer)
        case .delete:
            if request.body.isEmpty {
                transfer.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            } else {
                setBody(request, transfer)
            }
        }
    }

    private static func setBody(_ request: HTTPRequest, _ transfer: CurlTransfer) {
        transfer.set(CURLOPT_POST, 1)
        transfer.setCopiedBody(request.body)
        if request.method != .post { transfer.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }
}
