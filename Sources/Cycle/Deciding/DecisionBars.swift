internal import Core
internal import MarketData
internal import Sessions
internal import Store

/// The bars of a symbol up to a cycle's, as agents and policies see them: of the sessions of the profile, adjusted for
/// splits to the scale of the last one.
struct DecisionBars {
    /// Ascending.
    let bars: [Bar]
    let adjustment: SplitAdjustment
    /// The opens of stored bars among them that belong to no session.
    let leftOut: [Instant]

    init(_ member: Beat.SessionMember, count: Int, _ beat: Beat, _ reader: StoreReader) throws {
        let seen = try SessionBars(member, count: count, beat, reader)
        let actions = try reader.actionsInForce(member.instrument.symbol).compactMap(\.action)
        try self.init(seen.bars, leftOut: seen.leftOut, actions, of: member.instrument.symbol, member.calendar)
    }

    init(
        _ seen: [Bar], leftOut: [Instant] = [], _ actions: [CorporateAction], of symbol: Symbol,
        _ calendar: ExchangeCalendar
    ) throws {
        adjustment = try SplitAdjustment(actions, to: seen, of: symbol, calendar: calendar)
        bars = try adjustment.adjusted(seen)
        self.leftOut = leftOut
    }
}
