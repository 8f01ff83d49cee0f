internal import Core
internal import Decision
internal import MarketData

/// What was done to stored bars before a decision saw them, in its evidence: `adjustments`, the splits they were adjusted
/// for, as `{"NVDA": [{"before", "new", "old"}]}`, and `left_out`, the opens of those passed over, as `{"NVDA": [time]}`.
/// Either is absent where nothing was done.
enum AdjustmentEvidence {
    static func added(to document: JSONValue, _ made: DecisionInputs.Made) -> JSONValue {
        var document = document
        if !made.adjustments.isEmpty { document = document.setting("adjustments", json(made.adjustments)) }
        guard !made.leftOut.isEmpty else { return document }
        let members = made.leftOut.sorted { $0.key < $1.key }.map { symbol, opens in
            JSONValue.Member(symbol.text, .array(opens.map { JSONValue($0) }))
        }
        return document.setting("left_out", .object(members))
    }

    /// Stored bars as the decision of that evidence saw them.
    static func asSeen(_ stored: [Bar], of symbol: Symbol, in body: JSONValue?) throws -> [Bar] {
        let opens = Set((body?["left_out"]?[symbol.text]?.arrayValue ?? []).compactMap(\.stringValue))
        let kept = opens.isEmpty ? stored : stored.filter { !opens.contains($0.openAt.description) }
        return try read(body?["adjustments"])[symbol]?.adjusted(kept) ?? kept
    }

    private static func json(_ adjustments: [Symbol: SplitAdjustment]) -> JSONValue {
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
    private static func read(_ document: JSONValue?) throws -> [Symbol: SplitAdjustment] {
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
