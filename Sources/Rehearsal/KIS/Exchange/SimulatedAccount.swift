public import Core

/// A movement of cash: known on the trade day, in the account on the settlement day.
struct CashFlow: Hashable, Sendable {
    let currency: String
    let tradedOn: CivilDate
    let settlesOn: CivilDate
    let amount: FixedPoint
}

struct SimulatedPosition: Hashable, Sendable {
    let code: String
    let venue: SimulatedVenue
    var quantity = 0
    /// What the shares held were bought for, without fees.
    var cost = FixedPoint.zero

    mutating func buy(_ count: Int, at price: FixedPoint) {
        quantity += count
        cost = cost.plus(price.times(count))
    }

    mutating func sell(_ count: Int) {
        guard quantity > 0 else { return }
        let share = (try? cost.scaled(by: FixedPoint(count), over: FixedPoint(quantity), rounding: .halfEven)) ?? .zero
        cost = count >= quantity ? .zero : cost.minus(share)
        quantity -= count
    }

    /// The average price of what is held; four decimals, as the balance shows it.
    var average: FixedPoint {
        guard quantity > 0 else { return .zero }
        let exact = cost.over(FixedPoint(quantity), .halfAwayFromZero)
        return (try? exact.rounded(toDigits: 4, .halfAwayFromZero)) ?? exact
    }
}

/// One account at one of the environments.
struct SimulatedAccount: Sendable {
    /// The first eight digits and the last two.
    let number: String
    let product: String
    let environment: KISEnvironment
    let htsID: String
    var opening: [String: FixedPoint]
    var flows: [CashFlow] = []
    var positions: [String: SimulatedPosition] = [:]

    /// Cash after everything that settles on the day or before.
    func cash(_ currency: String, settledBy day: CivilDate) -> FixedPoint {
        flows.filter { $0.currency == currency && $0.settlesOn <= day }
            .reduce(opening[currency] ?? .zero) { $0.plus($1.amount) }
    }

    /// Cash after all trades so far.
    func cash(_ currency: String) -> FixedPoint {
        flows.filter { $0.currency == currency }.reduce(opening[currency] ?? .zero) { $0.plus($1.amount) }
    }
}

/// What trading costs.
///
/// Commissions and taxes are worked out over all fills of an order together, so that an order filled in parts costs what
/// it costs in one piece. Won are cut off, other currencies rounded half away from zero to their smallest coin.
public struct SimulatedFees: Hashable, Sendable {
    /// Of the value, Korean shares.
    public var domesticCommission: FixedPoint
    /// Of the value of sales.
    public var domesticSaleTax: FixedPoint
    public var overseasCommission: FixedPoint
    /// The regulator's fee on US sales.
    public var usSaleFee: FixedPoint

    public init(
        domesticCommission: FixedPoint, domesticSaleTax: FixedPoint, overseasCommission: FixedPoint,
        usSaleFee: FixedPoint
    ) {
        self.domesticCommission = domesticCommission
        self.domesticSaleTax = domesticSaleTax
        self.overseasCommission = overseasCommission
        self.usSaleFee = usSaleFee
    }

    /// 0.014053 % at home with 0.20 % on sales (2026), 0.25 % overseas with 20.60 USD a million on US sales.
    public static let standard = SimulatedFees(
        domesticCommission: FixedPoint(int64Units: 14_053), domesticSaleTax: FixedPoint(int64Units: 200_000),
        overseasCommission: FixedPoint(int64Units: 250_000), usSaleFee: FixedPoint(int64Units: 2060))

    /// The costs of an order that has traded so much.
    func costs(_ venue: SimulatedVenue, isBuy: Bool, value: FixedPoint) -> FixedPoint {
        let commission = value.times(venue == .krx ? domesticCommission : overseasCommission, .towardZero)
        var tax = FixedPoint.zero
        if !isBuy, venue == .krx { tax = value.times(domesticSaleTax, .towardZero) }
        if !isBuy, venue.isUS { tax = value.times(usSaleFee, .halfAwayFromZero) }
        return rounded(commission, venue).plus(rounded(tax, venue))
    }

    func rate(_ venue: SimulatedVenue) -> FixedPoint { venue == .krx ? domesticCommission : overseasCommission }

    private func rounded(_ amount: FixedPoint, _ venue: SimulatedVenue) -> FixedPoint {
        let digits = venue.currency == "KRW" || venue.currency == "JPY" ? 0 : 2
        return (try? amount.rounded(toDigits: digits, venue == .krx ? .towardZero : .halfAwayFromZero)) ?? amount
    }
}
