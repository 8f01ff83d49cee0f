internal import Core

/// A quantity bought or sold together, and what was paid for it.
///
/// The cost is remembered for the quantity last built up (`basis…`), and the cost of what is left is that amount times
/// what is left over that quantity. Taking away therefore never moves the average, and taking away in parts costs
/// exactly what taking away at once does: the roundings telescope.
struct Parcel: Hashable, Sendable {
    /// In 10^-8 units; negative for a short.
    private(set) var quantity: Int128 = 0
    private var basisQuantity: Int128 = 0
    private var basisCost = PreciseAmount.zero

    init() {}

    init(quantity: Int128, cost: PreciseAmount) {
        self.quantity = quantity
        basisQuantity = quantity
        basisCost = cost
    }

    /// Money paid for what is left, multiplier included; it has the sign of the quantity where prices are positive.
    var cost: PreciseAmount {
        guard quantity != basisQuantity else { return basisCost }
        // What is left is never more than the basis, so the part of an amount in range is in range.
        return (try? basisCost.scaled(by: quantity, over: basisQuantity)) ?? basisCost
    }

    /// In range because every way of adding to it is checked.
    var signedQuantity: Quantity { Quantity((try? FixedPoint(units: quantity)) ?? .zero) }

    mutating func add(quantity more: Int128, cost: PreciseAmount) throws(ArithmeticError) {
        self = Parcel(quantity: quantity + more, cost: try self.cost + cost)
    }

    /// Takes `part` away, which has the sign of the parcel and is no larger, and returns what it had cost.
    mutating func remove(_ part: Int128) throws(ArithmeticError) -> PreciseAmount {
        let before = cost
        quantity -= part
        guard quantity != 0 else {
            self = Parcel()
            return before
        }
        return try before - cost
    }

    /// The same cost for another quantity: a split.
    mutating func restate(quantity new: Int128) { self = Parcel(quantity: new, cost: cost) }

    /// Cost ÷ (quantity × multiplier), or zero when flat.
    func price(multiplier: FixedPoint) -> PreciseAmount {
        guard basisQuantity != 0, quantity != 0 else { return .zero }
        let points = try? basisCost.scaled(by: FixedPoint.unitsPerOne, over: multiplier.units)
        // An average lies between prices that were themselves in range, so this does not fail.
        return (try? points?.scaled(by: FixedPoint.unitsPerOne, over: basisQuantity)) ?? .zero
    }
}

/// The running state of one instrument in one account, under both cost methods.
struct PositionState: Hashable, Sendable {
    struct OpenLot: Hashable, Sendable {
        var parcel: Parcel
        let openedAt: Instant
    }

    /// What one trade did to the books.
    struct Outcome {
        /// price × quantity × multiplier with the sign of the quantity: what the trade cost.
        var notional: PreciseAmount
        var realisedAverage = PreciseAmount.zero
        var realisedFIFO = PreciseAmount.zero
    }

    let account: AccountKey
    let symbol: Symbol
    let currency: Currency
    private(set) var multiplier: FixedPoint
    private(set) var average = Parcel()
    private(set) var realisedAverage = PreciseAmount.zero
    private(set) var realisedFIFO = PreciseAmount.zero
    /// What the open lots had cost.
    private(set) var costFIFO = PreciseAmount.zero
    /// Money spent on the instrument less money received for it, fees and taxes aside.
    private(set) var netPaid = PreciseAmount.zero
    private(set) var lastTradePrice: Price?
    private(set) var lastTradeAt: Instant?
    /// Oldest first; what stands before `firstLot` is used up.
    private var lotQueue: [OpenLot] = []
    private var firstLot = 0

    init(account: AccountKey, symbol: Symbol, currency: Currency, multiplier: FixedPoint) {
        self.account = account
        self.symbol = symbol
        self.currency = currency
        self.multiplier = multiplier
    }

    var quantity: Int128 { average.quantity }
    var lots: ArraySlice<OpenLot> { lotQueue[firstLot...] }

    mutating func adopt(multiplier new: FixedPoint) { multiplier = new }
    mutating func recordTrade(price: Price, at: Instant) {
        lastTradePrice = price
        lastTradeAt = at
    }

