internal import Core
internal import Sessions

/// Since when the gateway's lists of the day are.
///
/// They begin with midnight, and nobody documents whose: that of the account, of the login, or of the machine that the gateway
/// runs on. Of all that it may be the latest is believed, for a list that is thought to reach further back than it does would
/// prove that an order never came which came and went before.
enum IBDay {
    private static let account = ZoneRules.named("America/New_York") ?? .utc
    private static let seconds: Int64 = 86_400

    /// - Parameters:
    ///   - end: When the list had ended. A midnight that came while it was made counts.
    ///   - login: The zone that the gateway was logged in with, as it is configured.
    ///   - offset: How far the gateway's own clock is ahead of UTC; `nil` while that is not known.
    ///   - tolerance: How far the gateway's clock may be ahead of ours.
    static func begin(at end: Instant, login: ZoneRules, offset: Duration?, tolerance: Duration) -> Instant {
        let latest = end.advanced(by: tolerance)
        var midnights = [login, account, .utc].map { zone in
            zone.instant(of: zone.local(latest).date, secondOfDay: 0)
        }
        if let offset {
            let shift = offset.components.seconds
            let local = latest.epochSeconds + shift
            midnights.append(Instant(epochSeconds: local - (local % seconds + seconds) % seconds - shift))
        }
        return midnights.max() ?? end
    }
}
