import Core
import TestSupport

/// What is traded and how the exchange behaves.
struct Variant: Hashable, Sendable, CustomStringConvertible {
    var orderType = "market"
    var knowsIDs = true
    /// How long after the kill the step is run again.
    var delaySeconds: Int64 = 0

    var description: String {
        "\(orderType), \(knowsIDs ? "with" : "without") client order ids, rerun after \(delaySeconds) s"
    }

    /// Three symbols whose quick averages cross at nearly every bar, on an exchange too thin to fill an order at once.
    var trading: String {
        """
        trading:
          base_currency: USD
          profiles:
            us: {symbols: [NVDA, PLTR, AAPL], timeframe: 5m, broker: paper, agents: [sma-cross], bars: generator}
        agents:
          sma-cross: {fast: 1, slow: 3}
        decision: {minimum_confidence: 0, buffer_bars: 20, no_entry_minutes_before_close: 0}
        orders: {default_order_type: \(orderType), position_sizing: {method: percent-of-equity, percent: 0.2}}
        paper:
          initial_cash: {USD: 400000}
          participation: 0.0001
          seed: 3
          generator_anchor: 2026-11-16
          knows_client_order_ids: \(knowsIDs)
        """
    }
}

/// One process of the scenario.
enum Deed: Hashable, Sendable, CustomStringConvertible {
    case step(String, cycle: String)
    /// Cancels every order that is working then.
    case cancel(at: String)
    case flatten(at: String)

    var description: String {
        switch self {
        case .step(let name, let cycle): "\(name) of \(cycle)"
        case .cancel(let at): "orders cancel at \(at)"
        case .flatten(let at): "flatten at \(at)"
        }
    }

    /// Whether a cycle's step goes by this name.
    func isStep(_ wanted: String) -> Bool { if case .step(let name, _) = self { name == wanted } else { false } }
}

/// Five beats of one morning: the account's opening and an entry, an entry that fills in parts, two exits, an entry that is
/// cancelled half filled, a flatten while an exit still works, and the beat in which all of it comes to rest.
struct Scenario: Sendable {
    static let steps = ["fetch-bars", "decide", "risk-check", "submit", "reconcile", "report", "alert"]
    static let closes = ["14:35", "14:40", "14:50", "14:55", "15:00"]
    /// The beats after the last deed, in which the flatten's exits are filled.
    static let quietCloses = ["15:05", "15:10", "15:15"]
    static let end = instant("15:16", 0)

    static let deeds: [Deed] = closes.flatMap { close -> [Deed] in
        let beat = steps.map { Deed.step($0, cycle: close) }
        return close == "14:55" ? beat + [.cancel(at: "14:56"), .flatten(at: "14:57")] : beat
    }

    static func instant(_ clock: String, _ seconds: Int64) -> Instant {
        guard let instant = Instant(rfc3339: "2026-11-20T\(clock):00Z") else { return Instant(epochSeconds: 0) }
        return instant.advanced(bySeconds: seconds)
    }

    static func cycleID(_ close: String) -> String { "us/\(instant(close, 0))" }

    let home: Home

    /// Runs a deed in its own process.
    /// - Parameter delay: Seconds after the deed's own time.
    @discardableResult
    func run(_ deed: Deed, failpoint: String? = nil, delay: Int64 = 0) async throws -> Ending {
        switch deed {
        case .step(let name, let close):
            return try await home.takt(
                [name, "--cycle", Self.cycleID(close), "--now", "\(Self.instant(close, 3 + delay))"],
                failpoint: failpoint)
        case .cancel(let at):
            let working = try await home.items(["orders"]).filter {
                ["working", "partially-filled", "acknowledged"].contains($0.text("state")) && $0.text("side") == "buy"
            }
            guard !working.isEmpty else { return Ending(exitCode: 0, signal: nil, output: "", complaint: "") }
            return try await home.takt(
                ["orders", "cancel"] + working.map { $0.text("client_order_id") }
                    + ["--reason", "rehearsal", "--now", "\(Self.instant(at, delay))"], failpoint: failpoint)
        case .flatten(let at):
            return try await home.takt(
                ["flatten", "--reason", "rehearsal", "--now", "\(Self.instant(at, delay))"], failpoint: failpoint)
        }
    }

    /// Runs the deeds from one on to the end of the morning, as an operator would who was called to a crash: the deed again,
    /// then what follows; where an order was in doubt and came back, submit and reconcile once more.
    func finish(from index: Int, delay: Int64) async throws {
        var position = index + 1
        let first = Self.deeds[index]
        try expectGood(try await run(first, delay: delay), first)
        if case .step(let name, let close) = first {
            let rest = Self.steps.drop(while: { $0 != name }).dropFirst()
            position += rest.count
            if let next = rest.first { try await beat(close, ["--from", next], delay: delay) }
            try await beat(close, ["--from", "submit", "--until", "reconcile"], delay: delay + 1)
        }
        while position < Self.deeds.count {
            let deed = Self.deeds[position]
            switch deed {
            case .step(_, let close):
                try await beat(close, [], delay: 0)
                position += Self.steps.count
            case .cancel, .flatten:
                try expectGood(try await run(deed), deed)
                position += 1
            }
        }
        try await rest()
    }

    private func beat(_ close: String, _ part: [String], delay: Int64) async throws {
        let ending = try await home.takt(
            ["cycle", "--cycle", Self.cycleID(close), "--now", "\(Self.instant(close, 3 + delay))"] + part)
        try expectGood(ending, .step("cycle", cycle: close))
    }

    /// Lets the morning come to rest: the beats after the last deed, then reconciles until nothing is open any more; three
    /// rounds have to do.
    func rest() async throws {
        for close in Self.quietCloses { try await beat(close, [], delay: 0) }
        for round in 0..<3 {
            let ending = try await home.takt(
                ["reconcile", "--again", "--now", "\(Self.end.advanced(bySeconds: Int64(round)))"])
            if ending.exitCode == 0 { return }
            guard ending.exitCode == 12 else { throw Unexpected("reconcile ended with \(ending)") }
        }
    }

    /// 10 says halted, 12 that an order is in doubt, and 65 that an order to be cancelled is closed by now.
    private func expectGood(_ ending: Ending, _ deed: Deed) throws {
        var allowed: [Int32] = [0, 10, 12]
        if case .cancel = deed { allowed.append(65) }
        guard let code = ending.exitCode, allowed.contains(code) else {
            throw Unexpected("\(deed) ended with \(ending)")
        }
    }
}
