public import Core

/// Why bars cannot be made of other bars, of ticks or of corporate actions. Nothing of the request is given out.
public enum BarMakingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bars of `target` are not whole numbers of bars of `source`.
    case cannotResample(from: Timeframe, to: Timeframe)
    /// The bars are not in ascending order with one bar for each open.
    case disorder(at: Instant, after: Instant)
    /// A sum, product or quotient is larger than an amount can be.
    case overflow(at: Instant, ArithmeticError)
    /// The action has no meaning, for instance a split for zero shares.
    case unsoundAction(CorporateAction)
    /// A split for no shares.
    case unsoundSplit(new: Int, old: Int)
    /// The factor of a dividend needs the close before its ex-date. `latest` is the last bar there is before it.
    case noCloseBefore(CorporateAction, latest: Instant?)
    /// A dividend as high as the share itself leaves no factor.
    case dividendTooHigh(CorporateAction, close: Price)
    /// All factors together are larger or smaller than any price can bear.
    case factorTooLarge(Symbol)
    /// The saved state of a builder is not one of this builder.
    case badState(String)

    public var description: String {
        switch self {
        case .cannotResample(let source, let target):
            "bars of \(target) cannot be made of bars of \(source); nothing was made. Ask for a longer timeframe that "
                + "holds a whole number of \(source) bars, such as 5m of 1m or 1d of any."
        case .disorder(let at, let after):
            "the bar of \(at) comes after the one of \(after); nothing was made. Validate the bars first: each open "
                + "once, ascending."
        case .overflow(let at, let error):
            "the bar of \(at): \(error); nothing was made. Look for a wrong number in the bars of that time."
        case .unsoundAction(let action):
            "\(action): \(action.fault ?? "it has no meaning"); no price was adjusted. Correct the list of actions."
        case .unsoundSplit(let new, let old):
            "a split of \(new) new shares for \(old) old ones has no meaning; no price was adjusted."
        case .noCloseBefore(let action, let latest):
            "\(action): the close of the session before it is not there"
                + (latest.map { " (the latest bar before it opens at \($0))" } ?? "")
                + "; no price was adjusted. Import the bars of that session, or adjust for splits only."
        case .dividendTooHigh(let action, let close):
            "\(action): not less than the close of \(close) before it; no price was adjusted. Correct the list of "
                + "actions, or the bar."
        case .factorTooLarge(let symbol):
            "\(symbol): all splits together move prices out of range; no price was adjusted. Correct the list of actions."
        case .badState(let what):
            "the saved state of the bar builder cannot be used: \(what); nothing was restored. Start a new builder: the "
                + "bar in progress will be partial."
        }
    }
}
