import Core
import Rehearsal
import Synchronization
import TestSupport

@testable import BrokerIB

/// The wall stands still until it is told; waits pass so many times as fast, and so does the clock that is never set.
final class HurriedClock: WallClock, Sendable {
    private let instant: Mutex<Instant>
    private let hurry: Int
    private let began = ContinuousClock.now

    init(_ instant: Instant, hurry: Int) {
        self.instant = Mutex(instant)
        self.hurry = hurry
    }

    func now() -> Instant { instant.withLock { $0 } }
    func set(_ other: Instant) { instant.withLock { $0 = other } }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration / hurry) }
    var both: IBClock { IBClock(wall: self) { [self] in (ContinuousClock.now - began) * hurry } }
}

/// A simulated gateway on the loopback, and clients of ours that talk to it.
final class Rig: Sendable {
    /// Half past nine in New York on a Friday.
    static let open = Instant(epochSeconds: 1_795_185_000)
    static let account = "DU1234567"

    let simulator: IBSimulator
    let clock: HurriedClock
    private let port = Mutex(0)
    private let heard = Mutex<[IBNotice]>([])
    private let clients = Mutex<[IBConnection]>([])

    /// Apple's prices, written by hand: at the open 200.00, and then two minutes around it.
    private static let bars = [
        bar(0, 20_000, 20_050, 19_980, 20_020), bar(60, 20_020, 20_030, 19_800, 19_850),
    ]

    private static func bar(_ second: Int64, _ first: Int64, _ high: Int64, _ low: Int64, _ last: Int64) -> Bar {
        func price(_ cents: Int64) -> Price { Price(FixedPoint(int64Units: cents * 1_000_000)) }
        return Bar(
            openAt: open.advanced(bySeconds: second), open: price(first), high: price(high), low: price(low),
            close: price(last), volume: Quantity(400), source: .imported)
    }

    /// What the clients said of themselves.
    var notices: [IBNotice] { heard.withLock { $0 } }
    func said(_ part: String) -> Bool { notices.contains { $0.sentence.contains(part) } }

    private init(hurry: Int, change: (inout IBSimulatorConfiguration) -> Void) {
        var configuration = IBSimulatorConfiguration(seed: 11, start: Self.open)
        configuration.historySessions = 0
        for index in configuration.contracts.indices
        where configuration.contracts[index].symbol == "AAPL"
            && configuration.contracts[index].secType == "STK"
        {
            configuration.contracts[index].tapeBars = Self.bars
            configuration.contracts[index].depth = 100
        }
        change(&configuration)
        simulator = IBSimulator(configuration)
        clock = HurriedClock(Self.open, hurry: hurry)
    }

    /// Runs a test against a gateway of its own; whatever becomes of it, everything is closed.
    static func run(
        hurry: Int = 1, change: (inout IBSimulatorConfiguration) -> Void = { _ in },
        _ test: (Rig) async throws -> Void
    ) async throws {
        let rig = Rig(hurry: hurry, change: change)
        let addresses = try await rig.simulator.start()
        rig.port.withLock { $0 = addresses.gateway }
        var failure: (any Error)?
        do { try await test(rig) } catch { failure = error }
        for client in rig.clients.withLock({ $0 }) { await client.close() }
        try await rig.simulator.stop()
        if let failure { throw failure }
    }

    func client(
        base: Int = 7, attempts: Int? = 3, change: (inout IBConfiguration) -> Void = { _ in }
    ) -> IBConnection {
        var configuration = IBConfiguration(
            port: port.withLock { $0 }, base: base, role: .orders, attempts: attempts)
        configuration.limits.tick = .milliseconds(50)
        change(&configuration)
        let client = IBConnection(configuration, clock: clock.both) { [self] notice in
            heard.withLock { $0.append(notice) }
        }
        clients.withLock { $0.append(client) }
        return client
    }

    /// One that is connected.
    func ready(base: Int = 7, change: (inout IBConfiguration) -> Void = { _ in }) async throws -> IBConnection {
        let client = client(base: base, change: change)
        try await client.open(within: .seconds(600))
        return client
    }

    func faults(_ rules: IBFaultPlan.Rule...) { simulator.setFaults(IBFaultPlan(seed: 5, rules: rules)) }

    static let apple = IBContract(conID: 265_598, exchange: "SMART", currency: "USD")

    /// An order for Apple, sent and answered.
    func place(
        _ client: IBConnection, _ reference: String, buys quantity: Int = 10, _ type: IBOrderType = .market
    ) async throws -> IBPlacements.Fate {
        let ids = await client.takeOrderIDs() ?? []
        let order = IBOrder(
            side: .buy, quantity: Quantity(quantity), type: type, account: Self.account, reference: reference)
        let request = PlaceOrderRequest(orderID: ids.first ?? 0, contract: Self.apple, order: order)
        return await client.place([request], within: .seconds(15))[0]
    }
}

/// Waits until something holds, for ten seconds at most.
func eventually(_ condition: () async -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
        if await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
