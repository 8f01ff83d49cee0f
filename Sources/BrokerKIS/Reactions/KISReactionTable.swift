/// What a code of KIS's means, and what to do about it.
struct KISCodeMeaning: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable, CaseIterable {
        case success
        /// Success, and there is nothing to list.
        case empty
        /// May pass: a read is asked again. An order's outcome is unknown.
        case retry
        /// Too many calls a second: everybody keeps still, a read is asked again. An order did not pass the gateway.
        case slowDown
        /// The access token is no good: a new one, then a read is asked again. An order did not pass the gateway.
        case renew
        /// A token was issued less than a minute ago.
        case tokenTooSoon
        case configuration
        case credentials
        /// The order desk, or whoever was asked, said no. Never retried.
        case refusal
        /// Something may have been done: a read is asked again, an order has to be looked for.
        case outcomeUnknown
    }

    let codes: Codes
    let kind: Kind
    /// For the operator, in English.
    let meaning: String
    let cure: String

    enum Codes: Hashable, Sendable {
        case these(Set<String>)
        /// All codes with that beginning and four digits in that range.
        case range(String, ClosedRange<Int>)

        func contains(_ code: String) -> Bool {
            switch self {
            case .these(let codes): return codes.contains(code)
            case .range(let prefix, let range):
                guard code.hasPrefix(prefix) else { return false }
                let digits = code.dropFirst(prefix.count)
                return digits.utf8.count == 4 && digits.utf8.allSatisfy { (48...57).contains($0) }
                    && Int(digits).map(range.contains) == true
            }
        }
    }

    private init(_ codes: String..., is kind: Kind, _ meaning: String, _ cure: String = "") {
        self.codes = .these(Set(codes))
        self.kind = kind
        self.meaning = meaning
        self.cure = cure
    }

    private init(_ prefix: String, _ range: ClosedRange<Int>, is kind: Kind, _ meaning: String, _ cure: String = "") {
        codes = .range(prefix, range)
        self.kind = kind
        self.meaning = meaning
        self.cure = cure
    }

    /// The first row that has the code.
    static func of(_ code: String) -> KISCodeMeaning? { table.first { $0.codes.contains(code) } }

    private static let wait = "nothing to do unless it goes on; then see the notices on the KIS portal"
    private static let portal = "compare the key pair, the account and the environment with the KIS portal"

    static let table: [KISCodeMeaning] = [
        // The gateway.
        .init("EGW00001", "EGW00002", is: .retry, "a passing error of KIS's servers", wait),
        .init(
            "EGW00003", "EGW00004", "EGW00206", "EGW00207", "EGW00303", is: .configuration,
            "KIS does not allow this call to this key or from this address",
            "check on the KIS portal that the key is applied for, still valid, and open to this machine's address"),
        .init(
            "EGW00101", "EGW00115", "EGW00116", "EGW00132", is: .configuration,
            "KIS does not take the form of the request",
            "check the REST address; if it is KIS's own, this is an error of takt"),
        .init(
            "EGW00102", "EGW00103", "EGW00104", "EGW00105", "EGW00304", is: .credentials,
            "the app key or the app secret is missing or wrong",
            "compare both with the KIS portal; a virtual key works on the virtual host only, a real one on the real host"
        ),
        .init("EGW00121", "EGW00122", is: .renew, "the access token is not valid", wait),
        .init("EGW00123", is: .renew, "the access token has expired", wait),
        .init(
            "EGW00131", is: .configuration, "the hash of the body is wrong; the order was not accepted",
            "takt sends none: look for a proxy that adds one"),
        .init(
            "EGW00133", is: .tokenTooSoon, "a token was issued less than a minute ago",
            "wait a minute; if another program uses this key, give it a key of its own"),
        .init(
            "EGW00201", is: .slowDown, "too many calls a second with this key",
            "lower the rate, or give other programs a key of their own"),
        .init(
            "EGW00202", "EGW00203", "EGW00300", is: .retry, "KIS's gateway could not reach the system behind it", wait),
        .init(
            "EGW00205", "EGW00208", is: .configuration, "the type of the key or of the customer is wrong",
            "check whether the account is personal or corporate"),
        .init(
            "EGW00213", "EGW2004", is: .configuration, "the virtual host does not know this call",
            "check brokers.kis.environment against the key pair"),
        .init(
            "EGW00301", "EGW00302", is: .outcomeUnknown,
            "the system behind KIS's gateway did not answer in time; KIS says to look whether the call was carried out",
            wait),
        .init("IGW00009", is: .outcomeUnknown, "KIS could not build its answer", wait),

        // The services behind it.
        .init(
            "OPSQ0002", is: .configuration, "KIS knows no such service", "check the environment and the REST address"),
        .init(
            "OPSQ2000", is: .configuration, "KIS does not know the account under this key",
            "check brokers.kis.account_no: the account of this key pair, with its product (01 for shares)"),
        .init(
            "OPSQ2001", "OPSQ2002", is: .configuration,
            "a field of the request is missing, too long or not one of those allowed",
            "check symbol and market; if they are right, this is an error of takt"),
        .init("OPSQ1002", is: .retry, "a session inside KIS is gone", wait),
        .init("OPSQ", 3...11, is: .retry, "a call inside KIS failed", wait),
        .init("OPSQ", 3000...3999, is: .retry, "a call inside KIS failed", wait),

        // Successes.
        .init("KIOK0510", "KIOK0530", "KIOK0420", "KIOK0460", "MCA00000", is: .success, "done"),
        .init("KIOK0560", is: .empty, "there is nothing to list"),
        .init("APBK0013", "40600000", is: .success, "the order was passed on"),
        .init("APBK1711", is: .success, "the cancellation of a reserved order was taken"),

        // The order desks.
        .init("APBK0656", is: .refusal, "KIS has no such symbol", "check the symbol and its market"),
        .init(
            "APBK0952", is: .refusal, "the order costs more than the cash that may be used",
            "lower the size, or bring cash in; a market order is counted at the day's upper limit"),
        .init(
            "APBK0400", is: .refusal, "the quantity exceeds what may be ordered or sold",
            "compare the holding with the orders that are still open"),
        .init("APBK0919", is: .refusal, "the market takes no such order now", "check date and session"),
        .init(
            "APBK0918", is: .refusal, "the order cannot be taken: off hours, no holding or no cash",
            "read KIS's own words"),
        .init("APBK1664", is: .refusal, "the foreign market is not open", "wait for its session"),
        .init("40580000", is: .refusal, "the virtual market is closed for the day", "wait for the next session"),
        .init("40100000", is: .refusal, "today is no business day of the virtual market", "wait for the next session"),
    ]
}
