import Core
import Testing

@testable import BrokerIB

/// Messages as the gateway writes them, with `|` for NUL, read by the decoder that reads them in production.
enum Frames {
    static func message(_ text: String) throws -> IBMessage {
        var decoder = IBDecoder(version: ServerVersion(178))
        let body = text.utf8.map { $0 == UInt8(ascii: "|") ? 0 : $0 }
        return try body.withUnsafeBufferPointer { (body) throws(IBMessageFault) in try decoder.decode(body) }
    }

    static func execution(
        _ id: String, price: String = "100.5", orderID: Int = 7, quantity: Int = 10, conID: Int = 265_598
    ) throws -> IBExecution {
        let text =
            "11|-1|\(orderID)|\(conID)|AAPL|STK||0|?||ISLAND|USD|AAPL|NMS|\(id)|20261120  09:30:05|DU1234567|ISLAND|BOT|"
            + "\(quantity)|\(price)|600745656|7|0|\(quantity)|\(price)|tk-0001|||||0|"
        guard case .execution(let execution) = try message(text) else { throw Unexpected() }
        return execution
    }

    static func commission(_ id: String, _ amount: String = "1.05", realized: String = "1.7976931348623157E308") throws
        -> IBCommission
    {
        guard case .commission(let commission) = try message("59|1|\(id)|\(amount)|USD|\(realized)|||") else {
            throw Unexpected()
        }
        return commission
    }

    static func status(_ status: String, filled: Int, remaining: Int, client: Int = 7) throws -> IBOrderStatus {
        let text = "3|7|\(status)|\(filled)|\(remaining)|0|600745656|0|0|\(client)||0|"
        guard case .orderStatus(let status) = try message(text) else { throw Unexpected() }
        return status
    }

    static func error(_ id: Int64, _ code: Int, _ words: String) throws -> IBErrorNotice {
        guard case .error(let notice) = try message("4|2|\(id)|\(code)|\(words)||") else { throw Unexpected() }
        return notice
    }

    struct Unexpected: Error {}
}

extension FixedPointValue {
    /// For tests: `99.5`; zero for what is no number, which no test expects.
    static func of(_ text: String) -> Self { (try? Self(text)) ?? .zero }
}

extension FixedPoint {
    static func of(_ text: String) -> FixedPoint { (try? FixedPoint(text)) ?? .zero }
}
