import Core
import Rehearsal
import Synchronization
import TestSupport
import Testing

@testable import BrokerIB

/// A stream of ours at a simulated gateway, and all that it has told.
final class StreamRig: Sendable {
    let rig: Rig
    let client: IBConnection
    let stream: IBStream
    private let told = Mutex<[IBStreamEvent]>([])

    private init(_ rig: Rig, _ client: IBConnection, _ stream: IBStream) {
        self.rig = rig
        self.client = client
        self.stream = stream
    }

    var events: [IBStreamEvent] { told.withLock { $0 } }
    var news: [IBStreamNews] { events.compactMap { if case .news(let news) = $0 { news } else { nil } } }
    var bars: [IBStreamBar] { events.compactMap { if case .bar(let bar) = $0 { bar } else { nil } } }
    var slices: [IBStreamSlice] { events.compactMap { if case .slice(let slice) = $0 { slice } else { nil } } }
    var executions: [IBStreamExecution] {
        events.compactMap { if case .execution(let execution) = $0 { execution } else { nil } }
    }
    func count(_ isMeant: (IBStreamEvent) -> Bool) -> Int { events.count(where: isMeant) }

    /// How often the gateway was asked that.
    func requests(_ name: String) -> Int64 { rig.simulator.status["requests"]?[name]?.intValue ?? 0 }

    /// Runs a stream against a gateway of its own, and ends both.
    static func run(
        _ wanted: [IBWantedSubscription], hurry: Int = 5,
        change: (inout IBSimulatorConfiguration) -> Void = { _ in },
        configure: (inout IBStreamConfiguration) -> Void = { _ in }, _ test: (StreamRig) async throws -> Void
    ) async throws {
        try await Rig.run(hurry: hurry, change: change) { rig in
            var configuration = IBStreamConfiguration()
            configure(&configuration)
            let client = rig.client(base: 7, attempts: nil) { $0.limits.gathering = .milliseconds(20) }
            let desk = StreamRig(rig, client, IBStream(client, wanted: wanted, configuration: configuration))
            let running = Task { await desk.stream.run() }
            let reading = Task {
                for await event in desk.stream.events { desk.told.withLock { $0.append(event) } }
            }
            var failure: (any Error)?
            do { try await test(desk) } catch { failure = error }
            running.cancel()
            await running.value
            await reading.value
            if let failure { throw failure }
            #expect(desk.news.last == .stopped(.cancelled))
        }
    }

    func subscribed(_ wanted: IBWantedSubscription...) async throws {
        for wanted in wanted {
            try #require(await has(.subscribed(wanted.subscription)), "\(wanted.subscription): \(news)")
        }
    }

    /// Waits for news.
    func has(_ news: IBStreamNews, times: Int = 1) async throws -> Bool {
        try await eventually { self.news.count { $0 == news } >= times }
    }

    /// Plays the market on, five seconds at a time, and lets the clock follow when the stream has heard of it.
    ///
    /// - Parameter symbol: Whose slices come meanwhile; `nil` where none can.
    func play(_ seconds: Int64, hearing symbol: Symbol? = nil) async throws {
        let end = rig.simulator.now.advanced(bySeconds: seconds)
        while rig.simulator.now < end {
            rig.simulator.advance(bySeconds: min(60, end.epochSeconds - rig.simulator.now.epochSeconds))
            let now = rig.simulator.now
            if let symbol {
                let last = now.advanced(bySeconds: -(now.epochSeconds % 5) - 5)
                try #require(
                    try await eventually { self.slices.last { $0.symbol == symbol }?.openAt == last },
                    "no slice of \(last)")
            }
            rig.clock.set(now)
        }
    }
}

func stock(_ name: String, _ exchange: String = "XNAS") throws -> Instrument {
    try .fixture(symbol: Symbol(name), exchange: ExchangeID(exchange))
}
