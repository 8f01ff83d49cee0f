import BrokerIB
import Core
import Foundation

/// How many messages of Interactive Brokers' the decoder reads, beside what it costs only to cut the same stream into frames
/// and its fields apart.
///
/// The stream is that of a trading day: mostly prices and sizes, some texts, order statuses and five-second bars, drawn from
/// a seed. It goes through the frames as it comes from a socket, in pieces of 64 KiB; everything runs on one thread.
enum IBDecoderBench {
    private static let count = 200_000

    /// With a folder, the stream is written to `messages.bin` in it, for a client in another language.
    static func run(folder: String? = nil) throws {
        var random = SeededGenerator(seed: 1, stream: "ib-decoder")
        let messages = (0..<count).map { message($0, &random) }
        let stream = messages.flatMap { framed($0) }
        if let folder { try Data(stream).write(to: URL(fileURLWithPath: folder + "/messages.bin")) }
        try measure("ib-decoder: framed and decoded", stream, decoded)
        try measure("ib-decoder: framed, nothing read", stream) { _, body in body.isEmpty ? 0 : 1 }
        try measure("ib-decoder: a string for each field, nothing read", stream) { _, body in
            body.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.isEmpty ? 0 : 1
        }
        for (number, name) in [(1, "prices"), (2, "sizes"), (46, "texts"), (3, "order statuses"), (50, "bars")] {
            let some = messages.filter { $0.hasPrefix("\(number)|") }.flatMap { framed($0) }
            try measure("ib-decoder: only \(name)", some, decoded)
        }
    }

    private static func decoded(
        _ decoder: inout IBDecoder, _ body: UnsafeBufferPointer<UInt8>
    ) throws(IBMessageFault) -> Int {
        if case .unknown = try decoder.decode(body) { 0 } else { 1 }
    }

    private static func measure(
        _ name: String, _ stream: [UInt8],
        _ work: (inout IBDecoder, UnsafeBufferPointer<UInt8>) throws(IBMessageFault) -> Int
    ) throws {
        var found = 0
        let piece = 1 << 16
        let best = try TaktBench.fastest {
            found = 0
            var decoder = IBDecoder(version: ServerVersion(178))
            var frames = FrameReader()
            var start = 0
            while start < stream.count {
                let end = min(stream.count, start + piece)
                frames.append(stream[start..<end])
                start = end
                while try frames.advance() {
                    found += try frames.withBody { (body) throws(IBMessageFault) -> Int in try work(&decoder, body) }
                }
            }
        }
        let perSecond = Int(Double(found) / best * 1e9)
        TaktBench.report(name, found, best, "\(found) messages, \(perSecond) a second")
    }

    private static func framed(_ message: String) -> [UInt8] {
        let body = message.utf8.map { $0 == UInt8(ascii: "|") ? 0 : $0 }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: body.count >> $0) } + body
    }

    /// Of ten messages, four are prices, three sizes, one a text, one an order status and one a bar.
    private static func message(_ number: Int, _ random: inout SeededGenerator) -> String {
        func drawn(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        func price() -> String { "\(drawn(50...500)).\(drawn(10...99))" }
        let request = 1_000_000_000 + drawn(1...100)
        switch number % 10 {
        case 0...3:
            return "1|6|\(request)|\([1, 2, 4][drawn(0...2)])|\(price())|\(drawn(1...900) * 100)|\(drawn(0...3))|"
        case 4...6: return "2|6|\(request)|\([0, 3, 5, 8][drawn(0...3)])|\(drawn(1...90_000))|"
        case 7: return "46|6|\(request)|45|\(1_795_788_000 + number)|"
        case 8:
            let filled = drawn(0...100)
            let status = ["PreSubmitted", "Submitted", "Filled", "PendingSubmit", "Cancelled"][drawn(0...4)]
            return
                "3|\(drawn(1...9999))|\(status)|\(filled)|\(100 - filled)|\(price())|\(600_745_656 + number)|0|\(price())|1||0|"
        default:
            let average = "\(price())\(drawn(10_000...99_999))"
            return "50|3|\(request)|\(1_795_788_000 + number / 10 * 5)|\(price())|\(price())|\(price())|\(price())|"
                + "\(drawn(1...50_000))|\(average)|\(drawn(1...500))|"
        }
    }
}
