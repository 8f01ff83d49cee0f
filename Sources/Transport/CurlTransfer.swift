internal import CCurl

/// One blocking transfer with one easy handle, used by one thread from beginning to end.
///
/// The handle is thrown away afterwards: takt's commands make a handful of requests in their life, and a fresh connection
/// is one that libcurl never silently resends on.
final class CurlTransfer {
    private let handle: UnsafeMutableRawPointer
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private let flow: CurlFlow
    private let url: RedactedURL
    private var refusedOption: String?

    init(url: RedactedURL, wire: String, deadline: Duration, flow: CurlFlow, caFile: String?) throws(TransportError) {
        if let reason = ccurl_load() { throw .libraryMissing(detail: String(cString: reason)) }
        guard deadline > .zero else { throw .timedOut(target: url.description, after: .zero, mayHaveArrived: false) }
        guard let handle = ccurl_easy_init() else { throw .libraryMissing(detail: "curl_easy_init failed") }
        self.handle = handle
        self.url = url
        self.flow = flow
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setUp(wire: wire, deadline: deadline, caFile: caFile)
    }

    deinit {
        ccurl_easy_cleanup(handle)
        lists.forEach { ccurl_list_free($0) }
        errorText.deallocate()
    }

    /// The longest wait for a connection, whatever the deadline: the contract's connection timeout.
    static let connectTimeout: Duration = .seconds(10)

    private func setUp(wire: String, deadline: Duration, caFile: String?) {
        set(CURLOPT_URL, wire)
        // Without it libcurl's time-outs use SIGALRM, which must not happen in a program with threads.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, min(deadline, Self.connectTimeout).wholeMilliseconds)
        set(CURLOPT_TIMEOUT_MS, deadline.wholeMilliseconds)
        ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        // Both are libcurl's defaults; stated here because nothing in takt may turn them off.
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let caFile { set(CURLOPT_CAINFO, caFile) }
        let context = Unmanaged.passUnretained(flow).toOpaque()
        set(CURLOPT_NOPROGRESS, 0)
        ccurl_set_progress_callback(handle) { context, _, _, _, _ in CurlFlow.of(context).isCancelled ? 1 : 0 }
        ccurl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
        ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            CurlFlow.of(context).take(UnsafeRawBufferPointer(start: data, count: size * count))
        }
        ccurl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            CurlFlow.of(context).takeHeader(UnsafeRawBufferPointer(start: data, count: size * count))
        }
        ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        ccurl_set_data_callback(handle, CURLOPT_READFUNCTION) { data, size, count, context in
            CurlFlow.of(context).give(UnsafeMutableRawBufferPointer(start: data, count: size * count))
        }
        ccurl_set_pointer(handle, CURLOPT_READDATA, context)
    }

    func set(_ option: CURLoption, _ value: Int) { check(option, ccurl_set_long(handle, option, value)) }
    func set(_ option: CURLoption, _ text: String) { check(option, ccurl_set_text(handle, option, text)) }
    func set(offset option: CURLoption, _ value: Int) {
        check(option, ccurl_set_offset(handle, option, curl_off_t(value)))
    }

    /// For options that older libraries lack and that only narrow what we have checked already.
    func setIfKnown(_ option: CURLoption, _ text: String) { ccurl_set_text(handle, option, text) }

    /// libcurl copies these bytes.
    func setCopiedBody(_ bytes: [UInt8]) {
        set(offset: CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
        guard !bytes.isEmpty else { return set(CURLOPT_COPYPOSTFIELDS, "") }
        var bytes = bytes
        bytes.withUnsafeMutableBytes {
            check(CURLOPT_COPYPOSTFIELDS, ccurl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress))
        }
    }

    func set(_ option: CURLoption, list texts: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts { list = ccurl_list_append(list, text) ?? list }
        guard let list else { return }
        lists.append(list)
        check(option, ccurl_set_list(handle, option, list))
    }

    /// A refused option would mean a request other than the one asked for, so it stops the transfer before it starts.
    private func check(_ option: CURLoption, _ code: CURLcode) {
        if code != CURLE_OK, refusedOption == nil {
            refusedOption = "libcurl refuses option \(option.rawValue): \(String(cString: ccurl_easy_strerror(code)))"
        }
    }

    /// Performs the transfer; returns the last status or reply code (HTTP 200, SMTP 250).
    func perform(deadline: Duration) throws(TransportError) -> Int {
        if let refusedOption { throw .invalidRequest(detail: refusedOption) }
        let code = withExtendedLifetime(flow) { ccurl_easy_perform(handle) }
        var status = 0
        ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        guard code != CURLE_OK else { return status }
        throw error(code, status: status, deadline: deadline)
    }

    /// Whether any byte of the request may have gone out. libcurl stamps the begin of the transfer only after its first
    /// write, so the bytes written are asked for as well.
    private var hasBegunTransfer: Bool {
        var microseconds: curl_off_t = 0
        var written = 0
        guard ccurl_get_offset(handle, CURLINFO_PRETRANSFER_TIME_T, &microseconds) == CURLE_OK,
            ccurl_get_long(handle, CURLINFO_REQUEST_SIZE, &written) == CURLE_OK
        else { return true }
        return microseconds > 0 || written > 0
    }

    private func error(_ code: CURLcode, status: Int, deadline: Duration) -> TransportError {
        let target = url.description
        let said = String(cString: errorText)
        let words = said.isEmpty ? String(cString: ccurl_easy_strerror(code)) : said
        let detail = url.scrub(flow.secrets.reduce(words) { $0.replacing($1, with: RedactedURL.mask) })
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT:
            return .invalidRequest(detail: "\(target): \(detail)")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .unresolvedHost(target: target, detail: detail)
        case CURLE_COULDNT_CONNECT: return .unreachable(target: target, detail: detail)
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(target: target, after: deadline, mayHaveArrived: hasBegunTransfer)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_INVALIDCERTSTATUS:
            return .tlsRefused(target: target, detail: detail)
        case CURLE_LOGIN_DENIED where !(400..<500).contains(status):
            return .loginRefused(target: target, detail: detail)
        case CURLE_ABORTED_BY_CALLBACK: return .cancelled(target: target, mayHaveArrived: hasBegunTransfer)
        case CURLE_WRITE_ERROR where flow.isOverLimit:
            return .responseTooLarge(target: target, limitBytes: flow.limit)
        default:
            if flow.isMail, (400..<600).contains(status) {
                return .mailRefused(target: target, code: status, detail: detail)
            }
            return .interrupted(target: target, detail: detail, mayHaveArrived: hasBegunTransfer)
        }
    }
}

