/// Which checkpoints are kept: the newest, to go on from, and the best, to trade with.
public struct Retention: Hashable, Sendable {
    public let newest: Int
    public let best: Int

    public init(newest: Int, best: Int) { (self.newest, self.best) = (newest, best) }

    /// A checkpoint as far as this matters.
    public struct Item: Hashable, Sendable {
        public let iteration: Int
        /// More is better; `nil` if it was never measured, and NaN counts as such.
        public let score: Double?

        public init(iteration: Int, score: Double?) { (self.iteration, self.score) = (iteration, score) }
    }

    /// The iterations whose checkpoints stay. Of equal scores the later one is better.
    public func kept(of items: [Item]) -> Set<Int> {
        let latest = items.map(\.iteration).sorted(by: >).prefix(max(newest, 0))
        let measured = items.compactMap { item in
            item.score.flatMap { $0.isNaN ? nil : (score: $0, iteration: item.iteration) }
        }
        let leading = measured.sorted { $0 > $1 }.prefix(max(best, 0)).map(\.iteration)
        return Set(latest).union(leading)
    }
}
