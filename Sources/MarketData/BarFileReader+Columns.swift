internal import Core
internal import Sessions

/// The layouts with a header and plain columns behind it: takt, Yahoo, Tiingo, local time, Dukascopy.
extension BarFileReader {
    func readColumns(
        _ bytes: [UInt8], _ fields: [String], _ layout: BarLayout, _ name: BarFileName, path: String, options: Options
    ) throws(BarFileError) -> ParsedBars {
        let headerEnd = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let header = try CSVHeader(fields, layout: layout, path: path)
        let subject = try subject(name, implied: header.impliedTimeframe, path, options)
        var parser = CSVBars(
            file: path, roles: header.roles, names: header.names, precision: layout == .takt ? .exact : .rounded,
            expectedStamp: Self.expectedStamp(layout, subject.timeframe),
            ordinary: layout == .yahoo ? .zeroOrEmpty : .factorOne)
        let opening = try opening(layout, header, subject, path)
        var resolver = StampResolver(timeframe: subject.timeframe, calendar: subject.calendar)
        var rows = try parser.rows(bytes.span, from: min(headerEnd + 1, bytes.count), firstLine: 2) { text, from, to in
            opening(&resolver, text, from, to)
        }
        guard !rows.isEmpty else { throw .noBars(.init(path)) }
        if layout != .takt { try checkDays(rows, subject, path) }
        var warnings = subject.warnings
        let snapped = layout == .yahoo ? snapToTicks(&rows, subject) : 0
        if snapped > 0 {
            warnings.append(
                BarWarning(
                    .roundedToTick, line: nil, openAtText: nil, count: snapped,
                    message: "\(snapped) prices were rounded to the tick they miss by less than a millionth"))
        }
        if parser.roundedNumbers > 0 {
            warnings.append(
                BarWarning(
                    .roundedTo8Decimals, line: nil, openAtText: nil, count: parser.roundedNumbers,
                    message: "\(parser.roundedNumbers) numbers had more than eight decimals"))
        }
        if layout == .yahoo {
            warnings += Self.adjusted(parser.actions, subject)
        } else {
            warnings += parser.actions.map { Self.warning($0, subject, path) }
        }
        return subject.bars(rows, layout: layout, warnings: warnings)
    }

    // MARK: Times

    private typealias OpeningReader = (inout StampResolver, Span<UInt8>, Int, Int) -> CSVBars.Opening

    private func opening(
        _ layout: BarLayout, _ header: CSVHeader, _ subject: Subject, _ path: String
    ) throws(BarFileError) -> OpeningReader {
        switch layout {
        case .localTime:
            guard let zone = subject.calendar?.zone else {
                throw .noCalendar(.init(path), what: "\(subject.symbol), and the times of this file are local ones")
            }
            return { resolver, text, from, to in
                BarStamp(text, from, to).map { resolver.localOpening($0, zone) } ?? .unreadable
            }
        case .dukascopy:
            let column = header.roles.firstIndex(of: .stamp).map { header.names[$0].lowercased() }
            let needsOffset = column == "local time"
            return { resolver, text, from, to in
                let stamp = DukascopyStamp.read(text, from, to, needsOffset: needsOffset)
                return CSVBars.Opening(stamp.flatMap { resolver.openAt($0) })
            }
        case .auto, .takt, .yahoo, .tiingo, .korean, .lean, .kis:
            return { resolver, text, from, to in
                CSVBars.Opening(BarStamp(text, from, to).flatMap { resolver.openAt($0) })
            }
        }
    }

    private static func expectedStamp(_ layout: BarLayout, _ timeframe: Timeframe) -> String {
        switch layout {
        case .localTime: "the exchange's local time without an offset, such as 2025-11-28 09:30:00"
        case .dukascopy: DukascopyStamp.expected
        case .auto, .takt, .yahoo, .tiingo, .korean, .lean, .kis:
            timeframe.isDaily
                ? "a date such as 2025-11-28, or the session's open such as 2025-11-28T14:30:00Z"
                : "the bar's start with its offset, such as 2025-11-28T14:30:00Z"
        }
    }

    // MARK: Prices

    /// Prices that passed through 32-bit floats miss their tick by up to 6 × 10^-8 of themselves.
    private func snapToTicks(_ rows: inout [RawBar], _ subject: Subject) -> Int {
        guard let instrument = subject.instrument else { return 0 }
        var snapped = 0
        for index in rows.indices {
            let row = rows[index]
            let date = subject.calendar?.localDate(of: row.openAt) ?? row.openAt.utcDate
            let grid = TickGrid(instrument.ticks.rule(on: date))
            var values = RawBar.Values(
                open: row.openUnits, high: row.highUnits, low: row.lowUnits, close: row.closeUnits,
                volume: row.volumeUnits)
            var changed = 0
            for path in [\RawBar.Values.open, \.high, \.low, \.close] {
                let units = values[keyPath: path]
                let onGrid = grid.nearest(units)
                guard onGrid != units, (onGrid - units).magnitude < units.magnitude / 1_000_000 else { continue }
                values[keyPath: path] = onGrid
                changed += 1
            }
            guard changed > 0 else { continue }
            snapped += changed
            rows[index] = RawBar(
                line: row.line, openAt: row.openAt, empty: row.empty, tooLarge: row.tooLarge, values: values)
        }
        return snapped
    }

    /// The prices are those that traded; what makes them comparable across the day is brought apart.
    private static func warning(_ action: CSVBars.Action, _ subject: Subject, _ path: String) -> BarWarning {
        let day = subject.calendar?.localDate(of: action.openAt) ?? action.openAt.utcDate
        return BarWarning(
            .corporateAction, line: action.line, openAtText: action.openAt.description, count: 1,
            message:
                "\(day) has a \(action.isSplit ? "split" : "dividend") (\(action.column) \(action.text)), which is not "
                + "part of the bars: bring it with `takt import-actions \(path)`")
    }

    /// Yahoo divides every price before a split by it, and its columns name what the prices contain already.
    private static func adjusted(_ actions: [CSVBars.Action], _ subject: Subject) -> [BarWarning] {
        guard let first = actions.first else { return [] }
        let day = subject.calendar?.localDate(of: first.openAt) ?? first.openAt.utcDate
        return [
            BarWarning(
                .corporateAction, line: first.line, openAtText: first.openAt.description, count: actions.count,
                message:
                    "\(actions.count) splits and dividends stand beside the bars, the first on \(day) (\(first.column) "
                    + "\(first.text)): Yahoo has worked splits into the prices before them, and dividends too where there is "
                    + "no column Adj Close; brought by `takt import-actions`, they would count twice")
        ]
    }
}
