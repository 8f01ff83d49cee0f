internal import Core

/// Times in IB's own forms.
enum IBTime {
    /// `yyyymmdd-hh:mm:ss`, in UTC: the one form of a request that depends on no setting of the gateway's.
    static func utc(_ instant: Instant) -> String {
        let second = instant.epochSeconds - instant.utcDate.startUTC.epochSeconds
        let clock = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return instant.utcDate.compact + "-" + clock.joined(separator: ":")
    }

    /// A time as answers tell it: a clock, and where it stands.
    struct Stamp: Hashable, Sendable {
        var date: CivilDate
        var secondOfDay: Int
        /// The name of a zone as the gateway gives it (`US/Eastern`, `British Summer Time`), `UTC` for the form with a hyphen; `nil` for the
        /// zone the gateway was logged in with.
        var zone: String?

        /// Reads `yyyymmdd  hh:mm:ss`, `yyyymmdd hh:mm:ss Zone` and `yyyymmdd-hh:mm:ss`; `nil` for anything else.
        init?(_ text: String) {
            let isUTC = text.utf8.dropFirst(8).first == UInt8(ascii: "-")
            let parts = text.split(whereSeparator: { $0 == " " || (isUTC && $0 == "-") })
            guard parts.count == 2 || (parts.count > 2 && !isUTC), let date = CivilDate(compact: parts[0]) else {
                return nil
            }
            let clock = parts[1].split(separator: ":", omittingEmptySubsequences: false)
            guard clock.count == 3,
                clock.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } })
            else { return nil }
            let numbers = clock.compactMap { UInt8($0).map(Int.init) }
            guard numbers.count == 3, numbers[0] < 24, numbers[1] < 60, numbers[2] < 60 else { return nil }
            self.date = date
            secondOfDay = numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
            zone = isUTC ? "UTC" : parts.count > 2 ? parts[2...].joined(separator: " ") : nil
        }
    }
}
