internal import Core
internal import Cycle
internal import Sessions
internal import Settings

/// The cycle that a command works on.
struct CycleTarget {
    let context: CommandContext
    /// As typed behind `--cycle`; `nil` where it was left out.
    let named: String?

    /// `--cycle` names the profile too; without it the last closed bar of the chosen profile is meant.
    func resolve(_ cycleContext: CycleContext) throws -> (Profile, CycleID) {
        guard let named else {
            let profile = try context.profile()
            return (profile, try cycleContext.lastClosedCycle(of: profile, at: context.clock.now()))
        }
        guard let id = CycleID(named) else {
            throw usage("'\(named)' is no cycle; write PROFILE/BAR-CLOSE, such as us-5m/2026-11-20T15:35:00Z.")
        }
        guard let profile = context.settings.profile(named: id.profile) else {
            throw usage("The cycle \(id) names the profile '\(id.profile)', which trading.yaml does not have.")
        }
        try requireSlot(id, profile)
        guard id.barClose <= context.clock.now() else {
            throw usage("The bar of \(id) has not closed yet; it is \(context.clock.now()).")
        }
        return (profile, id)
    }

    /// A cycle is the close of a bar: any other time is a slip, and a row for it would only confuse.
    private func requireSlot(_ id: CycleID, _ profile: Profile) throws {
        let calendars = profile.symbols.compactMap { context.settings.instruments[$0] }
            .compactMap { context.calendars.barCalendar(of: $0, profile.timeframe, context.settings) }
        let isSlot = calendars.contains { $0.slot(closingAt: id.barClose, timeframe: profile.timeframe) != nil }
        guard !isSlot else { return }
        let before = calendars.compactMap { $0.lastClosedSlot(at: id.barClose, timeframe: profile.timeframe)?.closeAt }
            .max()
        let nearest = before.map { "; the one before closes at \($0)" } ?? ""
        throw usage("No \(profile.timeframe) bar of \(profile.name) closes at \(id.barClose)\(nearest).")
    }

    private func usage(_ message: String) -> StepFailure {
        StepFailure(
            code: "usage", message: message, hint: "Nothing was done.", isRetryable: false, exitCode: .usage)
    }
}