    func value(_ quantity: Int128, at price: FixedPoint) throws(ArithmeticError) -> PreciseAmount {
        try PreciseAmount.product(price, FixedPoint(units: quantity)).multiplied(by: multiplier)
    }

    /// Books a signed quantity at a price: closes what stands the other way first, then opens the rest.
    mutating func trade(_ signed: Int128, price: FixedPoint, at: Instant) throws(ArithmeticError) -> Outcome {
        let held = average.quantity
        let opposite = (held < 0) != (signed < 0)
        guard held != 0, opposite else {
            let notional = try value(signed, at: price)
            try open(signed, notional, at)
            return Outcome(notional: notional)
        }
        let closing = signed.magnitude <= held.magnitude ? signed : -held
        var outcome = try close(closing, price)
        let rest = signed - closing
        if rest != 0 {
            let notional = try value(rest, at: price)
            try open(rest, notional, at)
            outcome.notional = try outcome.notional + notional
        }
        return outcome
    }

    private mutating func open(_ signed: Int128, _ notional: PreciseAmount, _ at: Instant) throws(ArithmeticError) {
        _ = try FixedPoint(units: average.quantity + signed)
        try average.add(quantity: signed, cost: notional)
        lotQueue.append(OpenLot(parcel: Parcel(quantity: signed, cost: notional), openedAt: at))
        netPaid = try netPaid + notional
        costFIFO = try costFIFO + notional
    }

    private mutating func close(_ signed: Int128, _ price: FixedPoint) throws(ArithmeticError) -> Outcome {
        let notional = try value(signed, at: price)
        var outcome = Outcome(notional: notional)
        outcome.realisedAverage = try -notional - average.remove(-signed)
        outcome.realisedFIFO = try -notional - removeOldest(-signed)
        realisedAverage = try realisedAverage + outcome.realisedAverage
        realisedFIFO = try realisedFIFO + outcome.realisedFIFO
        netPaid = try netPaid + notional
        return outcome
    }

    private mutating func removeOldest(_ part: Int128) throws(ArithmeticError) -> PreciseAmount {
        var left = part
        var cost = PreciseAmount.zero
        while left != 0, firstLot < lotQueue.count {
            let inLot = lotQueue[firstLot].parcel.quantity
            let taken = inLot.magnitude <= left.magnitude ? inLot : left
            cost = try cost + lotQueue[firstLot].parcel.remove(taken)
            left -= taken
            if taken == inLot { firstLot += 1 }
        }
        // Used-up lots are dropped once they are the larger half, so each lot is moved at most once on average.
        if firstLot > 16, firstLot * 2 > lotQueue.count {
            lotQueue.removeFirst(firstLot)
            firstLot = 0
        }
        costFIFO = try costFIFO - cost
        return cost
    }

    /// Multiplies quantities by new ÷ old and leaves every cost as it is. Quantities are rounded half to even at the
    /// eighth decimal, lots cumulatively, so that they go on adding up to the position.
    mutating func split(new: Int128, old: Int128) throws(ArithmeticError) {
        func scaled(_ quantity: Int128) throws(ArithmeticError) -> Int128 {
            try FixedPoint(units: quantity).scaled(
                by: FixedPoint(units: new), over: FixedPoint(units: old), rounding: .halfEven
            ).units
        }
        try average.restate(quantity: scaled(average.quantity))
        lotQueue.removeFirst(firstLot)
        firstLot = 0
        var before: Int128 = 0
        var scaledBefore: Int128 = 0
        for index in lotQueue.indices {
            before += lotQueue[index].parcel.quantity
            let scaledNow = try scaled(before)
            lotQueue[index].parcel.restate(quantity: scaledNow - scaledBefore)
            scaledBefore = scaledNow
        }
        if let price = lastTradePrice {
            lastTradePrice = Price(
                try price.value.scaled(by: FixedPoint(units: old), over: FixedPoint(units: new), rounding: .halfEven))
        }
    }

    /// Turns the fraction beyond the whole number (rounded towards zero) into cash; `nil` when there is none.
    mutating func cashInLieu(price: Price, at: Instant) throws(ArithmeticError) -> Outcome? {
        let fraction = average.quantity % FixedPoint.unitsPerOne
        guard fraction != 0 else { return nil }
        return try trade(-fraction, price: price.value, at: at)
    }
}
