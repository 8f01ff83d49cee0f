import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Cycle

@Suite("Reading what somebody writes")
struct FileReadingTests {
    struct Late: Error {}

    /// The two ends of a pipe.
    private func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("Whoever waits for lines that never end is asked how long, and gets away")
    func late() throws {
        let (reading, writing) = try pipe()
        defer { for end in [reading, writing] { close(end) } }
        FileWriting.writeAll(Array("half".utf8), to: writing)
        var asked = 0
        #expect(throws: Late.self) {
            try FileWriting.read(reading, named: "lines", limit: 100) {
                asked += 1
                if asked == 4 { throw Late() }
            }
        }
        #expect(asked == 4)
    }

    @Test("What has come to its end is read whole, in one piece or several")
    func whole() throws {
        let (reading, writing) = try pipe()
        defer { close(reading) }
        FileWriting.writeAll(Array("one\ntwo\n".utf8), to: writing)
        close(writing)
        #expect(try FileWriting.read(reading, named: "lines", limit: 100) {} == Array("one\ntwo\n".utf8))
    }
}
