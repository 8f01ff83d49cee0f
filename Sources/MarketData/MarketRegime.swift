/// Which way a stretch of generated sessions leans.
public enum MarketRegime: String, Hashable, Sendable, CaseIterable {
    case rising, falling, sideways
}
