internal import ArgumentParser
internal import Core
internal import Cycle
internal import Sessions

struct CalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Answers when exchanges trade.",
        subcommands: [SessionsList.self, BarSlots.self, At.self])

    struct SessionsList: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sessions", abstract: "Lists the sessions of an exchange.",
            discussion: "Example: takt calendar sessions XKRX --from 2026-11-16 --through 2026-11-20")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("The exchange's code, such as XNAS.", valueName: "exchange")) var exchange: String
        @Option(name: .long, help: .init("First day; default: today there.", valueName: "day")) var from: String?
        @Option(name: .long, help: .init("Last day; default: a week after the first.", valueName: "day")) var through:
            String?
        @Flag(name: .long, help: "From the pre-market to the after-market.") var extended = false

        func validate() throws {
            for day in [from, through].compactMap({ $0 }) where CivilDate(iso: day) == nil {
                throw ValidationError("'\(day)' is no day; write 2026-11-20.")
            }
            if let from, let through, from > through {
                throw ValidationError("--from \(from) is after --through \(through).")
            }
        }

        func run() async throws {
            let context = try CommandContext(global)
            let calendar = try CalendarLookup.calendar(exchange, context, extended: extended)
            let first = from.flatMap { CivilDate(iso: $0) } ?? calendar.localDate(of: context.clock.now())
            let last = through.flatMap { CivilDate(iso: $0) } ?? first.advanced(byDays: 7)
            let items = calendar.sessions(from: first, through: last).map(CalendarLookup.item)
            var document: JSONValue = [
                "schema": "takt.sessions/1", "exchange": JSONValue(calendar.exchange),
                "time_zone": .string(calendar.zone.identifier),
                "count": .int(Int64(items.count)), "items": .array(items),
            ]
            let warnings = CalendarLookup.coverageWarnings(first, last, calendar)
            document = document.setting("warnings", .array(warnings.map { .string($0) }))
            try context.output.emit(document) {
                let table = TextTable(
                    columns: [
                        .init("date", "date"), .init("open (UTC)", "open"), .init("close (UTC)", "close"),
                        .init("kind", "kind"),
                    ], items: items, empty: "No sessions.")
                return ([table.rendered(context.output.style)] + warnings).joined(separator: "\n")
            }
        }
    }

    struct BarSlots: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bars", abstract: "Lists the bars of one day's session: where each begins and ends.",
            discussion: """
                The grid starts at the open, and again after a lunch break. The last bar before a break or the close may be \
                shorter than the others.

                Example: takt calendar bars XNYS 2026-11-27 --timeframe 15m
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("The exchange's code.", valueName: "exchange")) var exchange: String
        @Argument(help: .init("The day there; default: today.", valueName: "day")) var day: String?
        @Option(name: .long, help: .init("The bars' length.", valueName: "timeframe")) var timeframe = "5m"
        @Flag(name: .long, help: "From the pre-market to the after-market.") var extended = false

        func validate() throws {
            if let day, CivilDate(iso: day) == nil { throw ValidationError("'\(day)' is no day; write 2026-11-20.") }
            guard Timeframe(timeframe) != nil else {
                throw ValidationError("'\(timeframe)' is no timeframe; write 5m.")
            }
        }

        func run() async throws {
            let context = try CommandContext(global)
            let calendar = try CalendarLookup.calendar(exchange, context, extended: extended)
            let day = day.flatMap { CivilDate(iso: $0) } ?? calendar.localDate(of: context.clock.now())
            let length = Timeframe(timeframe) ?? .fiveMinutes
            let session = calendar.session(on: day)
            let items = session.map { calendar.slots(of: $0, timeframe: length).map { Self.item($0, length) } } ?? []
            var document: JSONValue = [
                "schema": "takt.calendar-bars/1", "exchange": JSONValue(calendar.exchange), "date": JSONValue(day),
                "timeframe": JSONValue(length), "session": session.map(CalendarLookup.item) ?? .null,
                "holiday": JSONValue(calendar.holidayName(on: day)), "count": .int(Int64(items.count)),
                "items": .array(items),
            ]
            let warnings = CalendarLookup.coverageWarnings(day, day, calendar)
            document = document.setting("warnings", .array(warnings.map { .string($0) }))
            try context.output.emit(document) {
                let table = TextTable(
                    columns: [
                        .init("open (UTC)", "open_at"), .init("close (UTC)", "close_at"),
                        .init("minutes", "minutes", numeric: true),
                        .init("") { $0["short"]?.boolValue == true ? "short" : "" },
                    ], items: items, empty: "No session\(calendar.holidayName(on: day).map { ": \($0)" } ?? "").")
                return ([table.rendered(context.output.style)] + warnings).joined(separator: "\n")
            }
        }

        private static func item(_ slot: BarSlot, _ timeframe: Timeframe) -> JSONValue {
            let seconds = slot.closeAt.epochSeconds - slot.openAt.epochSeconds
            return [
                "open_at": JSONValue(slot.openAt), "close_at": JSONValue(slot.closeAt), "minutes": .int(seconds / 60),
                "short": .bool(timeframe.isDaily ? slot.session.isShortened : seconds < Int64(timeframe.seconds)),
            ]
        }
    }

    struct At: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "at",
            abstract: "Whether an exchange is open at an instant, and when it next opens and closes.",
            discussion: """
                Examples: takt calendar at XNYS 2026-11-27T18:30:00Z
                          takt calendar at --stdin < questions.ndjson    (lines such as {"exchange":"XNYS","at":"…Z"})
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("The exchange's code.", valueName: "exchange")) var exchange: String?
        @Argument(help: .init("RFC 3339; default: now.", valueName: "time")) var time: String?
        @Flag(name: .long, help: "Answers NDJSON questions from standard input in bulk.") var stdin = false

        func validate() throws {
            guard stdin == (exchange == nil) else {
                throw ValidationError("Name an exchange, or give --stdin and let its lines name them.")
            }
            if let time, Instant(rfc3339: time) == nil {
                throw ValidationError("'\(time)' is no time; write 2026-11-20T15:35:00Z.")
            }
        }

        func run() async throws {
            let context = try CommandContext(global)
            if stdin { return try answerAll(context) }
            try Self.answer(exchange ?? "", time, context)
        }

        static func answer(_ exchange: String, _ time: String?, _ context: CommandContext) throws {
            let calendar = try CalendarLookup.calendar(exchange, context)
            let at = time.flatMap { Instant(rfc3339: $0) } ?? context.clock.now()
            let document = CalendarLookup.answer(calendar, at)
            try context.output.emit(document) {
                guard let isOpen = document["is_open"]?.boolValue else {
                    return "\(at): \(document["warnings"]?.arrayValue?.first?.stringValue ?? "nothing is known")"
                }
                let opens = document["next_open"]?.stringValue ?? "beyond the calendar"
                let closes = document["next_close"]?.stringValue ?? "beyond the calendar"
                return
                    "\(calendar.exchange) is \(isOpen ? "open" : "closed") at \(at); next open \(opens), next close \(closes)"
            }
        }

        private func answerAll(_ context: CommandContext) throws {
            var answers: [String] = []
            var number = 0
            while let line = readLine() {
                number += 1
                guard !line.isEmpty else { continue }
                guard let question = try? JSONValue(parsing: line), let name = question["exchange"]?.stringValue,
                    let at = question["at"]?.stringValue.flatMap({ Instant(rfc3339: $0) })
                else {
                    throw StepFailure(
                        code: "bad-question", message: "Line \(number) of standard input is no question: \(line)",
                        hint: "Write {\"exchange\":\"XNYS\",\"at\":\"2026-11-20T15:35:00Z\"}. Nothing was answered.",
                        isRetryable: false, exitCode: .badInput)
                }
                guard let calendar = context.calendars.calendar(ExchangeID(name)) else {
                    throw StepFailure(
                        code: "unknown-exchange",
                        message: "Line \(number) of standard input asks for '\(name)', of which there is no calendar.",
                        hint:
                            "Nothing was answered. Known are: \(context.calendars.exchanges.map(\.text).joined(separator: ", ")).",
                        isRetryable: false, exitCode: .badInput)
                }
                answers.append(CalendarLookup.answer(calendar, at).text)
            }
            try context.output.raw(answers.joined(separator: "\n"))
        }
    }
}