/// What flows through a transfer: the callbacks' context. Touched only by the thread that performs the transfer.
final class CurlFlow {
    /// Header lines of one response, together, in bytes.
    private static let headerLimit = 64 * 1024

    let limit: Int
    let isMail: Bool
    /// Words that must not appear in an error, besides those of the URL.
    let secrets: [String]
    private(set) var received: [UInt8] = []
    private(set) var headers: [HTTPHeader] = []
    private(set) var isOverLimit = false
    private var headerBytes = 0
    private let upload: [UInt8]
    private var uploaded = 0
    private let cancellation: CancellationFlag

    init(
        limit: Int, upload: [UInt8] = [], isMail: Bool = false, secrets: [String] = [], cancellation: CancellationFlag
    ) {
        self.limit = limit
        self.upload = upload
        self.isMail = isMail
        self.secrets = secrets
        self.cancellation = cancellation
    }

    /// The callbacks get back the pointer that `setUp` gave; the transfer keeps the object alive.
    static func of(_ context: UnsafeMutableRawPointer?) -> CurlFlow {
        guard let context else { preconditionFailure("libcurl called back without its context") }
        return Unmanaged<CurlFlow>.fromOpaque(context).takeUnretainedValue()
    }

    var isCancelled: Bool { cancellation.isRaised }

    /// Fewer bytes than offered tell libcurl to stop.
    func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard received.count + bytes.count <= limit else {
            isOverLimit = true
            return 0
        }
        received.append(contentsOf: bytes)
        return bytes.count
    }

    func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            isOverLimit = true
            return 0
        }
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // A status line opens the next response: after `100 Continue` or a redirect.
            headers = []
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append(HTTPHeader(trimmed(line[..<colon]), trimmed(value)))
        }
        return bytes.count
    }

    func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, upload.count - uploaded)
        buffer.copyBytes(from: upload[uploaded..<uploaded + count])
        uploaded += count
        return count
    }
}

/// Without blanks and line ends on either side.
func trimmed(_ text: Substring) -> String {
    var text = text
    while let first = text.unicodeScalars.first, first.value <= 0x20 { text.unicodeScalars.removeFirst() }
    while let last = text.unicodeScalars.last, last.value <= 0x20 { text.unicodeScalars.removeLast() }
    return String(text)
}

/// The system's libcurl as a whole.
enum CurlLibrary {
    /// Why a library of that name cannot be opened; `nil` if it can.
    static func problem(opening name: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            ccurl_probe(name, buffer.baseAddress, buffer.count).map { String(cString: $0) }
        }
    }
}
