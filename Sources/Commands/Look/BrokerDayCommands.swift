internal import ArgumentParser
internal import Broker
internal import BrokerIB
internal import BrokerKIS
internal import Core
internal import Cycle
internal import Sessions
internal import Settings
internal import Store

/// First and last day of what is asked for, on the exchange's own calendar.
struct DayRangeOption: ParsableArguments {
    @Option(
        name: .long,
        help: .init("First day; default: today there, or 30 days before the last of bars.", valueName: "day"))
    var from: String?
    @Option(
        name: .long, help: .init("Last day; default: 30 days after the first, or today for bars.", valueName: "day"))
    var through: String?

    func validate() throws {
        for day in [from, through].compactMap({ $0 }) where CivilDate(iso: day) == nil {
            throw ValidationError("'\(day)' is no day; write 2026-11-20.")
        }
        if let from, let through, from > through {
            throw ValidationError("--from \(from) is after --through \(through).")
        }
    }

    /// Thirty days from today on, unless said otherwise.
    func daysAhead(of today: CivilDate) throws -> (from: CivilDate, through: CivilDate) {
        let first = from.flatMap { CivilDate(iso: $0) } ?? today
        let last = through.flatMap { CivilDate(iso: $0) } ?? first.advanced(byDays: 30)
        guard first <= last else {
            throw StepFailure(
                code: "empty-range", message: "--through \(last) lies before \(first), where the range begins.",
                hint: "Nothing was asked. Give --from as well.", isRetryable: false, exitCode: .usage)
        }
        return (first, last)
    }

    /// The thirty days before the last, which is today, unless said otherwise.
    func daysBack(from today: CivilDate) throws -> (from: CivilDate, through: CivilDate) {
        let last = through.flatMap { CivilDate(iso: $0) } ?? today
        let first = from.flatMap { CivilDate(iso: $0) } ?? last.advanced(byDays: -30)
        guard first <= last else {
            throw StepFailure(
                code: "empty-range", message: "--from \(first) lies after \(last), where the range ends.",
                hint: "Nothing was asked. Give --through as well, or an earlier day.", isRetryable: false,
                exitCode: .usage)
        }
        return (first, last)
    }
}

