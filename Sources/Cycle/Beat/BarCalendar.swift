public import Core
public import Sessions
public import Settings

extension CalendarBook {
    /// When the bars of a symbol are made: in its regular sessions, or in the extended ones if its profiles say so. When it
    /// trades is another question, which ``calendar(_:)`` answers: no broker here takes orders outside regular hours.
    public func barCalendar(
        of instrument: Instrument, _ timeframe: Timeframe, _ settings: Settings
    ) -> ExchangeCalendar? {
        let regular = calendar(instrument.exchange)
        guard !timeframe.isDaily, settings.session(of: instrument.symbol) == .extended else { return regular }
        return regular?.extended ?? regular
    }
}

extension CycleContext {
    /// An instrument of a profile and the calendar that its bars are made in.
    public func barListing(of symbol: Symbol, _ profile: Profile) throws(StepFailure) -> (Instrument, ExchangeCalendar)
    {
        let (instrument, regular) = try listing(of: symbol)
        return (instrument, calendars.barCalendar(of: instrument, profile.timeframe, settings) ?? regular)
    }
}
