internal import Core
public import Transport

/// E-mail by SMTP, plain text with an HTML alternative.
public struct EmailChannel: AlertChannel {
    public let name: String
    public let levels: Set<Severity>
    private let server: SMTPServer
    private let from: MailAddress
    private let to: [MailAddress]
    private let origin: AlertOrigin
    private let client = MailClient()
    private let deadline: Duration

    /// Greylisting and virus scanners make mail servers slow to answer.
    public static let standardDeadline: Duration = .seconds(20)

    public init(
        name: String = "email", levels: Set<Severity> = Severity.from(.error), server: SMTPServer, from: MailAddress,
        to: [MailAddress], origin: AlertOrigin, deadline: Duration = Self.standardDeadline
    ) {
        self.name = name
        self.levels = levels
        self.server = server
        self.from = from
        self.to = to
        self.origin = origin
        self.deadline = deadline
    }

    public func deliver(_ message: AlertMessage) async -> DeliveryOutcome {
        do {
            try await client.send(mail(message), server: server, deadline: deadline)
            return .delivered
        } catch {
            return DeliveryOutcome(error)
        }
    }

    func mail(_ message: AlertMessage) -> Mail {
        Mail(
            from: from, to: to, subject: "[takt \(message.severity.rawValue)] \(message.headline)",
            bodyText: AlertText.plain(message, origin: origin), bodyHTML: AlertText.html(message, origin: origin),
            date: message.createdAt, messageID: messageID(message))
    }

    /// The same alert has the same id at every attempt, and alerts of two installations never share one.
    private func messageID(_ message: AlertMessage) -> String {
        let seed = "\(origin.host)|\(origin.mode)|\(message.id)|\(message.createdAt)|\(message.kind)"
        return "alert-\(message.id)-\(Digest(of: seed).base32(bits: 60))@\(from.domain)"
    }
}
