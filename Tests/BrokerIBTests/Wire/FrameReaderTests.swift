import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Frames")
struct FrameReaderTests {
    /// The bodies that are whole once these pieces have come.
    static func bodies(_ pieces: [[UInt8]], limit: Int = FrameReader.longestBody) throws(FrameFault) -> [[UInt8]] {
        var reader = FrameReader(limit: limit)
        var bodies: [[UInt8]] = []
        for piece in pieces {
            reader.append(piece)
            while try reader.advance() { bodies.append(reader.withBody { Array($0) }) }
        }
        return bodies
    }

    static func framed(_ body: [UInt8]) -> [UInt8] { FieldWriter.lengthHeader(of: body.count) + body }

    private static let messages = ["49|1|1795788000|", "3|7|Submitted|0|10|0|600745656|0|0|1||0|", "53|1|"].map(
        Golden.bytes)
    private static let stream = messages.flatMap(framed)

    @Test("However the bytes are cut in two or in three, the same frames come out")
    func splits() throws {
        for first in 0...Self.stream.count {
            #expect(try Self.bodies([Array(Self.stream[..<first]), Array(Self.stream[first...])]) == Self.messages)
            for second in first...Self.stream.count {
                let pieces = [Self.stream[..<first], Self.stream[first..<second], Self.stream[second...]].map(
                    Array.init)
                #expect(try Self.bodies(pieces) == Self.messages)
            }
        }
        #expect(try Self.bodies(Self.stream.map { [$0] }) == Self.messages)
    }

    @Test("Many frames in pieces of any size, and what has been read is not kept", arguments: propertySeeds)
    func manyPieces(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "frames")
        let bodies = (0..<400).map { _ in (0..<random.int(1...3000)).map { UInt8(truncatingIfNeeded: $0) } }
        var rest = bodies.flatMap(Self.framed)[...]
        var reader = FrameReader()
        var count = 0
        while !rest.isEmpty {
            let piece = rest.prefix(random.int(1...10_000))
            rest = rest.dropFirst(piece.count)
            reader.append(piece)
            while try reader.advance() {
                #expect(reader.withBody { Array($0) } == bodies[count])
                count += 1
            }
            // No more waits than one frame that is not whole.
            #expect(reader.pendingCount < 3004)
        }
        #expect(count == bodies.count)
    }

    @Test("A length of nothing or beyond the limit ends the stream before anything is taken, and for good")
    func hostileLengths() throws {
        for (header, fault) in [
            ([0, 0, 0, 0], FrameFault.empty), ([1, 0, 0, 0], .tooLong(0x100_0000)),
            ([0xFF, 0xFF, 0xFF, 0xFF], .tooLong(0xFFFF_FFFF)),
        ] as [([UInt8], FrameFault)] {
            var reader = FrameReader()
            reader.append(Self.stream + header + Self.stream)
            for _ in Self.messages { #expect(try reader.advance()) }
            for _ in 0..<3 {
                #expect(throws: fault) { try reader.advance() }
                reader.append(Self.stream)
                #expect(reader.pendingCount == 0)
            }
        }
        var long = FrameReader()
        long.append([0, 0xFF, 0xFF, 0xFF])
        #expect(try !long.advance(), "the longest body there is has to be waited for")
        #expect(throws: FrameFault.tooLong(100)) {
            try Self.bodies([Self.framed([UInt8](repeating: 1, count: 100))], limit: 99)
        }
    }
}

@Suite("The hello")
struct HelloTests {
    private func server(_ text: String) -> Hello.OfServer? {
        Golden.bytes(text).withUnsafeBufferPointer { Hello.OfServer($0) }
    }

    @Test("The client's is the one of the documentation, without a NUL at its end")
    func client() {
        #expect(
            Hello.ofClient() == [
                0x41, 0x50, 0x49, 0x00, 0x00, 0x00, 0x00, 0x09, 0x76, 0x31, 0x35, 0x37, 0x2e, 0x2e, 0x31, 0x37, 0x38,
            ])
    }

    @Test("The server's has a version and a clock in any words, or an address")
    func server() {
        #expect(
            server("178|20251122 10:30:00 GMT|") == .version(ServerVersion(178), clock: "20251122 10:30:00 GMT"))
        #expect(
            server("173|20251122 10:30:00 British Summer Time|")
                == .version(ServerVersion(173), clock: "20251122 10:30:00 British Summer Time"))
        #expect(server("178||") == .version(ServerVersion(178), clock: ""))
        #expect(server("-1|gw2.example.com:4001|") == .redirect(to: "gw2.example.com:4001"))
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "178|", "178", "178|now", "v178|now|", "4|2|-1|2104|Market data farm connection is OK:usfarm||",
            "9|1|42|",
        ])
    func others(_ text: String) {
        #expect(server(text) == nil)
    }
}
