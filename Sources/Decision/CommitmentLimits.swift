import Core

/// The limits on entries that count what is bound already.
extension Filter {
    @Sendable static func correlation(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard let limit = c.settings.limits.maximumCorrelation?.doubleValue else { return (true, "The filter is off.") }
        var highest: (value: Double, symbol: Symbol)?
        for other in c.bound where other.symbol != c.symbol.symbol {
            switch Comparison(c.symbol.bars, other.bars) {
            case .correlation(let value):
                let together = other.side == c.proposal.side ? value : -value
                if together > highest?.value ?? -.infinity { highest = (together, other.symbol) }
            case .tooLittle(let common):
                // Nothing is known against it under the first rules; since, nothing is known for it.
                guard c.input.rules != .first else { continue }
                return (
                    false,
                    "With what is held of \(other.symbol) it cannot be compared: they have \(common) returns in common, "
                        + "\(EntryLimits.leastCommon) are needed."
                )
            case .unmoved: continue
            }
        }
        guard let highest else { return (true, "Nothing else is held that it could be compared with.") }
        return (
            highest.value <= limit,
            "With what is held of \(highest.symbol) it goes together by \(highest.value), allowed are \(limit)."
        )
    }

    @Sendable static func turnover(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard let limit = c.settings.limits.maximumTurnover else { return (true, "The filter is off.") }
        guard var sum = c.input.commitments?.turnover ?? c.input.turnoverToday, let own = c.proposal.value,
            let equity = c.input.equity
        else { return (false, "The turnover of the day, the order's value or equity is not known.") }
        do {
            for order in c.accepted {
                guard let value = order.value else {
                    return (
                        false, "The value of the \(order.isEntry ? "entry" : "exit") in \(order.symbol) is not known."
                    )
                }
                sum = try sum + value
            }
            sum = try sum + own
            let most = try equity.multiplied(by: limit.value, rounding: .down)
            return (
                sum <= most, "With it the turnover of the day is \(sum) \(c.input.baseCurrency), allowed are \(most)."
            )
        } catch {
            return (false, "The turnover of the day cannot be calculated exactly.")
        }
    }
}

extension FilterContext {
    /// What an entry could go together with, the entries of the same run included.
    fileprivate var bound: [Commitments.Holding] {
        if input.rules == .first {
            return input.symbols.compactMap { other in
                held(other).map { Commitments.Holding(symbol: other.symbol, side: $0, bars: other.bars) }
            }
        }
        let entries = accepted.filter(\.isEntry).compactMap { entry in
            input.symbols.first { $0.symbol == entry.symbol }
                .map { Commitments.Holding(symbol: entry.symbol, side: entry.side, bars: $0.bars) }
        }
        return (input.commitments?.held ?? []) + entries
    }

    /// On which side of a symbol something is held, on its way or decided on, as the first rules have it.
    private func held(_ other: SymbolInput) -> Side? {
        if !other.positionQuantity.isZero { return other.positionQuantity.isNegative ? .sell : .buy }
        return other.workingOrders.first?.side ?? accepted.first { $0.symbol == other.symbol }?.side
    }
}

/// Two symbols beside each other.
private enum Comparison {
    /// Pearson's, of the one-bar returns that they have in common, of the newest of them.
    case correlation(Double)
    /// Only so many returns in common have a meaning.
    case tooLittle(Int)
    /// One of them stood still: it goes together with nothing.
    case unmoved

    init(_ first: [Bar], _ second: [Bar]) {
        let others = Dictionary(second.map { ($0.openAt, $0.close) }) { first, _ in first }
        let common = first.suffix(EntryLimits.lookback + 1).compactMap { bar in
            others[bar.openAt].map { (bar.close, $0) }
        }
        guard common.count > EntryLimits.leastCommon else {
            self = .tooLittle(max(0, common.count - 1))
            return
        }
        guard let x = Statistics.returns(common.map(\.0)), let y = Statistics.returns(common.map(\.1)) else {
            self = .tooLittle(0)
            return
        }
        let (meanX, meanY) = (Self.mean(x), Self.mean(y))
        var (xy, xx, yy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            let (dx, dy) = (a - meanX, b - meanY)
            xy += dx * dy
            xx += dx * dx
            yy += dy * dy
        }
        self = xx > 0 && yy > 0 ? .correlation(xy / (xx * yy).squareRoot()) : .unmoved
    }

    private static func mean(_ values: [Double]) -> Double {
        var sum = 0.0
        for value in values { sum += value }
        return sum / Double(values.count)
    }
}
