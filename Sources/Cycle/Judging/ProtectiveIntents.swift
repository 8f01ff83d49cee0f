internal import Core
internal import Risk
internal import Settings
internal import Store

/// Gives the exits that the account check asks for their place among the intents of the cycle.
struct ProtectiveIntents {
    let beat: Beat
    let reader: StoreReader

    /// An intent for each exit, without those for which the cycle has an open one already.
    func make(_ exits: [ProtectiveExit]) throws -> [OrderIntent] {
        let earlier = try reader.intents(cycle: beat.cycle)
        var made: [OrderIntent] = []
        for exit in exits {
            let alike = (earlier + made).filter { $0.symbol == exit.symbol && $0.purpose == exit.purpose }
            // What rests in a bracket is no exit on its way: it is withdrawn where it stands in this one's.
            let open = alike.filter { !$0.state.isFinal && $0.broker == exit.broker && $0.handling.protects == nil }
            guard open.isEmpty else { continue }
            // Legs tell apart what one cycle, instrument and purpose have more than one of: retries, and two brokers.
            made.append(
                exit.intent(
                    cycle: beat.cycle, leg: (alike.map(\.leg).max() ?? 0) + 1, createdAt: beat.now,
                    expiresAt: expiresAt))
        }
        return made
    }

    /// At least a bar from now: protection does not miss its window because its beat runs late.
    private var expiresAt: Instant {
        max(beat.expiresAt, beat.now.advanced(bySeconds: Int64(beat.profile.timeframe.seconds)))
    }
}
