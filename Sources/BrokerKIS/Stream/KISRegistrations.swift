public import Core

/// What to register for an instrument, and for the account's orders.
///
/// The virtual host has trades and books of Korean shares, and notices; foreign prices are streamed on the real host alone.
public struct KISRegistrations: Sendable {
    private let environment: KISEnvironment
    private let directory: KISDirectory

    public init(environment: KISEnvironment, instruments: [Instrument]) {
        self.environment = environment
        directory = KISDirectory(instruments, broker: .kis)
    }

    /// `nil` for an instrument whose trades are not streamed here.
    public func trades(of instrument: Instrument, isHeld: Bool = false) -> KISWantedRegistration? {
        registration(of: instrument, domestic: .domesticTrades, overseas: .overseasTrades).map {
            KISWantedRegistration($0, isHeld ? .heldTrades : .trades)
        }
    }

    public func book(of instrument: Instrument) -> KISWantedRegistration? {
        registration(of: instrument, domestic: .domesticBook, overseas: .overseasBook).map {
            KISWantedRegistration($0, .books)
        }
    }

    /// Of both desks.
    ///
    /// - Parameter login: The HTS id.
    public func notices(login: String) -> [KISWantedRegistration] {
        let streams: [KISStreamKind] =
            environment == .real
            ? [.domesticNotices, .overseasNotices] : [.domesticNoticesVirtual, .overseasNoticesVirtual]
        return streams.map { KISWantedRegistration(KISRegistration($0, login), .orderNotices) }
    }

    private func registration(
        of instrument: Instrument, domestic: KISStreamKind, overseas: KISStreamKind
    ) -> KISRegistration? {
        guard let ticker = directory.ticker(of: instrument) else { return nil }
        if ticker.market == .krx { return KISRegistration(domestic, ticker.streamKey) }
        guard environment == .real else { return nil }
        // Outside the US there is a level of the book, a quarter of an hour late.
        let isLate = overseas == .overseasBook && ticker.market.nation != .unitedStates
        return KISRegistration(isLate ? .delayedOverseasBook : overseas, ticker.streamKey)
    }
}
