import Core
import TestSupport
import Testing
import Zip

struct ZipArchiveTests {
    private static let limits = ZipArchive.Limits(entries: 4, contentBytes: 1000, expansion: nil)

    /// Two entries, the second deflated.
    private static var forged: ForgedZip {
        var packed = ForgedZip.Entry("folder/two.txt", ForgedZip.deflated([7, 8, 9]))
        (packed.method, packed.size, packed.checksum) = (8, 3, ForgedZip.checksum([7, 8, 9]))
        return ForgedZip([ForgedZip.Entry("one.txt", [1, 2, 3, 4]), packed])
    }

    private func refusal(
        _ limits: ZipArchive.Limits = limits, _ change: (inout ForgedZip) -> Void = { _ in }
    ) -> ZipError? {
        var forged = Self.forged
        change(&forged)
        do throws(ZipError) {
            let archive = try ZipArchive(forged.bytes, limits: limits)
            for entry in archive.entries { _ = try archive.content(of: entry) }
            return nil
        } catch {
            return error
        }
    }

    @Test("Stored and deflated entries come out as they went in, in the order of the directory")
    func reads() throws {
        let archive = try ZipArchive(Self.forged.bytes, limits: Self.limits)
        #expect(archive.entries.map(\.name) == ["one.txt", "folder/two.txt"])
        #expect(archive.entries.map(\.size) == [4, 3])
        #expect(try archive.entries.map { Array(try archive.content(of: $0)) } == [[1, 2, 3, 4], [7, 8, 9]])
    }

    @Test("What is beyond the limits is refused before it is unpacked, with both numbers")
    func limits() {
        #expect(refusal(.init(entries: 2, contentBytes: 7)) == nil)
        #expect(
            refusal(.init(entries: 1, contentBytes: 7))
                == .tooLarge("the zip archive", count: 2, limit: 1, unit: "entries"))
        #expect(
            refusal(.init(entries: 2, contentBytes: 6))
                == .tooLarge("the unpacked archive", count: 7, limit: 6, unit: "bytes"))
        let bomb = refusal(.init(entries: 2, contentBytes: 1 << 30, expansion: 32)) {
            $0["folder/two.txt"].size = 1_000_000
        }
        #expect(
            bomb?.description.hasPrefix("'folder/two.txt' unpacks to 1000000 bytes from 8") == true, "\(bomb as Any)")
    }

    @Test("A refusal names the entry, and no name can steer a terminal")
    func names() {
        let cases: [(String, (inout ForgedZip) -> Void)] = [
            ("'one.txt' does not match its checksum", { $0["one.txt"].checksum = 1 }),
            ("'one.txt' is encrypted", { $0["one.txt"].flags = 1 }),
            ("'one.txt' uses the unsupported compression method 12", { $0["one.txt"].method = 12 }),
            ("'one.txt' stands there twice", { $0.entries.append($0["one.txt"]) }),
            ("'../x' has a name that is no plain path", { $0["one.txt"].name = "../x" }),
            ("'a?[2J' has a name that is no plain path", { $0["one.txt"].name = "a\u{1B}[2J" }),
            ("'folder/two.txt' does not unpack to the 9 bytes it promises", { $0["folder/two.txt"].size = 9 }),
            ("it is of several parts, or its directory lies elsewhere", { $0.directoryOffset = 1 << 30 }),
        ]
        for (text, change) in cases { #expect(refusal(Self.limits, change)?.description == text) }
    }

    @Test("Bytes spoilt anywhere are refused or change nothing", arguments: propertySeeds)
    func spoilt(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "zip")
        let good = Self.forged.bytes
        for _ in 0..<200 {
            var bytes = good
            for _ in 0..<random.int(1...3) { bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255)) }
            if random.chance(0.3) { bytes.removeLast(random.int(0...bytes.count)) }
            guard let archive = try? ZipArchive(bytes, limits: Self.limits) else { continue }
            for entry in archive.entries {
                guard let content = try? archive.content(of: entry) else { continue }
                // An entry of no bytes has the checksum zero, so a directory can be spoilt into one.
                #expect([[1, 2, 3, 4], [7, 8, 9], []].contains(Array(content)), "seed \(seed)")
            }
        }
    }
}