/// What the calendar commands share.
enum CalendarLookup {
    static func calendar(
        _ name: String, _ context: CommandContext, extended: Bool = false
    ) throws -> ExchangeCalendar {
        guard let calendar = context.calendars.calendar(ExchangeID(name)) else {
            throw StepFailure(
                code: "unknown-exchange", message: "There is no calendar of '\(name)'.",
                hint: "Known are: \(context.calendars.exchanges.map(\.text).joined(separator: ", ")).",
                isRetryable: false,
                exitCode: .usage)
        }
        guard extended else { return calendar }
        guard let extended = calendar.extended else {
            let known = CalendarBook.extendedExchanges.map(\.text).joined(separator: ", ")
            throw StepFailure(
                code: "no-extended-hours", message: "No extended hours of \(name) are known.",
                hint: "Leave --extended out. Known are those of: \(known).", isRetryable: false, exitCode: .usage)
        }
        return extended
    }

    static func item(_ session: Session) -> JSONValue {
        [
            "exchange": JSONValue(session.exchange), "date": JSONValue(session.date), "open": JSONValue(session.open),
            "close": JSONValue(session.close), "kind": .string(kind(session.kind)),
            "breaks": .array(
                session.breaks.map { ["start": JSONValue($0.lowerBound), "end": JSONValue($0.upperBound)] }),
        ]
    }

    private static func kind(_ kind: Session.Kind) -> String {
        switch kind {
        case .regular: "regular"
        case .earlyClose: "early-close"
        case .lateOpen: "late-open"
        case .lateOpenAndClose: "late-open-and-close"
        }
    }

    static func answer(_ calendar: ExchangeCalendar, _ at: Instant) -> JSONValue {
        let state = calendar.state(at: at)
        let date = calendar.localDate(of: at)
        let isKnown = calendar.coverage.contains(date)
        var document: JSONValue = [
            "exchange": JSONValue(calendar.exchange), "at": JSONValue(at),
            "is_open": isKnown ? .bool(state == .open) : .null, "state": isKnown ? .string("\(state)") : .null,
            "is_trading_day": isKnown ? .bool(calendar.isTradingDay(date)) : .null,
            "session": calendar.session(at: at).map(item) ?? .null,
            "next_open": JSONValue(calendar.nextOpen(after: at)),
            "next_close": JSONValue(calendar.nextClose(after: at)),
        ]
        let warnings = coverageWarnings(date, date, calendar)
        if !warnings.isEmpty { document = document.setting("warnings", .array(warnings.map { .string($0) })) }
        return document
    }

    /// A day outside the data is said to be so, never guessed.
    static func coverageWarnings(_ first: CivilDate, _ last: CivilDate, _ calendar: ExchangeCalendar) -> [String] {
        guard !calendar.coverage.contains(first) || !calendar.coverage.contains(last) else { return [] }
        return [
            "the calendar of \(calendar.exchange) covers \(calendar.coverage.lowerBound) to \(calendar.coverage.upperBound); "
                + "outside it nothing is known"
        ]
    }
}
