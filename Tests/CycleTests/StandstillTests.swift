import Core
import Foundation
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("A standstill of all steps")
struct StandstillTests {
    private func standstill(_ house: House) throws -> Standstill {
        try Standstill(
            database: house.store.path, profiles: house.context.settings.profiles.map(\.name),
            process: ProcessIdentity(pid: 42, host: "desk", user: "operator"), at: house.clock.now(),
            purpose: "restore the database")
    }

    @Test("Every step that starts meanwhile is told that it is busy, and by whom", arguments: StepName.allCases)
    func stepsAreBusy(step: StepName) async throws {
        let house = try House()
        try await house.openAccount()
        let standstill = try standstill(house)
        for profile in [ProfileName.first, .second] {
            let document = try await house.run(step, house.cycle(profile: profile), isForced: true)
            #expect(document.exitCode == .busy)
            let message = document.json["error"]?["message"]?.stringValue ?? ""
            #expect(message.contains("process 42 on desk") && message.contains("restore the database"), "\(message)")
        }
        standstill.end()
        #expect(try await house.run(step, isForced: true).exitCode != .busy)
    }

    @Test(
        "While one lock is held there is no standstill: the others are given up, and the holder is named",
        arguments: ["us-5m.submit", "us-b.alert", "reconcile", "elsewhere.submit"])
    func busy(name: String) async throws {
        let house = try House()
        let path = house.context.lockPath(name)
        guard case .acquired(let lock) = try StepLock.acquire(path: path, holder: "process 7") else {
            Issue.record("the lock is free")
            return
        }
        let failure = #expect(throws: StepFailure.self) { _ = try standstill(house) }
        #expect(failure?.exitCode == .busy)
        #expect(failure?.message.contains("\(name) is held by process 7") == true, "\(failure?.message ?? "")")
        lock.release()
        try standstill(house).end()
    }

    @Test("The locks are those beside the file that a symbolic link leads to, and a missing folder is created")
    func places() throws {
        let house = try House()
        let link = house.folder.path("link.sqlite")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: house.store.path)
        let process = ProcessIdentity(pid: 42, host: "desk", user: "operator")
        let standstill = try Standstill(
            database: link, profiles: [.first], process: process, at: house.clock.now(), purpose: "test")
        guard
            case .busy = try StepLock.acquire(path: house.context.submitLockPath(.first), holder: "somebody")
        else {
            Issue.record("the lock beside the real file is free")
            return
        }
        standstill.end()
        let deep = house.folder.path("not/there/takt.sqlite")
        try Standstill(database: deep, profiles: [.first], process: process, at: house.clock.now(), purpose: "test")
            .end()
        #expect(FileManager.default.fileExists(atPath: house.folder.path("not/there/us-5m.submit.lock")))
    }
}