struct BrokerCalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Compares the days that a broker announces with takt's own calendar.",
        discussion: """
            An exchange closes for elections and state funerals at short notice. Ends with 11 where the two differ: then \
            correct the calendar under `calendars:` in trading.yaml. KIS asks for one call a day, and has it on its real \
            host alone: with a virtual account it takes quote keys. IB announces the days of a contract for about a week; those \
            of the first configured symbol of the exchange stand for all.

            Example: takt broker calendar XKRX --broker kis --through 2026-12-31
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var which: BrokerOption
    @OptionGroup var range: DayRangeOption
    @Argument(help: .init("The exchange's code, such as XKRX.", valueName: "exchange")) var exchange: String

    func run() async throws {
        let desk = try await which.desk(global)
        let calendar = try CalendarLookup.calendar(exchange, desk.context, extended: false)
        let (from, through) = try range.daysAhead(of: calendar.localDate(of: desk.context.clock.now()))
        let list = try await desk.inquiry().marketDays(calendar.exchange, from: from, through: through)
        let differing = list.items.filter { $0.isOpen != (calendar.session(on: $0.date) != nil) }
        let items = differing.map { day -> JSONValue in
            [
                "date": JSONValue(day.date), "broker": day.isOpen ? "open" : "closed",
                "takt": calendar.session(on: day.date) != nil ? "open" : "closed",
                "holiday": JSONValue(calendar.holidayName(on: day.date)),
            ]
        }
        let document: JSONValue = [
            "schema": "takt.broker-calendar/1", "broker": JSONValue(desk.broker.id),
            "exchange": JSONValue(calendar.exchange), "from": JSONValue(from), "through": JSONValue(through),
            "compared": .int(Int64(list.items.count)), "complete": .bool(list.isComplete),
            "count": .int(Int64(items.count)), "items": .array(items),
        ]
        try desk.context.output.emit(document) {
            let table = TextTable(
                columns: [
                    .init("date", "date"), .init("\(desk.broker.id) says", "broker"), .init("takt says", "takt"),
                    .init("holiday", "holiday"),
                ], items: items, empty: "\(list.items.count) days from \(from) through \(through): no difference."
            ).rendered(desk.context.output.style)
            return list.isComplete ? table : "\(table)\nThe broker does not announce all of these days."
        }
        if !differing.isEmpty { try CommandEnd.check(.breaksFound) }
    }
}

struct BrokerCostsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "costs", abstract: "Compares what a broker says a day's executions cost with what takt reckoned.",
        discussion: """
            A check on commission_percent and overseas_commission_percent of KIS in brokers.yaml: the two differ by roundings \
            where the rates are right. IB tells what it charged, of today alone. Counts every execution of the account, orders \
            by hand included.

            Example: takt broker costs --broker kis --day 2026-11-20
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var which: BrokerOption
    @Option(
        name: .long,
        help: .init("The day at the broker: in Seoul for KIS, in New York for IB; default: today.", valueName: "day"))
    var day: String?

    func validate() throws {
        if let day, CivilDate(iso: day) == nil { throw ValidationError("'\(day)' is no day; write 2026-11-20.") }
    }

    func run() async throws {
        let desk = try await which.desk(global, asOrders: true)
        let inquiry = try desk.inquiry()
        let calendar = try CalendarLookup.calendar(inquiry.costCalendar.text, desk.context, extended: false)
        let date = day.flatMap { CivilDate(iso: $0) } ?? calendar.localDate(of: desk.context.clock.now())
        let charged = try await inquiry.chargedCosts(on: date)
        let items = try desk.context.openStore().read { reader in
            try charged.map { try Self.item($0, calendar, desk.broker, reader) }
        }
        let document: JSONValue = [
            "schema": "takt.broker-costs/1", "broker": JSONValue(desk.broker.id), "date": JSONValue(date),
            "count": .int(Int64(items.count)), "items": .array(items),
        ]
        try desk.context.output.emit(document) {
            TextTable(
                columns: [
                    .init("currency", "currency"), TextTable.money("\(desk.broker.id) says", "broker"),
                    TextTable.money("takt reckoned", "takt"), TextTable.money("traded there", "broker_traded"),
                    TextTable.money("traded here", "takt_traded"),
                    .init("") { $0["estimate"]?.boolValue == true ? "the broker's estimate" : "" },
                ], items: items, empty: "The broker names no costs of \(date)."
            ).rendered(desk.context.output.style)
        }
    }

    private static func item(
        _ charged: BrokerDayCosts, _ calendar: ExchangeCalendar, _ broker: any Broker, _ reader: StoreReader
    ) throws -> JSONValue {
        let (currency, midnight) = (charged.costs.currency, calendar.zone.instant(of: charged.date, secondOfDay: 0))
        let filter = ListFilter(
            since: midnight, until: midnight.advanced(bySeconds: 86_400), broker: broker.id)
        var (costs, traded) = (FixedPoint.zero, FixedPoint.zero)
        for fill in try reader.fills(filter)
        where fill.currency == currency && fill.account == broker.account && !fill.isBusted {
            costs = try costs + fill.fee + fill.tax
            traded = try traded + fill.price.value.multiplied(by: fill.quantity.value, rounding: .halfEven)
        }
        return [
            "currency": JSONValue(currency), "broker": JSONValue(charged.costs.amount), "takt": JSONValue(costs),
            "broker_traded": JSONValue(charged.traded?.amount), "takt_traded": JSONValue(traded),
            "estimate": .bool(charged.isEstimate),
        ]
    }
}

