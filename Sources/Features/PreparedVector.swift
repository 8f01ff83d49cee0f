/// A vector of which everything is known but what is held: the same bars are looked at with many positions in research.
///
/// Made by ``FeatureComputer/prepare(_:)`` and completed by ``FeatureComputer/evaluate(_:_:_:)``.
public struct PreparedVector: Hashable, Sendable {
    /// The vector of somebody who holds nothing and has never traded.
    public let flat: FeatureVector
    /// Of all programs, in their order.
    let constants: [Double]
    let close: Double
    /// In the window.
    let bars: Int

    init(flat: FeatureVector, constants: [Double], close: Double, bars: Int) {
        (self.flat, self.constants, self.close, self.bars) = (flat, constants, close, bars)
    }
}

/// A feature that depends on what is held: its arithmetic with the operands first.
struct HoldingProgram: Sendable {
    enum Step: Sendable {
        case constant(Int)
        case holding(FeatureTerm.HoldingTerm)
        case operation(FeatureExpression.Operator)
    }

    /// The place of the feature in its list.
    let feature: Int
    let steps: [Step]
    let barsNeeded: Int

    /// Every operation has its two operands on the stack: the steps were written down from an expression.
    func value(_ constants: [Double], _ holding: FeatureHolding, _ close: Double) -> Double {
        if steps.count == 1, case .holding(let term) = steps[0] { return holding.value(of: term, close: close) }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: steps.count) { stack in
            var top = 0
            for step in steps {
                switch step {
                case .constant(let index):
                    stack[top] = constants[index]
                    top += 1
                case .holding(let term):
                    stack[top] = holding.value(of: term, close: close)
                    top += 1
                case .operation(let sign):
                    top -= 1
                    stack[top - 1] = sign(stack[top - 1], stack[top])
                }
            }
            return stack[0]
        }
    }
}
