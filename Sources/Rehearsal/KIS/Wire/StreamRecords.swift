internal import Core
internal import Sessions

/// The records of real-time streams, by position.
struct StreamRecords: Sendable {
    let edition: KISStreamEdition

    private func clock(_ instant: Instant?) -> String {
        instant.map { clockText(SimulatedExchange.seoul.local($0).secondOfDay) } ?? ""
    }

    // MARK: Prices

    /// `H0STCNT0`: 46 values, 47 in the third edition.
    func domesticTrade(_ quote: SimulatedQuote, _ trade: SimulatedTrade) -> [String] {
        let total = quote.total ?? SimulatedBar(trade, openAt: trade.at)
        let (ask, bid) = (quote.asks.first, quote.bids.first)
        let volume = FixedPoint(max(1, total.volume))
        func versus(_ price: FixedPoint) -> [String] {
            [trade.price > price ? "2" : trade.price < price ? "5" : "3", won(trade.price.minus(price))]
        }
        func per(_ part: Int, _ whole: Int) -> String {
            whole == 0 ? "0.00" : FixedPoint(part * 100).over(FixedPoint(whole), .halfEven).formatted(digits: 2)
        }
        var values = [
            quote.symbol.code, clock(trade.at), won(trade.price), quote.sign, won(quote.change),
            quote.changeRate.formatted(digits: 2), total.value.over(volume, .halfEven).formatted(digits: 2),
            won(total.open), won(total.high), won(total.low), won(ask?.price ?? .zero), won(bid?.price ?? .zero),
            "\(trade.quantity)", "\(total.volume)", won(total.value), "\(quote.sold.trades)",
            "\(quote.bought.trades)", "\(quote.bought.trades - quote.sold.trades)",
            per(quote.bought.shares, quote.sold.shares), "\(quote.sold.shares)", "\(quote.bought.shares)",
            trade.isAuction ? "3" : trade.isBuy ? "1" : "5", per(quote.bought.shares, total.volume),
            per(total.volume, quote.previousVolume),
        ]
        values += [clock(quote.openAt)] + versus(total.open)
        values += [clock(quote.highAt)] + versus(total.high)
        values += [clock(quote.lowAt)] + versus(total.low)
        values += [
            quote.date.compact, "20", "N", "\(ask?.quantity ?? 0)", "\(bid?.quantity ?? 0)",
            "\(quote.asks.reduce(0) { $0 + $1.quantity })", "\(quote.bids.reduce(0) { $0 + $1.quantity })", "0.14",
            "\(quote.previousVolume)", per(total.volume, quote.previousVolume), "0", "", won(quote.base),
        ]
        return edition == .third ? values + ["K"] : values
    }

    /// `H0STASP0`: 59 values, 60 in the third edition.
    func domesticBook(_ quote: SimulatedQuote) -> [String] {
        var values = [quote.symbol.code, clock(quote.at), "0"]
        values += quote.asks.map { won($0.price) } + quote.bids.map { won($0.price) }
        values += quote.asks.map { "\($0.quantity)" } + quote.bids.map { "\($0.quantity)" }
        values += [
            "\(quote.asks.reduce(0) { $0 + $1.quantity })", "\(quote.bids.reduce(0) { $0 + $1.quantity })", "0", "0",
            "0", "0", "0", "0", "3", "0.00", "\(quote.total?.volume ?? 0)", "0", "0", "0", "0", "0",
        ]
        return edition == .third ? values + ["K"] : values
    }

    /// `HDFSCNT0`: 26 values.
    func overseasTrade(_ quote: SimulatedQuote, _ trade: SimulatedTrade) -> [String] {
        let venue = quote.symbol.venue
        let total = quote.total ?? SimulatedBar(trade, openAt: trade.at)
        let local = venue.calendar?.localClock(of: trade.at) ?? SimulatedExchange.seoul.local(trade.at)
        let korean = SimulatedExchange.seoul.local(trade.at)
        func text(_ price: FixedPoint) -> String { price.formatted(digits: venue.quoteDecimals) }
        let strength =
            quote.sold.shares == 0
            ? "0.00"
            : FixedPoint(quote.bought.shares * 100).over(FixedPoint(quote.sold.shares), .halfEven).formatted(digits: 2)
        return [
            quote.symbol.streamKey, quote.symbol.code, "\(venue.quoteDecimals)", quote.date.compact,
            local.date.compact, clockText(local.secondOfDay), korean.date.compact, clockText(korean.secondOfDay),
            text(total.open), text(total.high), text(total.low), text(trade.price), quote.sign,
            text(quote.change.magnitude), quote.changeRate.formatted(digits: 2), text(quote.bids[0].price),
            text(quote.asks[0].price), "\(quote.bids[0].quantity)", "\(quote.asks[0].quantity)", "\(trade.quantity)",
            "\(total.volume)", won(total.value), "\(quote.sold.shares)", "\(quote.bought.shares)", strength, "1",
        ]
    }

