import BrokerKIS
import Core
import Foundation

/// How many records of domestic trades the decoder of KIS's stream reads, beside what it costs only to cut the same frames
/// into values: by a plain loop over bytes, and with a string for each value.
///
/// The frames hold one to twenty records of 46 values, drawn from a seed; everything runs on one thread.
enum KISDecoderBench {
    /// With a folder, the frames are written to `frames.txt` in it, one a line, for a splitter in another language.
    static func run(folder: String?) throws {
        var random = SeededGenerator(seed: 1, stream: "kis-decoder")
        let frames = (0..<2000).map { frame(number: $0, &random) }
        let records = frames.reduce(0) { $0 + $1.count }
        let bytes = frames.map { Array($0.text.utf8) }
        if let folder {
            try frames.map(\.text).joined(separator: "\n").write(
                toFile: folder + "/frames.txt", atomically: true, encoding: .utf8)
        }
        var decoder = StreamDecoder()
        try measure("kis-decoder: H0STCNT0, decoded", records, bytes) { try decoder.domesticTrades($0).count }
        try measure("kis-decoder: plain byte splitter, nothing read", records, bytes) { message in
            var values = 1
            var ends: [Int] = []
            for index in message.indices where message[index] == UInt8(ascii: "^") {
                ends.append(index)
                values += 1
            }
            return ends.count + 1 == values ? values / 46 : 0
        }
        try measure("kis-decoder: a string for each value, nothing read", records, bytes) {
            String(decoding: $0, as: UTF8.self).split(separator: "^", omittingEmptySubsequences: false)
                .map(String.init).count / 46
        }
    }

    private static func measure(
        _ name: String, _ records: Int, _ frames: [[UInt8]], _ work: (UnsafeBufferPointer<UInt8>) throws -> Int
    ) throws {
        var found = 0
        let best = try TaktBench.fastest {
            found = 0
            for _ in 0..<20 { for frame in frames { found += try frame.withUnsafeBufferPointer(work) } }
        }
        let perSecond = Int(Double(records * 20) / best * 1e9)
        TaktBench.report(name, records * 20, best, "\(found) records, \(perSecond) a second")
    }

    private static func frame(number: Int, _ random: inout SeededGenerator) -> (text: String, count: Int) {
        let count = Int.random(in: 1...20, using: &random)
        let records = (0..<count).map { record(number * 20 + $0, &random) }
        let digits = String(1000 + count).suffix(3)
        return ("0|H0STCNT0|\(digits)|" + records.joined(separator: "^"), count)
    }

    private static func record(_ number: Int, _ random: inout SeededGenerator) -> String {
        func drawn(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        let symbol = ["005930", "000660", "035720", "0001A0", "Q530036"][drawn(0...4)]
        let price = drawn(10_000...900_000)
        let second = number % 23_400
        let time = String(1_000_000 + (9 + second / 3600) * 10_000 + second / 60 % 60 * 100 + second % 60).suffix(6)
        let values: [String] = [
            symbol, String(time), "\(price)", "5", "-\(drawn(1...900))", "-0.42", "\(price).4825", "\(price + 400)",
            "\(price + 500)", "\(price - 300)", "\(price + 100)", "\(price)", "\(drawn(1...5000))",
            "\(8_000_000 + number)", "\(573_000_000_000 + number)", "\(drawn(1...90_000))", "\(drawn(1...90_000))",
            "-\(drawn(1...5000))", "88.16", "\(drawn(1...9_000_000))", "\(drawn(1...9_000_000))", "1", "0.46", "61.20",
            "090012", "5", "-400", "091533", "5", "-500", "131002", "2", "300", "20310304", "20", "N",
            "\(drawn(1...90_000))", "\(drawn(1...90_000))", "\(drawn(1...900_000))", "\(drawn(1...900_000))", "0.14",
            "7213345", "112.61", "0", "", "\(price)",
        ]
        return values.joined(separator: "^")
    }
}
