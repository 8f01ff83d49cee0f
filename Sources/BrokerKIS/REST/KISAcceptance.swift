internal import Core

/// What KIS answers to an order that it has taken: accepted, not executed, and the exchange may still refuse it.
struct KISAcceptance: Hashable, Sendable {
    /// As KIS wrote it: ten digits, or without the zeros on the virtual host.
    let number: String
    /// `KRX_FWDG_ORD_ORGNO`: a Korean cancellation needs it.
    let organisation: String?
    /// `ORD_TMD` in Korean time; the answer has no day.
    let secondOfDay: Int?
    let receivedAt: Instant

    /// `nil` for an answer that names no order: success it may be, but of what nobody can tell.
    init?(_ answer: KISAnswer) {
        guard let output = answer.body.record("output"), let number = output.text("odno"),
            KISOrderNumber.number(number) != nil
        else { return nil }
        self.number = number
        organisation = output.text("krx_fwdg_ord_orgno")
        secondOfDay = output.text("ord_tmd").flatMap(KISClock.secondOfDay)
        receivedAt = answer.receivedAt
    }

    /// The order's identity: its day is the one at the exchange when KIS took it.
    func orderNumber(_ market: KISMarket) -> KISOrderNumber? {
        let takenAt = secondOfDay.map { KISZone.seoul.nearest(secondOfDay: $0, to: receivedAt) } ?? receivedAt
        return KISOrderNumber(date: market.zone.date(takenAt), desk: market.desk, text: number)
    }
}
