internal import Core

/// What kind of thing a contract is about.
enum IBSecurityType: Hashable, Sendable {
    case stock, option, future, index, cash, combination, futureOption, contractForDifference, crypto
    /// One that takt does not know, as it was sent.
    case other(String)

    /// As on the wire.
    var code: String {
        switch self {
        case .stock: "STK"
        case .option: "OPT"
        case .future: "FUT"
        case .index: "IND"
        case .cash: "CASH"
        case .combination: "BAG"
        case .futureOption: "FOP"
        case .contractForDifference: "CFD"
        case .crypto: "CRYPTO"
        case .other(let code): code
        }
    }

    private static let known: [IBSecurityType] = [
        .stock, .option, .future, .index, .cash, .combination, .futureOption, .contractForDifference, .crypto,
    ]

    init(code: String) { self = Self.known.first { $0.code == code } ?? .other(code) }
}

/// A contract as Interactive Brokers describes it. Requests leave empty what they do not know; answers leave out what their
/// message has no field for.
struct IBContract: Hashable, Sendable {
    /// IB's own number; 0 where it is not known.
    var conID: Int64 = 0
    /// The underlying's, of a derivative.
    var symbol = ""
    var type: IBSecurityType = .stock
    /// `yyyymmdd` or `yyyymm`.
    var lastTradeDateOrMonth = ""
    /// `nil` for what has none.
    var strike: Price?
    /// `nil` for what has none.
    var right: Instrument.Right?
    var multiplier = ""
    var exchange = ""
    var primaryExchange = ""
    var currency = ""
    var localSymbol = ""
    var tradingClass = ""
}

extension FieldWriter {
    /// `conId, symbol, secType, lastTradeDateOrContractMonth, strike, right, multiplier, exchange, primaryExchange,
    /// currency, localSymbol, tradingClass`: the block of every request.
    mutating func contract(_ contract: IBContract) {
        if contract.type == .combination { fail(.combination) }
        number(contract.conID)
        text(contract.symbol)
        text(contract.type.code)
        text(contract.lastTradeDateOrMonth)
        decimal(contract.strike ?? .zero)
        text(contract.right?.ibLetter ?? "")
        text(contract.multiplier)
        text(contract.exchange)
        text(contract.primaryExchange)
        text(contract.currency)
        text(contract.localSymbol)
        text(contract.tradingClass)
    }
}

extension FieldReader {
    /// `symbol, secType, lastTradeDate, strike, right`: how the block begins in every answer.
    mutating func contractHead(_ contract: inout IBContract) {
        contract.symbol = text()
        contract.type = IBSecurityType(code: text())
        contract.lastTradeDateOrMonth = text()
        contract.strike = strike()
        contract.right = right()
    }

    /// `conId, symbol, secType, lastTradeDate, strike, right, multiplier, exchange, currency, localSymbol, tradingClass`:
    /// the block of executions, orders and positions.
    mutating func contract() -> IBContract {
        var contract = IBContract()
        contract.conID = number()
        contractHead(&contract)
        contract.multiplier = text()
        contract.exchange = text()
        contract.currency = text()
        contract.localSymbol = text()
        contract.tradingClass = text()
        return contract
    }

    /// 0 stands for none.
    mutating func strike() -> Price? {
        let strike = price()
        return strike?.isZero == true ? nil : strike
    }

    /// Empty, `0` and `?` stand for none; what else it could be is none that takt knows.
    mutating func right() -> Instrument.Right? {
        let bytes = raw()
        switch bytes.first {
        case UInt8(ascii: "C"): return .call
        case UInt8(ascii: "P"): return .put
        default: return nil
        }
    }
}

extension Instrument.Right {
    /// `C` or `P`.
    var ibLetter: String {
        switch self {
        case .call: "C"
        case .put: "P"
        }
    }
}
