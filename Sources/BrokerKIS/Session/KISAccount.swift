public import Core
internal import Settings

/// An account: eight digits and the two of its product (01 is the stock account).
///
/// Prints masked, `••••••••-01`.
public struct KISAccount: Hashable, Sendable {
    /// `CANO`, the first eight digits; for the wire only.
    let number: String
    /// `ACNT_PRDT_CD`, the last two.
    let product: String

    /// Reads `12345678-01` and `1234567801`; blanks around it are cut.
    public init(_ text: String) throws(KISConfigurationError) {
        let trimmed = text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        let characters = Array(trimmed)
        let digits = characters.filter { $0.isASCII && $0.isNumber }
        let others = characters.filter { !($0.isASCII && $0.isNumber) }
        let hasDashInPlace = others == ["-"] && characters.count == 11 && characters[8] == "-"
        guard digits.count == 10, others.isEmpty || hasDashInPlace else {
            throw KISConfigurationError(
                key: KISConfigurationKey.account, detail: Self.complaint(digits.count, others, characters.count),
                cure: "write the eight digits of the account and the two of its product: 12345678-01")
        }
        self.init(number: String(digits.prefix(8)), product: String(digits.suffix(2)))
    }

    /// Of eight digits and two.
    init(number: String, product: String) {
        self.number = number
        self.product = product
    }

    /// Says what is wrong without saying the number.
    private static func complaint(_ digits: Int, _ others: [Character], _ length: Int) -> String {
        if length == 0 { return "it is empty" }
        if digits == 8, others.isEmpty { return "the two digits of the product are missing (01 for a stock account)" }
        if others.contains(where: { $0 != "-" }) { return "it has characters other than digits and one dash" }
        if digits != 10 { return "it has \(digits) digits instead of 8 and 2" }
        return "the dash stands after the eighth digit or nowhere"
    }

    /// The name of the account in our books, logs and reports: `kis-4f-01`, the same on every machine. It tells one's own few
    /// accounts apart and no more: a hundred thousand numbers share each.
    public var id: AccountID {
        AccountID("kis-\(Digest(of: "kis-account|\(number)-\(product)").base32(bits: 10))-\(product)")
    }

    var fields: [KISField] { [KISField("CANO", number), KISField("ACNT_PRDT_CD", product)] }

    /// Every spelling under which KIS may name it.
    var spellings: [String] { ["\(number)-\(product)", number + product, number] }
}

extension KISAccount: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { Secret.maskedAccount("\(number)-\(product)") }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["account": description]) }
}
