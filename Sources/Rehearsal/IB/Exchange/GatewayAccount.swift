public import Core

/// A holding, long or short.
struct GatewayPosition: Hashable, Sendable {
    let contract: GatewayContract
    /// Negative when sold short.
    var quantity = FixedPoint.zero
    /// What a unit cost, multiplier and commission included; positive on both sides.
    var averageCost = FixedPoint.zero
    var realized = FixedPoint.zero
    /// Value when the day began, and what has been paid for it since.
    var dayStartValue = FixedPoint.zero
    var dayPaid = FixedPoint.zero

    /// A trade on one side turned out dearer by so much: the cost of what is held, or what was realised.
    mutating func correct(loss: FixedPoint, isBuy: Bool) {
        dayPaid = dayPaid.plus(loss)
        guard !quantity.isZero, quantity.isNegative != isBuy else {
            realized = realized.minus(loss)
            return
        }
        let total = averageCost.times(quantity.magnitude, .halfEven)
        averageCost = (isBuy ? total.plus(loss) : total.minus(loss)).over(quantity.magnitude, .halfEven)
    }

    /// - Returns: What was realised, `nil` when nothing was closed.
    mutating func trade(_ signed: FixedPoint, unitPrice: FixedPoint, commission: FixedPoint) -> FixedPoint? {
        let paid = unitPrice.times(signed, .halfEven).plus(commission)
        dayPaid = dayPaid.plus(paid)
        let isClosing = quantity.isNegative != signed.isNegative && !quantity.isZero
        guard isClosing else {
            let cost = averageCost.times(quantity.magnitude, .halfEven)
            // A short sale brings in less by its commission; a purchase costs more.
            let added = unitPrice.times(signed.magnitude, .halfEven)
            let total = cost.plus(signed.isNegative ? added.minus(commission) : added.plus(commission))
            quantity = quantity.plus(signed)
            averageCost = quantity.isZero ? .zero : total.over(quantity.magnitude, .halfEven)
            return nil
        }
        let closed = min(signed.magnitude, quantity.magnitude)
        let difference = quantity.isNegative ? averageCost.minus(unitPrice) : unitPrice.minus(averageCost)
        let gain = difference.times(closed, .halfEven).minus(commission)
        realized = realized.plus(gain)
        quantity = quantity.plus(signed)
        if quantity.isZero { averageCost = .zero }
        if !quantity.isZero, quantity.isNegative == signed.isNegative { averageCost = unitPrice }
        return gain
    }
}

/// One account at the simulated gateway.
struct GatewayAccount: Sendable {
    let code: String
    /// By currency, after all trades so far.
    var cash: [String: FixedPoint]
    let opening: [String: FixedPoint]
    /// By contract id.
    var positions: [Int: GatewayPosition] = [:]

    init(_ spec: GatewayAccountSpec) {
        code = spec.code
        cash = spec.cash
        opening = spec.cash
    }
}

/// What trading costs at the simulated gateway, after IBKR's fixed prices.
public struct GatewayFees: Hashable, Sendable {
    /// A share in the US; at least ``usMinimum`` an order, at most 1 % of its value.
    public var usPerShare: FixedPoint
    public var usMinimum: FixedPoint
    /// A futures or options contract.
    public var perContract: FixedPoint
    /// Of the value, elsewhere; at least ``otherMinimum`` an order.
    public var otherRate: FixedPoint
    public var otherMinimum: FixedPoint

    /// 0.005 USD a share and at least 1; 2.25 a contract; 0.05 % and at least 3 elsewhere.
    public static let standard = GatewayFees(
        usPerShare: FixedPoint(int64Units: 500_000), usMinimum: .one, perContract: FixedPoint(int64Units: 225_000_000),
        otherRate: FixedPoint(int64Units: 50_000), otherMinimum: FixedPoint(3))

    /// The commission of an order that has traded so much, in the contract's currency, to the cent.
    func commission(_ contract: GatewayContract, quantity: FixedPoint, value: FixedPoint) -> FixedPoint {
        guard quantity.isPositive else { return .zero }
        if contract.secType == "FUT" || contract.secType == "OPT" {
            return rounded(perContract.times(quantity, .halfAwayFromZero))
        }
        guard contract.currency == "USD" else {
            return rounded(max(otherMinimum, value.times(otherRate, .halfAwayFromZero)))
        }
        let byShare = max(usMinimum, usPerShare.times(quantity, .halfAwayFromZero))
        return rounded(min(byShare, value.times(FixedPoint(int64Units: 1_000_000), .halfAwayFromZero)))
    }

    private func rounded(_ amount: FixedPoint) -> FixedPoint {
        (try? amount.rounded(toDigits: 4, .halfAwayFromZero)) ?? amount
    }
}

/// The figures of an account, in US dollars.
struct AccountFigures: Hashable, Sendable {
    var cash = FixedPoint.zero
    var stockValue = FixedPoint.zero
    var optionValue = FixedPoint.zero
    var futuresProfit = FixedPoint.zero
    var grossPosition = FixedPoint.zero
    var unrealized = FixedPoint.zero
    var realized = FixedPoint.zero
    var daily = FixedPoint.zero
    var initialMargin = FixedPoint.zero
    var maintenanceMargin = FixedPoint.zero

    var equityWithLoan: FixedPoint { cash.plus(stockValue).plus(futuresProfit) }
    var netLiquidation: FixedPoint { equityWithLoan.plus(optionValue) }
    var availableFunds: FixedPoint { equityWithLoan.minus(initialMargin) }
    var excessLiquidity: FixedPoint { equityWithLoan.minus(maintenanceMargin) }
    /// Half of a purchase is borrowed.
    var buyingPower: FixedPoint { max(.zero, availableFunds.times(2)) }
}

/// What a position needs: half of a share's value to open it, a quarter to keep it; 12 and 10 % of a future's; a fifth of
/// what a written option is on.
enum MarginRule {
    static func initial(_ contract: GatewayContract, quantity: FixedPoint, price: FixedPoint) -> FixedPoint {
        need(contract, quantity, price, stock: 50, future: 12)
    }

    static func maintenance(_ contract: GatewayContract, quantity: FixedPoint, price: FixedPoint) -> FixedPoint {
        need(contract, quantity, price, stock: 25, future: 10)
    }

    private static func need(
        _ contract: GatewayContract, _ quantity: FixedPoint, _ price: FixedPoint, stock: Int, future: Int
    ) -> FixedPoint {
        let size = quantity.magnitude.times(contract.multiplier)
        let percent: Int
        var unit = price
        switch contract.secType {
        case "FUT": percent = future
        case "OPT" where quantity.isNegative:
            percent = 20
            unit = contract.strike
        case "OPT": return .zero
        default: percent = stock
        }
        return unit.times(size, .halfEven).times(FixedPoint(int64Units: Int64(percent) * 1_000_000), .halfEven)
    }
}
