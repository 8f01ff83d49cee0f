public import Core

/// What trading costs, as dated data: one plan per market.
///
/// Commissions count per order and trading day: partial fills of one day share one minimum, and an order that lives on
/// overnight is charged like a new one (Interactive Brokers' rule for its minimums). Regulatory fees and taxes count
/// per execution. The trading day of a fill is its day in UTC, which is the local day for US and Korean regular
/// sessions.
public struct FeeSchedule: Hashable, Sendable {
    /// A rate from a first trading day on; before the first entry of a list nothing is charged.
    public struct DatedRate: Hashable, Sendable {
        public let from: CivilDate
        public let rate: FixedPoint
        /// The most one execution pays, in the instrument's currency.
        public let cap: FixedPoint?

        public init(from: CivilDate, rate: FixedPoint, cap: FixedPoint? = nil) {
            self.from = from
            self.rate = rate
            self.cap = cap
        }
    }

    public enum Commission: Hashable, Sendable {
        case none
        /// `rate` per share, at least `minimum` per order, at most `maximumShare` of the trade value, which also beats
        /// the minimum.
        case perShare(rate: FixedPoint, minimum: FixedPoint, maximumShare: Fraction)
        /// Per cent of the trade value: published rates have more digits than a share of one could hold.
        case proportional(percent: FixedPoint)
    }

    public struct Plan: Hashable, Sendable {
        public var commission: Commission
        /// To the minor unit of the currency.
        public var commissionRounding: RoundingRule
        /// Fees on sales as a share of the value, rounded up to the minor unit.
        public var saleValueFees: [DatedRate]
        /// Fees on sales per share, rounded up to the minor unit, then capped.
        public var saleShareFees: [DatedRate]
        /// Taxes on sales as a share of the value, fractions of the minor unit dropped.
        public var saleTaxes: [DatedRate]
        /// Whether selling a fund is taxed like selling a share.
        public var taxesFunds: Bool

        public init(
            commission: Commission, commissionRounding: RoundingRule, saleValueFees: [DatedRate] = [],
            saleShareFees: [DatedRate] = [], saleTaxes: [DatedRate] = [], taxesFunds: Bool = false
        ) {
            self.commission = commission
            self.commissionRounding = commissionRounding
            self.saleValueFees = saleValueFees
            self.saleShareFees = saleShareFees
            self.saleTaxes = saleTaxes
            self.taxesFunds = taxesFunds
        }
    }

    /// US exchanges.
    public var us: Plan
    /// The Korea Exchange.
    public var korea: Plan
    /// Every other market.
    public var other: Plan

    public init(us: Plan, korea: Plan, other: Plan) {
        self.us = us
        self.korea = korea
        self.other = other
    }

    public func plan(for instrument: Instrument) -> Plan {
        switch instrument.exchange.text {
        case "XNAS", "XNYS", "XASE", "ARCX", "BATS", "IEXG": us
        case "XKRX", "XKOS": korea
        default: other
        }
    }
}

/// What one execution costs. Both are positive amounts in the instrument's currency, whole minor units.
public struct TradeCosts: Hashable, Sendable {
    /// Commission and regulatory fees.
    public let fee: FixedPoint
    public let tax: FixedPoint

    public init(fee: FixedPoint, tax: FixedPoint) {
        self.fee = fee
        self.tax = tax
    }
}

/// What an order has been charged for on one trading day, so that its next fill pays the difference only.
public struct CommissionBasis: Hashable, Sendable {
    public internal(set) var day: CivilDate?
    public internal(set) var quantity: Quantity = .zero
    public internal(set) var value: FixedPoint = .zero
    public internal(set) var charged: FixedPoint = .zero

    /// Of an order that nothing was executed of.
    public init() {}

    /// As it was put on record.
    public init(
        day: CivilDate?, quantity: Quantity = .zero, value: FixedPoint = .zero, charged: FixedPoint = .zero
    ) {
        (self.day, self.quantity, self.value, self.charged) = (day, quantity, value, charged)
    }
}

extension FeeSchedule {
    /// The costs of an order that is executed in one piece.
    public func costs(
        _ instrument: Instrument, _ side: Side, _ quantity: Quantity, at price: Price, on day: CivilDate
    ) throws(ArithmeticError) -> TradeCosts {
        var basis = CommissionBasis()
        return try costs(instrument, side, quantity, at: price, on: day, basis: &basis)
    }

    /// The costs of an order of which so much was executed in a day, for so much in all.
    ///
    /// - Parameter value: in the instrument's currency.
    public func costs(
        _ instrument: Instrument, _ side: Side, _ quantity: Quantity, worth value: FixedPoint, on day: CivilDate
    ) throws(ArithmeticError) -> TradeCosts {
        var basis = CommissionBasis()
        return try costs(instrument, side, quantity, worth: value, on: day, basis: &basis)
    }

    /// The costs of one more execution of an order.
    public func costs(
        _ instrument: Instrument, _ side: Side, _ quantity: Quantity, at price: Price, on day: CivilDate,
        basis: inout CommissionBasis
    ) throws(ArithmeticError) -> TradeCosts {
        let value = try instrument.notional(price, quantity).amount
        return try costs(instrument, side, quantity, worth: value, on: day, basis: &basis)
    }

    private func costs(
        _ instrument: Instrument, _ side: Side, _ quantity: Quantity, worth value: FixedPoint, on day: CivilDate,
        basis: inout CommissionBasis
    ) throws(ArithmeticError) -> TradeCosts {
        let plan = plan(for: instrument)
        let digits = instrument.currency.minorDigits
        if basis.day != day { basis = CommissionBasis(day: day) }
        basis.quantity = try basis.quantity + quantity
        basis.value = try basis.value + value
        let commission = try plan.commission.amount(quantity: basis.quantity, value: basis.value)
            .rounded(toDigits: digits, plan.commissionRounding)
        var fee = max(try commission - basis.charged, .zero)
        basis.charged = try basis.charged + fee
        var tax = FixedPoint.zero
        if side == .sell {
            fee = try fee + charge(plan.saleValueFees, on: day, per: value, digits, .up)
            fee = try fee + charge(plan.saleShareFees, on: day, per: quantity.value, digits, .up)
            if plan.taxesFunds || instrument.kind != .etf {
                tax = try charge(plan.saleTaxes, on: day, per: value, digits, .towardZero)
            }
        }
        return TradeCosts(fee: fee, tax: tax)
    }

    private func charge(
        _ rates: [DatedRate], on day: CivilDate, per base: FixedPoint, _ digits: Int, _ rounding: RoundingRule
    ) throws(ArithmeticError) -> FixedPoint {
        guard let entry = rates.last(where: { $0.from <= day }), base.isPositive else { return .zero }
        let exact = try base.multiplied(by: entry.rate, rounding: .halfEven)
        let rounded = try exact.rounded(toDigits: digits, rounding)
        return entry.cap.map { min(rounded, $0) } ?? rounded
    }
}

extension FeeSchedule.Commission {
    func amount(quantity: Quantity, value: FixedPoint) throws(ArithmeticError) -> FixedPoint {
        switch self {
        case .none: return .zero
        case .perShare(let rate, let minimum, let maximumShare):
            let byShare = max(try quantity.value.multiplied(by: rate, rounding: .halfEven), minimum)
            return min(byShare, try value.magnitude.multiplied(by: maximumShare.value, rounding: .halfEven))
        case .proportional(let percent):
            return try value.magnitude.scaled(by: percent, over: FixedPoint(100), rounding: .halfEven)
        }
    }
}
