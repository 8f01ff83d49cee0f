public import BrokerPaper
public import Core
public import Cycle
public import Decision
public import Risk

/// By what an episode is traded and judged: what the configuration says to the live path, for one account at the paper
/// exchange.
public struct MarketRules: Sendable {
    public let profile: ProfileName
    public let timeframe: Timeframe
    public let decision: Decision.DecisionSettings
    public let limits: RiskLimits
    /// Fees, taxes, slippage, participation.
    public let exchange: PaperConfiguration
    public let broker: BrokerID
    public let baseCurrency: Currency
    /// Base units for one unit of the currency; the same all the time.
    public let rates: [Currency: FixedPoint]

    public init(
        profile: ProfileName, timeframe: Timeframe, research: ResearchRules, exchange: PaperConfiguration,
        broker: BrokerID = .paper, baseCurrency: Currency, rates: [Currency: FixedPoint] = [:]
    ) {
        (self.profile, self.timeframe) = (profile, timeframe)
        (decision, limits) = (research.decision, research.limits)
        (self.exchange, self.broker, self.baseCurrency, self.rates) = (exchange, broker, baseCurrency, rates)
    }

    /// Base units for one unit of the currency, `nil` if unknown or not positive.
    func rate(_ currency: Currency) -> FixedPoint? {
        if currency == baseCurrency { return .one }
        guard let rate = rates[currency], rate.isPositive else { return nil }
        return rate
    }

    /// Paid in at the start of every episode; `nil` without an opening balance in the currency.
    func initialCash(_ currency: Currency) -> Money? {
        exchange.initialCash.first { $0.currency == currency && $0.amount.isPositive }
    }
}

/// Why nothing can be trained on a market.
public enum MarketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An order style whose executions inside a bar are not played.
    case orderType(String)
    case noCash(Symbol, Currency)
    case noRate(Symbol, Currency, base: Currency)
    /// What the exchange does not trade.
    case derivative(Symbol)
    /// Features that depend on a profile's equity marks.
    case portfolioFeatures([String])
    /// No stretch of whole sessions whose vectors are all there.
    case noStart(bars: Int, ready: Int, sessions: Int)

    public var description: String {
        switch self {
        case .orderType(let name):
            "orders.default_order_type is '\(name)', and episodes are played with market orders; set it to market"
        case .noCash(let symbol, let currency):
            "paper.initial_cash has no \(currency), which \(symbol) is traded in; add an amount"
        case .noRate(let symbol, let currency, let base):
            "there is no rate of \(currency), which \(symbol) is traded in, to \(base); add it to paper.fx"
        case .derivative(let symbol): "\(symbol) is a derivative, and the paper exchange trades shares and funds"
        case .portfolioFeatures(let names):
            "\(names.joined(separator: ", ")) tell how a portfolio has gone, which an episode has no marks of; leave "
                + "them out of `features:`"
        case .noStart(let bars, let ready, let sessions):
            "no \(sessions == 1 ? "session" : "\(sessions) sessions in a row") of the span can be played: of \(bars) bars "
                + "\(ready) have a complete vector, and every bar of a session has to; widen the span or bring more bars"
        }
    }
}
