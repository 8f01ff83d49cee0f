internal import Core
internal import Decision
internal import MarketData

/// The splits that a decision's bars were adjusted for, in its evidence: `{"NVDA": [{"before", "new", "old"}]}`.
enum AdjustmentEvidence {
    static func json(_ adjustments: [Symbol: SplitAdjustment]) -> JSONValue {
        .object(
            adjustments.sorted { $0.key < $1.key }.map { symbol, adjustment in
                JSONValue.Member(
                    symbol.text,
                    .array(
                        adjustment.splits.map { split in
                            [
                                "before": JSONValue(split.before), "new": .int(Int64(split.new)),
                                "old": .int(Int64(split.old)),
                            ]
                        }))
            })
    }

    /// - Parameter document: `nil` where nothing was adjusted.
    /// - Throws: ``DecisionError`` for a document of another shape, ``BarMakingError`` for splits without a meaning.
    static func read(_ document: JSONValue?) throws -> [Symbol: SplitAdjustment] {
        guard let document else { return [:] }
        let reader = try EvidenceReader<DecisionError>(document, path: "adjustments")
        var adjustments: [Symbol: SplitAdjustment] = [:]
        guard case .object(let members) = document else { return [:] }
        for member in members {
            var splits: [SplitAdjustment.Split] = []
            for split in try reader.objects(member.key) {
                splits.append(
                    SplitAdjustment.Split(
                        before: try split.instant("before"), new: try split.int("new"), old: try split.int("old")))
            }
            adjustments[Symbol(member.key)] = try SplitAdjustment(splits, of: Symbol(member.key))
        }
        return adjustments
    }
}
