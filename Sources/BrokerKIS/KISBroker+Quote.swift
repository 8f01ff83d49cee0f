public import Broker
public import Core

extension KISBroker {
    /// Korea: price and book are there on both hosts. Abroad the virtual host has the last price, the base and the volume;
    /// the rest takes quote keys of a real account. Only the price itself fails the whole: what else cannot be had is
    /// `nil`, and a note says why.
    ///
    /// Outside the US, prices abroad are fifteen minutes old.
    public func quote(of instrument: Instrument, depth: Bool) async throws(BrokerError) -> BrokerQuote? {
        guard let ticker = shares(instrument) else { return nil }
        do throws(KISError) {
            let known =
                try await ticker.market == .krx
                ? koreanQuote(of: instrument, ticker) : foreignQuote(of: instrument, ticker)
            guard var quote = known else { return nil }
            if depth { await takeBook(of: ticker, into: &quote) }
            if let currency = quote.currency, currency != instrument.currency {
                quote.notes.append("KIS quotes it in \(currency), and it is configured in \(instrument.currency)")
            }
            return quote
        } catch { throw wrap(error) }
    }

    /// Where KIS gives no limits they are reckoned. Not for funds: those with leverage may move further than shares.
    private func koreanQuote(of instrument: Instrument, _ ticker: KISTicker) async throws(KISError) -> BrokerQuote? {
        guard var quote = try await DomesticPrice(code: ticker.code).read(from: caller) else { return nil }
        guard quote.upperLimit == nil || quote.lowerLimit == nil else { return quote }
        let ticks = instrument.ticks.rule(on: KISZone.seoul.date(clock.now()))
        guard instrument.kind == .stock, let base = quote.base,
            let limits = try? KRXPrices.limits(base: base, ticks: ticks)
        else {
            quote.notes.append("KIS gives no price limits of the day")
            return quote
        }
        (quote.lowerLimit, quote.upperLimit) = (limits.lower, limits.upper)
        quote.notes.append(
            "KIS gives no price limits of the day: they are 30 % from the base, by the rule of the exchange")
        return quote
    }

    private func foreignQuote(of instrument: Instrument, _ ticker: KISTicker) async throws(KISError) -> BrokerQuote? {
        guard var quote = try await OverseasPrice(market: ticker.market, code: ticker.code).read(from: caller) else {
            return nil
        }
        do throws(KISError) {
            if let detail = try await OverseasPriceDetail(market: ticker.market, code: ticker.code).read(from: caller) {
                return detail
            }
            quote.notes.append(Self.missingDetail + "KIS gives no details of it")
        } catch { quote.notes.append(Self.missingDetail + KISFailure(error).description) }
        return quote
    }

    private static let missingDetail = "no range and limits of the day, no tick, no lot and no word of a halt: "

    private func takeBook(of ticker: KISTicker, into quote: inout BrokerQuote) async {
        do throws(KISError) {
            let book =
                try await ticker.market == .krx
                ? DomesticBook(code: ticker.code).read(from: caller)
                : OverseasBook(market: ticker.market, code: ticker.code).read(from: caller)
            (quote.asks, quote.bids) = (book.asks, book.bids)
        } catch { quote.notes.append("no order book: \(KISFailure(error))") }
    }
}
