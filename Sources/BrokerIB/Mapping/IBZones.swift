internal import Core
internal import Sessions

/// The time zones of gateways, by the names they are told with: those of the IANA, old ones of theirs, and those that the
/// machine's language gives.
enum IBZones {
    private static let others: [String: String] = [
        "US/Eastern": "America/New_York", "EST": "America/New_York", "EST5EDT": "America/New_York",
        "EDT": "America/New_York", "Eastern Standard Time": "America/New_York",
        "Eastern Daylight Time": "America/New_York", "US/Central": "America/Chicago", "CST": "America/Chicago",
        "Central Standard Time": "America/Chicago", "Central Daylight Time": "America/Chicago",
        "US/Pacific": "America/Los_Angeles", "PST": "America/Los_Angeles",
        "Pacific Standard Time": "America/Los_Angeles", "Pacific Daylight Time": "America/Los_Angeles",
        "MET": "Europe/Paris", "CET": "Europe/Paris", "Central European Standard Time": "Europe/Paris",
        "Central European Summer Time": "Europe/Paris", "GB": "Europe/London", "GB-Eire": "Europe/London",
        "British Summer Time": "Europe/London", "Greenwich Mean Time": "Europe/London", "Japan": "Asia/Tokyo",
        "JST": "Asia/Tokyo", "Japan Standard Time": "Asia/Tokyo", "Hongkong": "Asia/Hong_Kong",
        "HKT": "Asia/Hong_Kong", "Hong Kong Standard Time": "Asia/Hong_Kong", "ROK": "Asia/Seoul",
        "KST": "Asia/Seoul", "Korean Standard Time": "Asia/Seoul", "Singapore": "Asia/Singapore",
        "GMT": "UTC", "Etc/UTC": "UTC", "Universal": "UTC",
    ]

    /// `nil` for a name that nobody has listed: a guess would move an execution by hours.
    static func rules(_ name: String) -> ZoneRules? {
        name == "UTC"
            ? .utc : ZoneRules.named(name) ?? others[name].flatMap { $0 == "UTC" ? .utc : ZoneRules.named($0) }
    }
}

extension IBTime.Stamp {
    /// - Parameter login: The zone that the gateway was logged in with.
    func instant(login: ZoneRules) -> Instant? {
        let rules = zone.map { IBZones.rules($0) } ?? login
        return rules?.instant(of: date, secondOfDay: secondOfDay)
    }
}
