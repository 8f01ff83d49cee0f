public import Core

/// One message to some people.
public struct Mail: Hashable, Sendable {
    public var from: MailAddress
    public var to: [MailAddress]
    /// One line, any language.
    public var subject: String
    public var bodyText: String
    /// The same for programs that show HTML; `nil` means plain text only.
    public var bodyHTML: String?
    /// What stands in the `Date` field.
    public var date: Instant
    /// `local@domain` without angle brackets. The same alert must give the same id each time it is sent, so that mail
    /// programs show a repeated delivery once.
    public var messageID: String

    public init(
        from: MailAddress, to: [MailAddress], subject: String, bodyText: String, bodyHTML: String? = nil,
        date: Instant, messageID: String
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.bodyText = bodyText
        self.bodyHTML = bodyHTML
        self.date = date
        self.messageID = messageID
    }
}

extension Mail {
    /// The message as it goes over the wire (RFC 5322, MIME): CRLF line ends, ASCII, no line over 76 columns but for words
    /// that cannot be folded. Dots at line starts are doubled by libcurl.
    ///
    /// A line break in a header field is refused: what follows it would be taken for a header of its own.
    public func message() throws(TransportError) -> [UInt8] {
        try check()
        var lines = [
            "Date: \(MailDate.text(date))",
            Self.folded("From", [Self.field(from)]),
            Self.folded("To", to.map(Self.field)),
            "Subject: " + EncodedWords.text(subject, firstColumn: 9),
            "Message-ID: <\(messageID)>",
            "MIME-Version: 1.0",
            // RFC 3834: asks holiday responders not to answer a machine.
            "Auto-Submitted: auto-generated",
        ]
        let plain = BodyPart(type: "text/plain", text: bodyText)
        if let bodyHTML {
            let html = BodyPart(type: "text/html", text: bodyHTML)
            let boundary = "=_takt_" + Digest(of: "\(messageID)\n\(bodyText)\n\(bodyHTML)").base32(bits: 60)
            lines += ["Content-Type: multipart/alternative; boundary=\"\(boundary)\"", ""]
            for part in [plain, html] { lines += ["--\(boundary)"] + part.headers + [""] + part.lines + [""] }
            lines += ["--\(boundary)--"]
        } else {
            lines += plain.headers + [""] + plain.lines
        }
        return lines.flatMap { Array($0.utf8) + [0x0D, 0x0A] }
    }

    private func check() throws(TransportError) {
        guard !to.isEmpty else { throw .invalidRequest(detail: "the mail has no recipient") }
        for (field, text) in [("subject", subject), ("message id", messageID)] {
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw .invalidRequest(detail: "the mail's \(field) contains a line break or another control character")
            }
        }
        guard messageID.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3C && $0 != 0x3E }),
            messageID.split(separator: "@", omittingEmptySubsequences: false).count == 2
        else { throw .invalidRequest(detail: "the message id \(messageID.debugDescription) is not local@domain") }
    }

    private static func field(_ address: MailAddress) -> String {
        guard let name = address.name else { return address.address }
        let isPlain = name.utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) && $0 != UInt8(ascii: "\\") }
        return (isPlain ? "\"\(name)\"" : EncodedWords.text(name, firstColumn: 10)) + " <\(address.address)>"
    }

    /// One address a line.
    private static func folded(_ name: String, _ values: [String]) -> String {
        "\(name): " + values.joined(separator: ",\r\n ")
    }
}

/// RFC 5322 date and time, always in UTC: `Wed, 25 Nov 2026 17:42:49 +0000`.
enum MailDate {
    static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(_ instant: Instant) -> String {
        let date = instant.utcDate
        let second = Int(instant.epochSeconds - date.startUTC.epochSeconds)
        let (year, month, day) = date.components
        let clock = [second / 3600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
        return "\(weekdays[date.isoWeekday - 1]), \(twoDigits(day)) \(months[month - 1]) \(year) \(clock) +0000"
    }

    static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
