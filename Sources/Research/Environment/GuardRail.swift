internal import Core
internal import Decision
internal import Ledger
internal import Risk

/// A rough look at whether a limit could be near. It is no judgement: where it says that one could, the risk check is asked,
/// and where it says no, the exact check has a margin of a thousandth of its limit left, far above what a binary number
/// rounds away.
struct GuardRail: Sendable {
    private static let margin = 0.999

    private let dailyLoss: Double
    private let emergencyLoss: Double
    private let stopLoss: Double
    private let paidIn: Double
    private var dayStart: Double

    init(_ limits: RiskLimits, stopLoss: Double, paidIn: Double) {
        dailyLoss = limits.dailyLoss.doubleValue * Self.margin
        emergencyLoss = limits.emergencyShutdownLoss.doubleValue * Self.margin
        self.stopLoss = stopLoss * Self.margin
        (self.paidIn, dayStart) = (paidIn, paidIn)
    }

    mutating func beginDay(_ equity: Double) { dayStart = equity }

    func mayAct(equity: Double, _ position: LedgerPosition?, close: Double) -> Bool {
        if equity <= dayStart * (1 - dailyLoss) || equity <= paidIn * (1 - emergencyLoss) { return true }
        guard let position, !position.isFlat else { return false }
        let cost = position.averageCost.doubleValue
        // Where a cost is not positive, nothing is said about it here.
        guard cost > 0 else { return true }
        return position.quantity.isNegative ? close >= cost * (1 + stopLoss) : close <= cost * (1 - stopLoss)
    }

    /// The most units that the decision manager could aim at; `nil` if that is not bounded here.
    ///
    /// - Parameters:
    ///   - equity: in the instrument's currency.
    ///   - unitValue: of one unit, positive.
    static func largestTarget(_ decision: Decision.DecisionSettings, equity: Double, unitValue: Double) -> Double? {
        switch decision.sizing {
        case .fixed(let quantity): quantity.value.doubleValue
        case .percentOfEquity(let percent): percent.doubleValue * equity / unitValue
        case .volatilityTarget(_, let most, _, _), .kelly(_, _, let most): most.doubleValue * equity / unitValue
        }
    }
}
