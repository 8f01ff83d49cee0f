internal import Core

/// What an `ORD_DVSN` means to the exchange.
struct OrderTerms: Hashable, Sendable {
    enum Pricing: Hashable, Sendable {
        case limit, market
        /// The best price of the other side, of the own side, or half-way, when the order arrives.
        case bestOpposite, ownBest, middle
    }
    enum Life: Hashable, Sendable {
        case day, immediate, allOrNone
        /// Only in the auction that opens, or closes, the session.
        case opening, closing
    }

    let name: String
    let pricing: Pricing
    var life = Life.day
    /// Becomes a market order in the closing auction.
    var marketAtClose = false
    /// Sleeps until the price reaches `CNDT_PRIC`.
    var isStop = false
    /// Whether the virtual environment takes it.
    var inVirtual = false

    /// Korean shares. The types of the off-hours (05–07), of NXT (27–29) and of the after-market (41–47) are refused: the
    /// simulator plays the regular session.
    static let domestic: [String: OrderTerms] = [
        "00": OrderTerms(name: "지정가", pricing: .limit, inVirtual: true),
        "01": OrderTerms(name: "시장가", pricing: .market, inVirtual: true),
        "02": OrderTerms(name: "조건부지정가", pricing: .limit, marketAtClose: true, inVirtual: true),
        "03": OrderTerms(name: "최유리지정가", pricing: .bestOpposite, inVirtual: true),
        "04": OrderTerms(name: "최우선지정가", pricing: .ownBest, inVirtual: true),
        "11": OrderTerms(name: "IOC지정가", pricing: .limit, life: .immediate),
        "12": OrderTerms(name: "FOK지정가", pricing: .limit, life: .allOrNone),
        "13": OrderTerms(name: "IOC시장가", pricing: .market, life: .immediate),
        "14": OrderTerms(name: "FOK시장가", pricing: .market, life: .allOrNone),
        "15": OrderTerms(name: "IOC최유리", pricing: .bestOpposite, life: .immediate),
        "16": OrderTerms(name: "FOK최유리", pricing: .bestOpposite, life: .allOrNone),
        "21": OrderTerms(name: "중간가", pricing: .middle),
        "22": OrderTerms(name: "스톱지정가", pricing: .limit, isStop: true),
        "23": OrderTerms(name: "IOC중간가", pricing: .middle, life: .immediate),
        "24": OrderTerms(name: "FOK중간가", pricing: .middle, life: .allOrNone),
    ]

    /// US shares. TWAP and VWAP are played as limit orders.
    static let us: [String: OrderTerms] = [
        "00": OrderTerms(name: "지정가", pricing: .limit, inVirtual: true),
        "31": OrderTerms(name: "MOO", pricing: .market, life: .opening),
        "32": OrderTerms(name: "LOO", pricing: .limit, life: .opening),
        "33": OrderTerms(name: "MOC", pricing: .market, life: .closing),
        "34": OrderTerms(name: "LOC", pricing: .limit, life: .closing),
        "35": OrderTerms(name: "TWAP", pricing: .limit),
        "36": OrderTerms(name: "VWAP", pricing: .limit),
    ]

    /// The other overseas markets.
    static let asia: [String: OrderTerms] = ["00": OrderTerms(name: "지정가", pricing: .limit, inVirtual: true)]

    static func of(_ code: String, at venue: SimulatedVenue, isBuy: Bool) -> OrderTerms? {
        switch venue {
        case .krx: domestic[code]
        case .nasdaq, .nyse, .amex: isBuy && (code == "31" || code == "33") ? nil : us[code]
        case .hongKong, .tokyo, .shanghai: asia[code.isEmpty ? "00" : code]
        }
    }
}

/// Why an order was not taken: what the answer says.
struct Refusal: Error, Hashable, Sendable {
    let resultCode: String
    let messageCode: String
    let message: String

    init(_ messageCode: String, _ message: String, resultCode: String = "7") {
        self.resultCode = resultCode
        self.messageCode = messageCode
        self.message = message
    }

    static let unknownSymbol = Refusal("APBK0656", "해당종목정보가 없습니다.")
    static let noCash = Refusal("APBK0952", "주문가능금액을 초과 했습니다")
    static let noHoldings = Refusal("APBK0400", "주문 가능한 수량을 초과했습니다. 매도가능수량을 확인하세요")
    static let badQuantity = Refusal("APBK0501", "주문수량을 확인하여 주십시오")
    static let badPrice = Refusal("APBK0502", "주문단가를 확인하여 주십시오")
    static let offTick = Refusal("APBK0506", "호가단위를 확인하여 주십시오")
    static let beyondLimit = Refusal("APBK0507", "주문단가가 상한가 또는 하한가를 벗어났습니다")
    static let badType = Refusal("APBK0919", "주문구분을 확인하여 주십시오")
    static let badTypeVirtual = Refusal("40590000", "모의투자에서는 해당 주문구분이 제공되지 않습니다.", resultCode: "1")
    static let noOriginal = Refusal("APBK0344", "원주문정보가 존재하지 않습니다.")
    static let nothingLeft = Refusal("APBK0927", "정정/취소 가능수량이 없습니다.")
    static let wrongExchange = Refusal("APBK0656", "해당종목의 거래소를 확인하여 주십시오")

    /// The market does not take orders now.
    static func closed(_ venue: SimulatedVenue, _ environment: KISEnvironment, isHoliday: Bool) -> Refusal {
        switch (environment, venue == .krx) {
        case (.virtual, true):
            isHoliday
                ? Refusal("40100000", "모의투자 영업일이 아닙니다.", resultCode: "1")
                : Refusal("40580000", "모의투자 장종료 입니다.", resultCode: "1")
        case (.real, true): Refusal("APBK0919", isHoliday ? "금일은 영업일이 아닙니다." : "장운영시간이 아닙니다.")
        case (_, false): Refusal("APBK1664", "해당 시장의 장운영시간이 아닙니다.")
        }
    }
}

/// KIS's two environments: they have hosts, keys and accounts of their own.
public enum KISEnvironment: String, Hashable, Sendable, CaseIterable {
    case real, virtual
}
