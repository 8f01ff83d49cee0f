import Core
import Foundation
import Testing

@testable import BrokerKIS

/// Frames as KIS documents them, with invented values.
enum StreamFrames {
    /// 2031-03-04, 10:01:41 in Korea.
    static let receivedAt = Instant(epochSeconds: 1_930_352_501)

    /// A record of `H0STCNT0`: 46 values.
    static func trade(
        _ symbol: String = "005930", time: String = "100133", price: String = "70500", size: String = "7",
        volume: String = "8123456", date: String = "20310304"
    ) -> String {
        "\(symbol)^\(time)^\(price)^5^-300^-0.42^70512.34^70900^71000^70300^70600^70400^\(size)^\(volume)^573000000000^100"
            + "^90^-10^98.5^4000000^4100000^1^0.51^88.10^090000^5^-400^091500^5^-500^130000^2^200^\(date)^20^N^1200^900^50000"
            + "^48000^0.14^7000000^116.05^0^^70500"
    }

    static func frame(_ id: String, _ records: [String], count: Int? = nil) -> String {
        "0|\(id)|\(String(1000 + (count ?? records.count)).suffix(3))|" + records.joined(separator: "^")
    }

    /// `H0STASP0`: 59 values; a level without an order at each end.
    static let book: String = {
        let asks = (0..<9).map { String(70_600 + 100 * $0) } + ["0"]
        let bids = (0..<9).map { String(70_500 - 100 * $0) } + [""]
        let sizes = (1...9).map { String(10 * $0) } + ["0"]
        let rest = [
            "900", "800", "0", "0", "70550", "12", "300", "-50", "5", "-0.07", "8123456", "1", "-1", "0", "0", "00",
        ]
        return (["005930", "100134", "0"] + asks + bids + sizes + sizes + rest).joined(separator: "^")
    }()

    static let overseasTrade =
        "DNASAAPL^AAPL^4^20310303^20310303^100612^20310304^000612^200.9000^201.9000^200.1000^201.4400^2^1.2400^0.62"
        + "^201.4300^201.4500^120^80^100^3500120^704000000^1700000^1800120^105.88^1"

    /// `HDFSASP0` with so many levels.
    static func overseasBook(levels: Int) -> String {
        let head = "DNASAAPL^AAPL^4^20310303^100612^20310304^000612^5000^4000^10^-10"
        let body = (0..<levels).map { "^\(201 - $0).4300^\(201 + $0).4500^\(120 + $0)^\(80 + $0)^0^0" }
        return head + body.joined()
    }

    static let notices: [Notice] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures/notices.txt")
        let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Notice(
                name: parts[0], key: parts[1], vector: parts[2], count: parts[3], payload: parts[4], plain: parts[5])
        }
    }()

    struct Notice: CustomTestStringConvertible {
        let name: String
        let key: String
        let vector: String
        let count: String
        let payload: String
        let plain: String

        var stream: KISStreamKind { name.hasPrefix("domestic") ? .domesticNoticesVirtual : .overseasNoticesVirtual }
        var frame: String { "1|\(stream.rawValue)|00\(count)|\(payload)" }
        var testDescription: String { name }
    }

    static func notice(_ name: String) throws -> Notice { try #require(notices.first { $0.name == name }) }
}

extension StreamDecoder {
    /// A frame as text, decoded by the same way in as any.
    mutating func decode(_ text: String, at receivedAt: Instant = StreamFrames.receivedAt) throws -> [KISStreamData] {
        try decode(bytes: Array(text.utf8), at: receivedAt).get()
    }

    mutating func decode(
        bytes: [UInt8], at receivedAt: Instant = StreamFrames.receivedAt
    ) -> Result<[KISStreamData], KISFrameFault> {
        bytes.withUnsafeBufferPointer { buffer in
            do throws(KISFrameFault) { return .success(try decode(buffer, receivedAt: receivedAt).data) } catch {
                return .failure(error)
            }
        }
    }

    /// With the key of a notice.
    init(_ notice: StreamFrames.Notice) throws {
        self.init()
        setKey(try #require(NoticeKey(key: notice.key, initialVector: notice.vector)), for: notice.stream)
    }
}

extension KISStreamData {
    var trade: KISStreamTrade? { if case .trade(let trade) = self { trade } else { nil } }
    var book: KISStreamBook? { if case .book(let book) = self { book } else { nil } }
    var notice: KISOrderNotice? { if case .orderNotice(let notice) = self { notice } else { nil } }
}
