import Foundation
import TestSupport
import Testing

@Suite("The random-kill soak")
struct SoakTests {
    @Test("Ten kills at random moments leave our books equal to the exchange's")
    func smoke() async throws {
        let script = SharedFolder.package.appendingPathComponent("scripts/soak").path
        let real =
            FileManager.default.fileExists(atPath: script)
            ? script
            : URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts/soak").path
        let folder = try TemporaryFolder("takt-soak")
        let ending = try await TaktProcess.run(
            ["--kills", "10", "--seed", "20261125", "--jobs", "1"], program: real, scratch: folder.path,
            environment: ["TAKT_BINARY": try TaktProcess.binary()])
        #expect(ending.exitCode == 0, "\(ending.output)\n\(ending.complaint)")
        #expect(ending.output.contains("soak: PASSED"))
    }
}
