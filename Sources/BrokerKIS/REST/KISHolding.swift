internal import Core

/// Shares that an account holds, one row of a balance. The same share may have several: for cash, and on credit.
struct KISHolding: Hashable, Sendable {
    let ticker: KISTicker
    let quantity: Quantity
    let sellable: Quantity
    /// `nil` where KIS gives none.
    let averageCost: Price?
    let currency: Currency
}
