internal import Core

/// One row of an order list of KIS's, of either desk, as values: an order, or a revision or cancellation of one.
///
/// KIS lists no single executions: ``filled`` and ``filledAmount`` are the sums over all of them so far.
struct KISOrderRow: Hashable, Sendable {
    enum Action: Hashable, Sendable { case new, revision, cancellation }

    let id: KISOrderNumber
    /// The order that a revision or cancellation concerns.
    let original: KISOrderNumber?
    let action: Action
    /// The number exactly as it stood in the list.
    let number: String
    let organisation: String?
    let ticker: KISTicker
    let side: Side
    let type: OrderType
    let timeInForce: TimeInForce
    /// Whether the row says so: abroad no list tells an order for an auction from one of the day.
    var tellsTimeInForce = true
    let quantity: Quantity
    let filled: Quantity
    /// Money: what the executed shares came to, without fees and taxes.
    let filledAmount: FixedPoint
    /// May still be executed.
    let remaining: Quantity
    let cancelled: Quantity
    let isRefused: Bool
    /// KIS has done with it, by its own words.
    let isDone: Bool
    let placedAt: Instant
    /// Sent by takt, for all that the row shows: of a kind that takt sends, and through this interface.
    let couldBeTakts: Bool
    /// KIS's words on its state.
    let words: String?

    /// Throws when the numbers of the row cannot all be true. What concerns "all that is left" of an order may say
    /// zero.
    func check() throws(KISRowProblem) {
        guard quantity.isPositive || (original != nil && quantity.isZero) else {
            throw .contradiction("order \(number) is for \(quantity) shares")
        }
        guard !filled.isNegative, !remaining.isNegative, !cancelled.isNegative, quantity.isZero || filled <= quantity
        else { throw .contradiction("order \(number): \(filled) executed of \(quantity), \(remaining) left") }
        guard filled.isZero || filledAmount.isPositive else {
            throw .contradiction("order \(number): \(filled) executed without an amount")
        }
    }

    /// What was executed comes to: the amount where KIS gives one, else average × quantity.
    static func amount(
        _ row: KISRecord, filled: Quantity, amount: String, average: String
    ) throws(KISRowProblem) -> FixedPoint {
        guard filled.isPositive else { return .zero }
        if let told = try row.optionalAmount(amount), told.isPositive { return told }
        guard let mean = try row.average(average),
            let product = try? mean.multiplied(by: filled.value, rounding: .halfEven)
        else { return .zero }
        return product
    }

    /// The order that a row concerns; `nil` for a new order. None is written as a blank, as zeros, or as the row's own
    /// number.
    static func original(_ row: KISRecord, of id: KISOrderNumber) throws(KISRowProblem) -> KISOrderNumber? {
        guard let text = row.text("orgn_odno"), text.contains(where: { $0 != "0" }) else { return nil }
        guard let number = KISOrderNumber(date: id.date, desk: id.desk, text: text) else {
            throw .notNumber("orgn_odno", text)
        }
        return number == id ? nil : number
    }
}
