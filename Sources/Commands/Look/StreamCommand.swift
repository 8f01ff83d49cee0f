internal import ArgumentParser
internal import Core
internal import Cycle
internal import Settings

struct StreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream", abstract: "Prints a broker's live events, one JSON object a line.",
        discussion: """
            Trades, and with --notices what becomes of the account's orders, as the broker sends them, until interrupted or for \
            so long as --for says. What the stream says about itself (connected, registered, disconnected …) comes as lines of \
            the same kind. Nothing is stored. Ends with 69 when the stream gives up, or never had a registration.

            KIS: --books brings order books too. It allows one session for an app key: while this runs, nothing else may stream \
            with it. The virtual host streams Korean shares only.

            IB: best prices and trades as it samples them; --bars brings bars of five seconds and those of 5 and 15 minutes made \
            of them, --delayed delayed prices where there are no live ones (each line says so), --notices the account's \
            executions with their costs, its values and its profit. Executions of orders that other clients placed are found by \
            listing them.

            Example: takt stream --broker kis --symbols 005930,000660 --for 10m
                     takt stream --broker ib --symbols NVDA --bars --for 10m
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("Whose stream: kis or ib.", valueName: "broker")) var broker = "kis"
    @Option(name: .long, help: .init("Symbols, with commas between.", valueName: "symbols")) var symbols: String
    @Flag(name: .long, help: "Order books as well (kis).") var books = false
    @Flag(name: .long, help: "Bars as well (ib).") var bars = false
    @Flag(name: .long, help: "Delayed prices where there are no live ones (ib).") var delayed = false
    @Flag(name: .long, help: "The account's orders as well; kis needs brokers.kis.hts_id.") var notices = false
    @Option(name: .customLong("for"), help: .init("How long: 90s, 10m, 2h.", valueName: "duration"))
    var duration: String?

    func validate() throws {
        guard ["kis", "ib"].contains(broker) else {
            throw ValidationError("--broker \(broker): this build streams from kis and ib.")
        }
        let strange = broker == "kis" ? [("--bars", bars), ("--delayed", delayed)] : [("--books", books)]
        if let (option, _) = strange.first(where: \.1) {
            throw ValidationError("\(option) is nothing that --broker \(broker) streams.")
        }
        guard !symbolList.isEmpty else { throw ValidationError("--symbols names no symbol.") }
        if let duration, Self.seconds(duration) == nil {
            throw ValidationError("--for '\(duration)' is no duration; write 90s, 10m or 2h.")
        }
    }

    private var symbolList: [String] {
        symbols.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    }

    static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
            count <= 1_000_000
        else { return nil }
        return count * unit
    }

    func run() async throws {
        let context = try CommandContext(global)
        let signals = Signals()
        let watch = StreamWatch(seconds: duration.flatMap(Self.seconds), stop: signals.stop)
        let symbols = symbolList.map { Symbol($0) }
        if broker == "kis" {
            try await KISStreamCall(context).run(symbols, books: books, notices: notices, watch)
        } else {
            try await IBStreamCall(context).run(symbols, bars: bars, delayed: delayed, notices: notices, watch)
        }
    }
}

/// How long a stream is printed.
struct StreamWatch {
    /// `nil` until it is interrupted.
    let seconds: Int64?
    let stop: StopSignal

    /// Ends the stream when its time is over, a signal has come, or nothing more can come of it.
    func end(_ running: Task<Void, Never>, when isOver: @escaping @Sendable () -> Bool = { false }) -> Task<Void, Never>
    {
        Task {
            var left = seconds.map { $0 * 10 }
            while !Task.isCancelled, !stop.isRaised, !isOver(), left.map({ $0 > 0 }) ?? true {
                // Real time: the stream is a live one whatever the clock was set to.
                try? await Task.sleep(for: .milliseconds(100))
                left = left.map { $0 - 1 }
            }
            running.cancel()
        }
    }

    /// - Returns: `false` where nobody reads any more.
    static func print(_ event: JSONValue) -> Bool {
        FileWriting.writeAll(Array(event.text.utf8) + [UInt8(ascii: "\n")], to: 1)
    }

    /// - Throws: Where a signal has ended it.
    func checkSignal() throws {
        do { try stop.checkpoint() } catch {
            throw StepFailure(
                code: error.code, message: "A signal ended the stream.",
                hint: "What came is printed; nothing is stored.", isRetryable: true, exitCode: error.exitCode)
        }
    }

    /// - Parameter why: `nil` where nothing ever came of it.
    static func ended(_ broker: String, _ why: String?) -> StepFailure {
        StepFailure(
            code: "stream-ended", message: "\(broker)'s stream has ended: \(why ?? "nothing was ever registered").",
            hint: "What came is printed. Run it again when the cause is gone.", isRetryable: true,
            exitCode: .unavailable)
    }
}
