internal import Core
internal import Sessions

/// How the gateway writes and reads times.
enum GatewayTime {
    /// `20251121 10:30:00 US/Eastern`: with the name of the zone it is in.
    static func text(_ instant: Instant, _ zone: ZoneRules, name: String) -> String {
        "\(plain(instant, zone, separator: " ")) \(name)"
    }

    /// The time of an execution, in the zone of the application's login: New York's.
    static func execution(_ instant: Instant, _ style: GatewayTimeStyle) -> String {
        switch style {
        case .zoned: text(instant, GatewayMarket.newYork, name: "US/Eastern")
        case .plain: plain(instant, GatewayMarket.newYork, separator: "  ")
        case .utc: plain(instant, .utc, separator: "-")
        }
    }

    /// `20251121  10:30:00`, the separator as given.
    static func plain(_ instant: Instant, _ zone: ZoneRules, separator: String) -> String {
        let (date, second) = zone.local(instant)
        return date.compact + separator + clock(second)
    }

    private static func clock(_ second: Int) -> String {
        "\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
    }

    /// Reads `yyyymmdd`, `yyyymmdd hh:mm:ss` with or without a zone behind it, and `yyyymmdd-hh:mm:ss`, which is UTC.
    static func instant(_ text: String, zone: ZoneRules) -> Instant? {
        let isUTC = text.contains("-")
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "-" })
        guard let day = parts.first.flatMap({ CivilDate(compact: $0) }) else { return nil }
        var zone = isUTC ? ZoneRules.utc : zone
        if parts.count > 2, !isUTC {
            guard let named = named(String(parts[2])) else { return nil }
            zone = named
        }
        guard parts.count > 1 else { return zone.instant(of: day.advanced(byDays: 1), secondOfDay: 0) }
        let numbers = parts[1].split(separator: ":").compactMap { Int($0) }
        guard numbers.count == 3, (0..<24).contains(numbers[0]), (0..<60).contains(numbers[1]),
            (0..<60).contains(numbers[2])
        else { return nil }
        return zone.instant(of: day, secondOfDay: numbers[0] * 3600 + numbers[1] * 60 + numbers[2])
    }

    /// A zone by its own name or by the old one that gateways use.
    static func named(_ name: String) -> ZoneRules? {
        let old = [
            "US/Eastern": "America/New_York", "US/Central": "America/Chicago", "MET": "Europe/Berlin",
            "GB-Eire": "Europe/London", "Japan": "Asia/Tokyo", "Hongkong": "Asia/Hong_Kong", "GMT": "UTC",
        ]
        return ZoneRules.named(old[name] ?? name)
    }
}