struct BrokerBarsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bars", abstract: "Daily bars from a broker: for research, apart from what profiles fetch.",
        discussion: """
            Prices of kis are as they were traded, not adjusted for splits and dividends; those of ib are adjusted for splits. \
            With --csv the answer is a file that `takt import-bars` reads. A session under way is left out.

            Example: takt broker bars NVDA --from 2024-01-02 --csv > XNAS.NVDA.1d.raw.csv
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var range: DayRangeOption
    @Option(name: .long, help: .init("Whose bars: kis or ib.", valueName: "name")) var broker = "kis"
    @Argument(help: .init("A configured symbol.", valueName: "symbol")) var symbol: String
    @Flag(name: .long, help: "As CSV: date,open,high,low,close,volume.") var csv = false

    /// A day as it is printed.
    private struct Day {
        let date: CivilDate
        let open, high, low, close: Price
        let volume: Quantity
    }

    private var isIB: Bool { broker == "ib" }

    func validate() throws {
        guard ["kis", "ib"].contains(broker) else {
            throw ValidationError("--broker \(broker): kis and ib have daily bars.")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        try context.requireKnown(symbol: symbol)
        guard let instrument = context.settings.instruments[Symbol(symbol)],
            let calendar = context.calendars.calendar(instrument.exchange)
        else { return }
        let now = context.clock.now()
        let today = calendar.localDate(of: now)
        let (from, last) = try range.daysBack(from: today)
        // What there is of a session under way is no bar of a day.
        let isUnderWay = calendar.session(on: today).map { now < $0.close } ?? false
        let through = isUnderWay ? min(last, today.advanced(byDays: -1)) : last
        let days =
            try await isIB
            ? askIB(context, instrument, calendar, from, through) : askKIS(context, instrument, from, through)
        if csv {
            let lines = days.map { "\($0.date),\($0.open),\($0.high),\($0.low),\($0.close),\($0.volume)" }
            return try context.output.raw((["date,open,high,low,close,volume"] + lines).joined(separator: "\n"))
        }
        try emit(days, instrument, context)
    }

    private func askKIS(
        _ context: CommandContext, _ instrument: Instrument, _ from: CivilDate, _ through: CivilDate
    ) async throws -> [Day] {
        let wiring = try KISWiring.enabled(context)
        let bars = wiring.bars(try wiring.connection())
        let answer: KISBars.DailyAnswer?
        do throws(KISFailure) {
            answer = try await bars.dailyBars(of: instrument, from: from, through: through)
        } catch { throw KISWiring.failure(error) }
        guard let answer else {
            throw StepFailure(
                code: "not-served", message: "KIS does not serve \(instrument.exchange).",
                hint: "Nothing was asked. See `takt config show brokers.kis.markets`.", isRetryable: false,
                exitCode: .configuration)
        }
        try refuseHoles(answer.problems)
        return answer.bars.map {
            Day(date: $0.date, open: $0.open, high: $0.high, low: $0.low, close: $0.close, volume: $0.volume)
        }
    }

    private func askIB(
        _ context: CommandContext, _ instrument: Instrument, _ calendar: ExchangeCalendar, _ from: CivilDate,
        _ through: CivilDate
    ) async throws -> [Day] {
        let wiring = try IBWiring.enabled(context)
        // Bars are asked for before there are any books.
        let known = (try? context.openStoreForReading()).flatMap { try? wiring.account($0) }
        let gateway = try wiring.gateway(.data, account: known ?? context.settings.brokers[.ib]?.account)
        let desk: IBDesk
        do throws(IBGatewayTrouble) { desk = try await gateway.ready() } catch { throw IBWiring.failure(error) }
        let answer: IBBars.Answer?
        do throws(IBFailure) {
            answer = try await desk.bars.bars(
                of: instrument, minutes: 1440, since: calendar.zone.instant(of: from, secondOfDay: 0),
                until: calendar.zone.instant(of: through.advanced(byDays: 1), secondOfDay: 0))
        } catch { throw IBWiring.failure(error) }
        try refuseHoles(answer?.problems ?? [])
        return (answer?.bars ?? []).map {
            Day(
                date: calendar.localDate(of: $0.openAt), open: $0.open, high: $0.high, low: $0.low, close: $0.close,
                volume: $0.volume)
        }
    }

    private func refuseHoles(_ problems: [String]) throws {
        guard !problems.isEmpty else { return }
        throw StepFailure(
            code: "bars-incomplete", message: "Bars of \(symbol) are missing: \(problems.joined(separator: "; ")).",
            hint: "Nothing was printed. Run it again, or ask for fewer days.", isRetryable: true,
            exitCode: .unavailable)
    }

    private func emit(_ days: [Day], _ instrument: Instrument, _ context: CommandContext) throws {
        let items = days.map { day -> JSONValue in
            [
                "symbol": JSONValue(instrument.symbol), "timeframe": "1d", "date": JSONValue(day.date),
                "open": JSONValue(day.open), "high": JSONValue(day.high), "low": JSONValue(day.low),
                "close": JSONValue(day.close), "volume": JSONValue(day.volume), "source": .string(broker),
            ]
        }
        let document: JSONValue = [
            "schema": "takt.broker-bars/1", "broker": .string(broker), "symbol": JSONValue(instrument.symbol),
            "currency": JSONValue(instrument.currency), "adjusted": .bool(isIB), "count": .int(Int64(items.count)),
            "items": .array(items),
        ]
        try context.output.emit(document) {
            TextTable(
                columns: [
                    .init("date", "date"), .init("open", "open", numeric: true), .init("high", "high", numeric: true),
                    .init("low", "low", numeric: true), .init("close", "close", numeric: true),
                    .init("volume", "volume", numeric: true),
                ], items: items, empty: "No bars."
            ).rendered(context.output.style)
        }
    }
}
