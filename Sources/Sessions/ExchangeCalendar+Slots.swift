public import Core

extension ExchangeCalendar {
    /// The bars of a session, ascending.
    ///
    /// The grid starts at the open, and again after a break, in exchange time: hourly bars of New York open at 09:30,
    /// 10:30 …, whatever the daylight saving. The last bar before a break or the close may be shorter.
    public func slots(of session: Session, timeframe: Timeframe) -> [BarSlot] {
        guard !timeframe.isDaily else {
            return [BarSlot(openAt: session.open, closeAt: session.close, session: session)]
        }
        let step = Int64(timeframe.seconds)
        var slots: [BarSlot] = []
        for part in session.segments {
            var openAt = part.lowerBound
            while openAt < part.upperBound {
                let closeAt = min(openAt.advanced(bySeconds: step), part.upperBound)
                slots.append(BarSlot(openAt: openAt, closeAt: closeAt, session: session))
                openAt = closeAt
            }
        }
        return slots
    }

    /// The bar that opens exactly then, or `nil` if that is no grid line inside a session.
    public func slot(openingAt instant: Instant, timeframe: Timeframe) -> BarSlot? {
        guard let session = session(at: instant) else { return nil }
        if timeframe.isDaily {
            return instant == session.open
                ? BarSlot(openAt: session.open, closeAt: session.close, session: session) : nil
        }
        let step = Int64(timeframe.seconds)
        for part in session.segments where part.contains(instant) {
            let age = instant.microseconds - part.lowerBound.microseconds
            guard age % (step * 1_000_000) == 0 else { return nil }
            let closeAt = min(instant.advanced(bySeconds: step), part.upperBound)
            return BarSlot(openAt: instant, closeAt: closeAt, session: session)
        }
        return nil
    }

    /// The bar that closes exactly then.
    public func slot(closingAt instant: Instant, timeframe: Timeframe) -> BarSlot? {
        guard let slot = lastClosedSlot(at: instant, timeframe: timeframe), slot.closeAt == instant else { return nil }
        return slot
    }

    /// The last bar with closeAt <= `instant`; `nil` where the calendar does not reach.
    public func lastClosedSlot(at instant: Instant, timeframe: Timeframe) -> BarSlot? {
        if !timeframe.isDaily, let session = session(at: instant),
            let slot = lastSlot(of: session, closedBy: instant, timeframe)
        {
            return slot
        }
        guard let session = previousSession(before: instant) else { return nil }
        return lastSlot(of: session, closedBy: instant, timeframe)
    }

    /// The bars with openAt >= `from` and closeAt <= `until`, ascending.
    public func slots(from: Instant, until: Instant, timeframe: Timeframe) -> [BarSlot] {
        guard from < until else { return [] }
        var result: [BarSlot] = []
        for session in sessions(from: localDate(of: from), through: localDate(of: until)) {
            guard session.close > from, session.open < until else { continue }
            let slots = slots(of: session, timeframe: timeframe)
            if session.open >= from, session.close <= until {
                result.append(contentsOf: slots)
            } else {
                result.append(contentsOf: slots.filter { $0.openAt >= from && $0.closeAt <= until })
            }
        }
        return result
    }

    private func lastSlot(of session: Session, closedBy instant: Instant, _ timeframe: Timeframe) -> BarSlot? {
        if timeframe.isDaily {
            guard session.close <= instant else { return nil }
            return BarSlot(openAt: session.open, closeAt: session.close, session: session)
        }
        let step = Int64(timeframe.seconds)
        for part in session.segments.reversed() {
            let length = part.upperBound.epochSeconds - part.lowerBound.epochSeconds
            let age = min(instant.epochSeconds - part.lowerBound.epochSeconds, length)
            let closed = age == length ? (length + step - 1) / step : age / step
            guard age > 0, closed > 0 else { continue }
            let openAt = part.lowerBound.advanced(bySeconds: (closed - 1) * step)
            return BarSlot(
                openAt: openAt, closeAt: min(openAt.advanced(bySeconds: step), part.upperBound), session: session)
        }
        return nil
    }
}
