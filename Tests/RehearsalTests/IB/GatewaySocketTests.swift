import Core
import Testing

import Rehearsal

/// The simulated gateway's life on its sockets; the clients in Python see to what is said there.
@Suite("The simulated gateway on its sockets", .timeLimit(.minutes(1)))
struct GatewaySocketTests {
    @Test("It opens two ports, closes and opens the gateway's again, and ends")
    func life() async throws {
        var configuration = IBSimulatorConfiguration(seed: 1, start: Instant(epochSeconds: 1_795_188_600))
        configuration.historySessions = 0
        let simulator = IBSimulator(configuration)
        let addresses = try await simulator.start()
        #expect(addresses.gateway > 0 && addresses.control > 0 && addresses.gateway != addresses.control)
        try await simulator.close()
        try await simulator.close()
        try await simulator.reopen()
        try await simulator.reopen()
        simulator.advance(bySeconds: 60)
        #expect(simulator.now == Instant(epochSeconds: 1_795_188_660))
        simulator.lose()
        simulator.setFarms(connected: false)
        #expect(simulator.status["connected"] == false)
        simulator.restore(keepsData: true)
        #expect(simulator.books["accounts"]?["DU1234567"]?["cash"]?["USD"] == "1000000")
        try await simulator.stop()
    }
}
