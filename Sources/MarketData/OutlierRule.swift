internal import Core

/// Finds prices that neither the bar's own other prices nor the bars around it know.
///
/// A price is an outlier if it lies further than the tolerance beyond the open, the close and the closes of the two
/// bars before and after. A split, a crash or a jump on news passes, because the bars behind it stay on its side:
/// Apple's −52 % of 2000-09-29 is no outlier. A jump in the very last bar passes: only its own prices can testify.
struct OutlierRule {
    /// Share of the price that may stand out. Measured in real bars: at most 2 % in five minutes (six symbols, 2020 and
    /// 2025), 18 % in a day (ten symbols since 1999). A misplaced digit is 900 %.
    private let floor: Double
    /// In times of turmoil the tolerance grows: so many median moves between closes.
    private static let medianMoves = 20.0
    private static let window = 10

    init(timeframe: Timeframe) {
        if timeframe.isDaily {
            floor = 0.6
        } else {
            floor = timeframe.seconds >= 3600 ? 0.3 : 0.2
        }
    }

    /// Repeats until nothing stands out, so that a second validation finds nothing new.
    func removingOutliers(_ rows: [RawBar], _ findings: inout Findings) -> [RawBar] {
        var rows = rows
        while true {
            var kept: [RawBar] = []
            kept.reserveCapacity(rows.count)
            for index in rows.indices {
                if let fault = fault(at: index, in: rows) {
                    findings.reject(rows[index], .outlier, fault)
                } else {
                    kept.append(rows[index])
                }
            }
            if kept.count == rows.count { return rows }
            rows = kept
        }
    }

    private func fault(at index: Int, in rows: [RawBar]) -> String? {
        let row = rows[index]
        // Ratios mean nothing around zero (futures below zero).
        guard row.lowUnits > 0 else { return nil }
        let around = neighbours(of: index, in: rows)
        guard let highest = around.max(), let lowest = around.min(), lowest > 0 else { return nil }
        let hasBoth = index > 0 && index + 1 < rows.count
        let body = (low: min(row.openUnits, row.closeUnits), high: max(row.openUnits, row.closeUnits))
        // An open or a close stands out only against both sides; a wick already against its own body.
        if hasBoth, let text = verdict(body.high, above: highest, index, rows, "open or close") { return text }
        if hasBoth, let text = verdict(body.low, below: lowest, index, rows, "open or close") { return text }
        return verdict(row.highUnits, above: max(highest, body.high), index, rows, "high")
            ?? verdict(row.lowUnits, below: min(lowest, body.low), index, rows, "low")
    }

    private func neighbours(of index: Int, in rows: [RawBar]) -> [Int64] {
        var closes: [Int64] = []
        for other in max(0, index - 2)...min(rows.count - 1, index + 2) where other != index {
            closes.append(rows[other].closeUnits)
        }
        return closes.isEmpty ? [rows[index].openUnits, rows[index].closeUnits] : closes
    }

    private func verdict(_ price: Int64, above limit: Int64, _ index: Int, _ rows: [RawBar], _ what: String) -> String?
    {
        guard Double(price) > Double(limit) * (1 + floor),
            Double(price) > Double(limit) * (1 + tolerance(index, rows))
        else { return nil }
        return message(price, limit, what)
    }

    private func verdict(_ price: Int64, below limit: Int64, _ index: Int, _ rows: [RawBar], _ what: String) -> String?
    {
        guard Double(price) * (1 + floor) < Double(limit),
            Double(price) * (1 + tolerance(index, rows)) < Double(limit)
        else { return nil }
        return message(price, limit, what)
    }

    private func message(_ price: Int64, _ limit: Int64, _ what: String) -> String {
        "the \(what) \(BarValidator.text(price)) stands alone: the prices around it reach \(BarValidator.text(limit))"
    }

    /// The floor, or twenty times the median relative move between the closes around, if that is more.
    private func tolerance(_ index: Int, _ rows: [RawBar]) -> Double {
        let range = max(1, index - Self.window)...max(1, min(rows.count - 1, index + Self.window))
        var moves: [Double] = []
        for other in range where other < rows.count && other != index && other != index + 1 {
            let (before, after) = (Double(rows[other - 1].closeUnits), Double(rows[other].closeUnits))
            if before > 0 { moves.append((after / before - 1).magnitude) }
        }
        moves.sort()
        // Three times the price is a slipped digit in any market.
        return min(2, max(floor, moves.isEmpty ? 0 : moves[moves.count / 2] * Self.medianMoves))
    }
}
