/// Why an order desk said no, as far as its words tell.
///
/// Observers disagree on what the codes of the desks mean, so the Korean words count before the code. Source of the words: the
/// fact sheet's list of texts seen.
enum KISRefusal: String, Hashable, Sendable, CaseIterable {
    case marketClosed
    case insufficientCash
    case insufficientHolding
    case tickSize
    case priceLimit
    case unknownSymbol
    case other

    /// In the order in which they are looked for: a text about the cash that may be used can speak of quantities, and one about
    /// a tick can name the price limits.
    private static let words: [(KISRefusal, [String])] = [
        (.tickSize, ["호가단위"]),
        (.marketClosed, ["영업일", "장종료", "장시작전", "장운영시간"]),
        (.insufficientCash, ["주문가능금액", "예수금"]),
        (.insufficientHolding, ["매도가능", "잔고"]),
        (.priceLimit, ["상한가", "하한가"]),
        (.insufficientCash, ["부족"]),
        (.insufficientHolding, ["수량"]),
    ]

    private static let codes: [String: KISRefusal] = [
        "APBK0656": .unknownSymbol, "APBK0952": .insufficientCash, "APBK0400": .insufficientHolding,
        "APBK0919": .marketClosed, "APBK1664": .marketClosed, "40580000": .marketClosed, "40100000": .marketClosed,
    ]

    /// By the words of `msg1`, blanks ignored; else by the code.
    static func of(code: String, message: String) -> KISRefusal {
        let text = message.filter { !$0.isWhitespace }
        let spoken = words.first { $0.1.contains { text.contains($0) } }?.0
        return spoken ?? codes[code] ?? .other
    }

    /// For the operator.
    var explanation: String {
        switch self {
        case .marketClosed: "the market is closed or takes no such order at this time"
        case .insufficientCash: "not enough cash that may be used for it"
        case .insufficientHolding: "more than is held and may be sold"
        case .tickSize: "the price is not on the tick grid"
        case .priceLimit: "the price is beyond the day's limits"
        case .unknownSymbol: "KIS has no such symbol there"
        case .other: "KIS refused it; its own words say why"
        }
    }
}