    /// `HDFSASP0`: 71 values for the ten levels of the US.
    func overseasBook(_ quote: SimulatedQuote) -> [String] {
        let venue = quote.symbol.venue
        let local = venue.calendar?.localClock(of: quote.at) ?? SimulatedExchange.seoul.local(quote.at)
        let korean = SimulatedExchange.seoul.local(quote.at)
        var values = [
            quote.symbol.streamKey, quote.symbol.code, "\(venue.quoteDecimals)", local.date.compact,
            clockText(local.secondOfDay), korean.date.compact, clockText(korean.secondOfDay),
            "\(quote.bids.reduce(0) { $0 + $1.quantity })", "\(quote.asks.reduce(0) { $0 + $1.quantity })", "0", "0",
        ]
        for (bid, ask) in zip(quote.bids, quote.asks) {
            values += [
                bid.price.formatted(digits: venue.quoteDecimals), ask.price.formatted(digits: venue.quoteDecimals),
                "\(bid.quantity)", "\(ask.quantity)", "0", "0",
            ]
        }
        return values
    }

    // MARK: Notices

    /// Quantity, price, RFUS_YN, CNTG_YN, ACPT_YN.
    private func facts(_ notice: SimulatedNotice) -> (Int, FixedPoint, String, String, String) {
        let order = notice.order
        return switch notice.kind {
        case .accepted: (order.ticket.quantity, order.ticket.price, "0", "1", "1")
        case .confirmed: (order.ticket.quantity, order.ticket.price, "0", "1", "2")
        case .refused: (order.ticket.quantity, order.ticket.price, "1", "1", "2")
        case .restCancelled(let rest): (rest, order.ticket.price, "0", "1", "3")
        case .fill(let quantity, let price): (quantity, price, "0", "2", "2")
        }
    }

    private func revision(_ kind: SimulatedOrder.Kind) -> String {
        switch kind {
        case .new: "0"
        case .revision: "1"
        case .cancellation: "2"
        }
    }

    /// `H0STCNI0` and `H0STCNI9`: 26 values, 23 in the first edition.
    func domesticNotice(_ notice: SimulatedNotice, _ account: SimulatedAccount) -> [String] {
        let order = notice.order
        let (quantity, price, refused, filled, accepted) = facts(notice)
        let condition = order.terms.life == .immediate ? "1" : order.terms.life == .allOrNone ? "2" : "0"
        let head = [
            account.htsID, account.number + account.product, digits(order.number, 10),
            order.original.map { digits($0, 10) } ?? "", order.ticket.isBuy ? "02" : "01", revision(order.kind),
            order.ticket.type, condition, order.ticket.code, digits(quantity, 10), digits(price.whole, 9),
            clock(notice.at), refused, filled, accepted, SimulatedKIS.branch(account.environment),
            digits(order.ticket.quantity, 9), "TESTER",
        ]
        let orderPrice = digits(order.ticket.price.whole, 9)
        if edition == .first { return head + [notice.name, "10", "", notice.name, orderPrice] }
        let stop = order.ticket.conditionPrice
        return head + [stop.isPositive ? digits(stop.whole, 9) : "", "1", "N", "", "10", "", notice.name, orderPrice]
    }

    /// `H0GSCNI0` and `H0GSCNI9`: 25 values, 21 in the first edition. Numbers are not padded, times are blank, prices have
    /// implied decimals, and the quantity of the order is there on fills only.
    func overseasNotice(_ notice: SimulatedNotice, _ account: SimulatedAccount) -> [String] {
        let order = notice.order
        let (quantity, price, refused, filled, accepted) = facts(notice)
        let scale = (0..<order.ticket.venue.noticeDecimals).reduce(1) { scale, _ in scale * 10 }
        let implied = price.times(scale).whole
        let kinds = ["31": "A", "32": "B", "33": "C", "34": "D"]
        let head = [
            account.htsID, account.number, "\(order.number)", order.original.map { "\($0)" } ?? "",
            order.ticket.isBuy ? "02" : "01", revision(order.kind), kinds[order.ticket.type] ?? "2", order.ticket.code,
            digits(quantity, 10), digits(implied, 9), "", refused, filled, accepted, SimulatedKIS.overseasBranch,
            filled == "2" ? digits(order.ticket.quantity, 9) : "", "TESTER", notice.name, order.ticket.venue.noticeCode,
            "10",
            "",
        ]
        return edition == .first ? head : head + ["", "", "", digits(implied, 12)]
    }
}
