import Core

/// The few numbers of price history that rule agents and sizing need, in plain double arithmetic: one rounding per
/// operation, summed from the oldest to the newest, so that every machine gets the same bits.
enum Statistics {
    /// Simple returns `close / previous − 1`; `nil` if a close is not positive.
    static func returns(_ closes: [Price]) -> [Double]? {
        guard closes.count >= 2, closes.allSatisfy(\.isPositive) else { return nil }
        let values = closes.map(double)
        return zip(values.dropFirst(), values).map { $0 / $1 - 1 }
    }

    /// The nearest binary number. Converting from 64 bits gives the same bits as from 128 and takes a tenth of the time.
    static func double(_ price: Price) -> Double {
        price.value.int64Units.map { Double($0) / 100_000_000 } ?? price.doubleValue
    }

    /// Sample standard deviation (divisor n − 1) in two passes; `nil` for fewer than two values.
    static func deviation(_ values: [Double]) -> Double? {
        guard values.count >= 2 else { return nil }
        var sum = 0.0
        for value in values { sum += value }
        let mean = sum / Double(values.count)
        var squares = 0.0
        for value in values {
            let distance = value - mean
            let square = distance * distance
            squares += square
        }
        return (squares / Double(values.count - 1)).squareRoot()
    }

    /// `min(1, |move| / (σ·√n))`: a relative move in units of what chance moves a price by over n bars. Without any
    /// movement in the window (σ = 0) every move is certain.
    static func confidence(move: Double, deviation: Double, bars: Int) -> Double {
        guard move != 0 else { return 0 }
        let scale = deviation * Double(bars).squareRoot()
        guard scale > 0 else { return 1 }
        return min(1, abs(move) / scale)
    }
}
