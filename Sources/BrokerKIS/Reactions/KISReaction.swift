/// What an answer of KIS's means for the call it answers.
struct KISReaction: Hashable, Sendable {
    enum Kind: Hashable, Sendable, CaseIterable {
        case success
        /// Ask again; reads only.
        case retry
        /// The answer cannot be understood. Ask again; reads only.
        case malformed
        /// Turned away by the gateway for too many calls. A read is asked again when the pause is over.
        case slowDown
        /// Turned away by the gateway for its token. A read is asked again once with a new one.
        case renew
        case refused
        case configuration
        case credentials
        /// Of no use to ask again now, and nobody's fault; reads only.
        case unavailable
        /// Orders only: it may have been placed or not.
        case outcomeUnknown
    }

    let kind: Kind
    /// `msg_cd` or `error_code`, or `HTTP 502` where there is none.
    let code: String
    /// KIS's own words; Korean.
    let message: String
    let meaning: String
    let cure: String

    /// `EGW00201 초당 거래건수를 초과하였습니다 (too many calls a second with this key)`
    var text: String { words.isEmpty ? code : "\(code) \(words)" }

    /// The same where the code stands beside it: `초당 거래건수를 초과하였습니다. (too many calls a second with this key)`
    var words: String {
        [message, meaning.isEmpty ? "" : "(\(meaning))"].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The body counts before the status, which is no reliable signal: refusals come with 200, gateway errors with 403 or 500.
    ///
    /// For an order everything that is not known to be a success or to have been turned away leaves the outcome unknown: also a
    /// success text in a failed answer, a failure's in a successful one, and any body that is no envelope.
    static func to(status: Int, body: KISBody, of kind: KISEndpoint.Kind) -> KISReaction {
        switch body {
        case .envelope(_, let resultCode, let code, let message):
            envelope(resultCode, code, message, status: status, isOrder: kind == .order)
        case .gatewayError(let code, let message):
            failure(code, message, status: status, isOrder: kind == .order)
        case .object, .empty, .foreign:
            bare(status: status, body: body, isOrder: kind == .order)
        }
    }

    private static func envelope(
        _ resultCode: String, _ code: String, _ message: String, status: Int, isOrder: Bool
    ) -> KISReaction {
        let row = KISCodeMeaning.of(code)
        let saysSuccess = row.map { $0.kind == .success || $0.kind == .empty }
        if resultCode == "0" {
            // A code nobody has listed is no news in a successful answer.
            guard saysSuccess == false else {
                return KISReaction(kind: .success, code: code, message: message, meaning: row?.meaning ?? "", cure: "")
            }
            if isOrder { return contradiction(code, message, isOrder: true) }
        } else if saysSuccess == true {
            return contradiction(code, message, isOrder: isOrder)
        }
        return failure(code, message, status: status, isOrder: isOrder)
    }

    private static func contradiction(_ code: String, _ message: String, isOrder: Bool) -> KISReaction {
        KISReaction(
            kind: isOrder ? .outcomeUnknown : .malformed, code: code, message: message,
            meaning: "the answer's code and its result contradict each other", cure: "")
    }

    private static func failure(_ code: String, _ message: String, status: Int, isOrder: Bool) -> KISReaction {
        let row = KISCodeMeaning.of(code)
        let kind = row.map { Self.kind($0.kind, isOrder: isOrder) } ?? unlisted(code, status: status, isOrder: isOrder)
        var meaning = row?.meaning ?? "a code that takt does not know"
        if kind == .refused {
            let reason = KISRefusal.of(code: code, message: message)
            if reason != .other { meaning = reason.explanation }
        }
        return KISReaction(kind: kind, code: code, message: message, meaning: meaning, cure: row?.cure ?? "")
    }

    private static func kind(_ kind: KISCodeMeaning.Kind, isOrder: Bool) -> Kind {
        switch kind {
        case .retry, .outcomeUnknown: isOrder ? .outcomeUnknown : .retry
        case .slowDown: .slowDown
        case .renew: .renew
        case .configuration: .configuration
        case .credentials: .credentials
        case .refusal: .refused
        case .tokenTooSoon: isOrder ? .outcomeUnknown : .unavailable
        // Only the gateway's shape can bring a success text here.
        case .success, .empty: isOrder ? .outcomeUnknown : .malformed
        }
    }

    /// The order desks' codes are many and not all listed: an answer in their form is a refusal. A code of the gateway's or of a
    /// form nobody has seen is one for reads only.
    private static func unlisted(_ code: String, status: Int, isOrder: Bool) -> Kind {
        if isDeskCode(code) { return .refused }
        if isOrder { return .outcomeUnknown }
        return status >= 500 ? .retry : .refused
    }

    /// `APBK` and four digits; eight digits on the virtual host, the first a 4.
    private static func isDeskCode(_ code: String) -> Bool {
        let digits = code.hasPrefix("APBK") ? code.dropFirst(4) : code[...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
        return code.hasPrefix("APBK") ? digits.utf8.count == 4 : digits.utf8.count == 8 && code.hasPrefix("4")
    }

    /// Without anything KIS could have meant; web servers, firewalls and maintenance pages answer so.
    private static func bare(status: Int, body: KISBody, isOrder: Bool) -> KISReaction {
        let kind: Kind =
            switch status {
            case _ where isOrder: .outcomeUnknown
            case 200..<300: .malformed
            case 408, 429, 500...: .retry
            default: .configuration
            }
        return KISReaction(
            kind: kind, code: "HTTP \(status)", message: "", meaning: meaning(of: body),
            cure: kind == .configuration ? "check the REST address, and whether a firewall stands in between" : "")
    }

    private static func meaning(of body: KISBody) -> String {
        switch body {
        case .empty: "without a body"
        case .foreign: "with a body that is no JSON object"
        case .object, .envelope, .gatewayError: "with a body of neither of KIS's forms"
        }
    }
}
