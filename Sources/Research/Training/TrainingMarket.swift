public import BrokerPaper
public import Core
public import Cycle
public import Features
internal import Decision
internal import Risk
internal import Sessions
public import Settings
public import Store

/// A stretch of history, read into memory and ready to be trained on: nothing behind it is known to anything that is made of it.
public struct TrainingMarket: Sendable {
    public let tapes: [MarketTape]
    /// With the normaliser, where one is needed.
    public let computer: FeatureComputer
    public let rules: MarketRules
    public let span: TrainingSpan
    /// Of every bar, raw, in the order of symbols and times.
    public let barsDigest: Digest
    /// Bars of the span that gave no vector.
    public let leftOut: Int
    public var barCount: Int { tapes.reduce(0) { $0 + $1.bars.count } }

    /// Fits the normaliser on the span, unless one is given, and computes every vector.
    ///
    /// - Parameters:
    ///   - normaliser: one that the configuration names. It has to be of bars inside the span.
    ///   - exchange: the conditions of the paper exchange.
    /// - Throws: ``FeatureError``, ``MarketReadingError``, ``StepFailure``.
    public init(
        _ context: CycleContext, _ profile: Profile, symbols: [Symbol], since: Instant, until: Instant,
        spec: FeatureSpec, normaliser: FittedNormaliser?, exchange: PaperConfiguration, now: Instant,
        in reader: StoreReader
    ) throws {
        guard !profile.timeframe.isDaily else { throw MarketReadingError.daily(profile.name) }
        for symbol in symbols {
            guard try reader.firstBar(symbol, profile.timeframe, from: since, until: until) != nil else {
                throw MarketReadingError.noBars(symbol, profile.timeframe, since: since, until: until)
            }
        }
        let plain = try FeatureDesk(
            context, profile: profile, computer: try FeatureComputer(spec), form: .raw, now: now)
        let fitted = try plain.fit(symbols, since: since, until: until, in: reader)
        if let given = normaliser?.span, given.first < since || given.last >= until {
            throw MarketReadingError.normaliserOutside(first: given.first, last: given.last)
        }
        let own = spec.fitted.isEmpty ? nil : normaliser ?? fitted.normaliser
        computer = try FeatureComputer(spec, normaliser: own)
        (span, leftOut) = (fitted.normaliser.span, fitted.leftOut)
        let desk = try FeatureDesk(context, profile: profile, computer: computer, form: .normalised, now: now)
        var (tapes, bytes) = ([MarketTape](), [UInt8]())
        for symbol in symbols.sorted() {
            let tape = try Self.tape(symbol, desk, computer, context, profile, since..<until, in: reader)
            bytes += Self.bytes(tape)
            tapes.append(tape)
        }
        (self.tapes, barsDigest) = (tapes, Digest(of: bytes))
        let cycle = CycleID(profile: profile.name, barClose: tapes.first?.closes.last ?? until)
        rules = MarketRules(
            profile: profile.name, timeframe: profile.timeframe,
            research: try ResearchRules(context, profile, agent: MarketScene.agent, cycle: cycle), exchange: exchange,
            baseCurrency: context.settings.baseCurrency, rates: context.settings.paper.fx)
    }

    private static func tape(
        _ symbol: Symbol, _ desk: FeatureDesk, _ computer: FeatureComputer, _ context: CycleContext,
        _ profile: Profile, _ span: Range<Instant>, in reader: StoreReader
    ) throws -> MarketTape {
        let (instrument, barCalendar) = try context.barListing(of: symbol, profile)
        let (_, calendar) = try context.listing(of: symbol)
        let bars = try desk.prepared(of: symbol, since: span.lowerBound, until: span.upperBound, in: reader)
        let exDates = try reader.actionsInForce(symbol).compactMap(\.action).map(\.exDate)
        return MarketTape(
            instrument, bars, computer, calendar: calendar, barCalendar: barCalendar, timeframe: profile.timeframe,
            exDates: exDates)
    }

    /// The bars in a form that is the same wherever they are read.
    private static func bytes(_ tape: MarketTape) -> [UInt8] {
        var bytes = Array("\(tape.symbol)\n".utf8)
        func append(_ units: Int64) { withUnsafeBytes(of: units.littleEndian) { bytes += $0 } }
        for bar in tape.bars {
            append(bar.openAt.microseconds)
            for value in [bar.open.value, bar.high.value, bar.low.value, bar.close.value, bar.volume.value] {
                append(Int64(truncatingIfNeeded: value.units))
            }
        }
        return bytes
    }

    /// Everything that the rewards depend on, besides the actions: training is resumed on nothing else.
    func configuration(_ plan: TrainingPlan) -> Digest { Digest(of: conditions(plan).joined(separator: "\n")) }

    /// What ``configuration(_:)`` is the digest of, a line each: `KEY VALUE`.
    func conditions(_ plan: TrainingPlan) -> [String] {
        let exchange = rules.exchange
        var lines = [
            "bars \(barsDigest.hex)", "features \(computer.spec.schemaHash.hex)",
            "normaliser \(computer.normaliser?.json.digest.hex ?? "none")", "decision \(rules.decision.json.text)",
            "limits \(rules.limits.json.text)", "participation \(exchange.participation)",
            "slippage \(exchange.slippage)", "short \(exchange.allowShort)", "base \(rules.baseCurrency)",
            "cash \(exchange.initialCash.map { "\($0)" }.joined(separator: " "))", "fees \(exchange.fees)",
            "rates \(rules.rates.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " "))",
        ]
        for tape in tapes { lines += tape.conditions }
        return lines + plan.fields.map { "\($0.key) \($0.text)" }
    }
}

extension MarketTape {
    /// What else the episodes on it depend on: the terms of the instrument, the hours in which it trades, the days that no episode
    /// reaches over, and what the features see, which may go back before the span.
    fileprivate var conditions: [String] {
        let hours = trading.map { session in session.map { "\($0.open) \($0.close)" } ?? "closed" }
        var vectors: [UInt8] = []
        vectors.reserveCapacity(4 * rows.count)
        for value in rows { withUnsafeBytes(of: value.bitPattern.littleEndian) { vectors += $0 } }
        return [
            "instrument:\(symbol) \(InstrumentEvidence.json(instrument).text)",
            "hours:\(symbol) \(Digest(of: hours.joined(separator: "\n")).hex)",
            "ex_dates:\(symbol) \(exDates.sorted().map(\.description).joined(separator: ","))",
            "vectors:\(symbol) \(Digest(of: vectors).hex)",
        ]
    }
}

/// Why a stretch of history cannot be read for training.
public enum MarketReadingError: Error, Hashable, Sendable, CustomStringConvertible {
    case daily(ProfileName)
    case noBars(Symbol, Timeframe, since: Instant, until: Instant)
    case normaliserOutside(first: Instant, last: Instant)

    public var description: String {
        switch self {
        case .daily(let name): "profile '\(name)' has daily bars, which this build does not trade"
        case .noBars(let symbol, let timeframe, let since, let until):
            "there are no \(timeframe) bars of \(symbol) from \(since) to \(until); `takt import-bars` brings some"
        case .normaliserOutside(let first, let last):
            "the normaliser that features.normaliser of trading.yaml names was fitted on bars from \(first) to \(last), which "
                + "are not all inside the training span; fit one on the span with `takt features fit`, or take the key out: a "
                + "policy brings its own"
        }
    }
}
