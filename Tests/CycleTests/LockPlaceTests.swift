import Core
import Foundation
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Locks belong to the database")
struct LockPlaceTests {
    /// The same database, worked on from another working folder, through the path given.
    private func neighbour(of house: House, at path: String, home: String) throws -> CycleContext {
        CycleContext(
            settings: try House.settings(home: home, risk: ""),
            store: try StateDatabase.open(at: path, now: house.clock.now()), clock: house.clock,
            calendars: house.context.calendars, brokers: house.context.brokers, barSource: house.context.barSource,
            channels: [], failpoints: .none, log: .none, environment: house.context.environment,
            process: ProcessIdentity(pid: 2, host: "test", user: "neighbour"), version: "0.0.0", stop: .never)
    }

    @Test(
        "While a sender lives, nobody settles its order or sends beside it, whatever folder they work in",
        arguments: [false, true])
    func twoHomes(isLinked: Bool) async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent(state: .submitting))
        let sending = ManagedOrder.fixture(id: intent.clientOrderID, intentID: intent.id)
        try house.store.write(durable: true) { try $0.insertOrder(sending) }
        let other = try TemporaryFolder("takt-neighbour")
        try FileManager.default.createDirectory(
            atPath: other.path("state"), withIntermediateDirectories: true)
        var path = house.store.path
        if isLinked {
            path = other.path("state/linked.sqlite")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: house.store.path)
        }
        let neighbour = try neighbour(of: house, at: path, home: other.path)
        guard
            case .acquired(let sender) = try StepLock.acquire(
                path: house.context.submitLockPath(.first), holder: "the sender")
        else {
            Issue.record("the lock is free")
            return
        }
        let cycle = TradingCycle(context: neighbour, profile: try house.profile(), isForced: true)
        for seconds: Int64 in [60, 120] {
            house.moveTo(seconds)
            _ = await cycle.run(.reconcile, cycle: house.cycle())
        }
        #expect(await cycle.run(.submit, cycle: house.cycle()).exitCode == .busy)
        #expect(try house.order(intent.clientOrderID).state == .submitting)
        #expect(house.broker.sent.isEmpty)

        // The sender dies: only now its order is in doubt.
        sender.release()
        _ = await cycle.run(.reconcile, cycle: house.cycle())
        #expect(try house.order(intent.clientOrderID).state != .submitting)
    }

    @Test("The folder of a database is the one its file really lies in")
    func folder() throws {
        let folder = try TemporaryFolder("takt-lock")
        let file = try folder.write("", to: "deep/state.sqlite")
        try FileManager.default.createSymbolicLink(atPath: folder.path("link.sqlite"), withDestinationPath: file)
        let deep = StepLock.folder(ofDatabase: file)
        #expect(deep.hasSuffix("/deep"))
        #expect(StepLock.folder(ofDatabase: folder.path("link.sqlite")) == deep)
        #expect(StepLock.folder(ofDatabase: folder.path("deep/../deep/./state.sqlite")) == deep)
        #expect(StepLock.folder(ofDatabase: "nowhere.sqlite") == ".")
        #expect(StepLock.folder(ofDatabase: "/nowhere.sqlite") == "/")
    }
}
