internal import Core

/// Korean time is nine hours ahead of UTC all year, since 1988.
enum KoreanTime {
    static let offsetSeconds: Int64 = 9 * 3600

    static func instant(_ date: CivilDate, secondOfDay: Int32) -> Instant {
        date.startUTC.advanced(bySeconds: Int64(secondOfDay) - offsetSeconds)
    }

    /// A time that came without its day: of the day on which it lies nearest to the receipt, so that what is sent just
    /// before midnight and arrives just after is not a day off.
    static func instant(secondOfDay: Int32, near receivedAt: Instant) -> Instant {
        let today = receivedAt.advanced(bySeconds: offsetSeconds).utcDate
        let guess = instant(today, secondOfDay: secondOfDay)
        let ahead = guess.epochSeconds - receivedAt.epochSeconds
        if ahead > 43_200 { return guess.advanced(bySeconds: -86_400) }
        return ahead < -43_200 ? guess.advanced(bySeconds: 86_400) : guess
    }
}
