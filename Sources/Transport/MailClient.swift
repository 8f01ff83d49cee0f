internal import CCurl

/// A mail server and how to reach it. Prints without user and password.
public struct SMTPServer: Hashable, Sendable {
    /// `smtp://host[:port]` (STARTTLS) or `smtps://host[:port]` (TLS from the first byte).
    public let url: RedactedURL
    public let user: String?
    public let password: String?
    /// Whether mail, and above all the password, may only travel encrypted. Always so for `smtps`.
    public let requireTLS: Bool
    /// PEM file of trusted authorities; `nil` means the system's.
    public let caFile: String?

    /// `user` and `password` in the URL count unless they are given apart. `nil` if the scheme is another, or if a password
    /// would travel in the clear to another machine.
    public init?(
        url: RedactedURL, user: String? = nil, password: String? = nil, requireTLS: Bool = true, caFile: String? = nil
    ) {
        guard ["smtp", "smtps"].contains(url.scheme) else { return nil }
        self.url = url
        self.user = user ?? url.user
        self.password = password ?? url.password
        self.requireTLS = requireTLS || url.scheme == "smtps"
        self.caFile = caFile
        let isLoopback = ["localhost", "127.0.0.1", "[::1]"].contains(url.host.lowercased())
        guard self.requireTLS || isLoopback || self.user == nil else { return nil }
    }
}

extension SMTPServer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { url.description }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["server": description]) }
}

/// Hands messages to a mail server, by the system's libcurl.
public struct MailClient: Sendable {
    public init() {}

    /// Returns once the server has accepted the message for all recipients. One refused recipient refuses the whole, so
    /// that a retry never reaches some people twice for nothing.
    public func send(_ mail: Mail, server: SMTPServer, deadline: Duration) async throws(TransportError) {
        let message = try mail.message()
        let cancellation = CancellationFlag()
        let result = await withTaskCancellationHandler {
            await BlockingThread.run {
                Result { () throws(TransportError) in
                    try Self.perform(mail, message, server: server, deadline: deadline, cancellation: cancellation)
                }
            }
        } onCancel: {
            cancellation.raise()
        }
        guard let result else {
            throw .interrupted(target: server.description, detail: "no thread to be had", mayHaveArrived: false)
        }
        try result.get()
    }

    private static func perform(
        _ mail: Mail, _ message: [UInt8], server: SMTPServer, deadline: Duration, cancellation: CancellationFlag
    ) throws(TransportError) {
        if cancellation.isRaised { throw .cancelled(target: server.description, mayHaveArrived: false) }
        let secrets = [server.password, server.user].compactMap { $0 }.filter { !$0.isEmpty }
        let flow = CurlFlow(
            limit: 64 * 1024, upload: message, isMail: true, secrets: secrets, cancellation: cancellation)
        let transfer = try CurlTransfer(
            url: server.url, wire: server.url.origin, deadline: deadline, flow: flow, caFile: server.caFile)
        transfer.setIfKnown(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        transfer.set(CURLOPT_USE_SSL, Int((server.requireTLS ? CURLUSESSL_ALL : CURLUSESSL_TRY).rawValue))
        if let user = server.user { transfer.set(CURLOPT_USERNAME, user) }
        if let password = server.password { transfer.set(CURLOPT_PASSWORD, password) }
        transfer.set(CURLOPT_MAIL_FROM, "<\(mail.from.address)>")
        transfer.set(CURLOPT_MAIL_RCPT, list: mail.to.map { "<\($0.address)>" })
        transfer.set(CURLOPT_UPLOAD, 1)
        transfer.set(offset: CURLOPT_INFILESIZE_LARGE, message.count)
        _ = try transfer.perform(deadline: deadline)
    }
}
