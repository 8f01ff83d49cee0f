public import Core
internal import GRDB

/// What went to a broker about an order, or came back, word for word (secrets removed). Never changed afterwards.
public struct OrderMessage: Hashable, Sendable {
    public enum Direction: String, Hashable, Sendable, CaseIterable {
        case request, answer
        /// Came unasked, by a stream or a list.
        case notice
        case cancelRequest = "cancel-request"
        case cancelAnswer = "cancel-answer"
    }

    public let id: Int64
    public let clientOrderID: ClientOrderID
    public let attempt: Int
    public let direction: Direction
    public let at: Instant
    public let body: JSONValue
    /// Of the body's text.
    public let digest: Digest
}

extension StoreReader {
    /// The messages about one order, as they came.
    public func orderMessages(order: ClientOrderID) throws -> [OrderMessage] {
        let sql = "SELECT * FROM order_messages WHERE client_order_id = ? ORDER BY id"
        return try rows(sql, [order.text], table: "order_messages", message)
    }

    /// The messages about all orders of an intent, as they came.
    public func orderMessages(intent: IntentID) throws -> [OrderMessage] {
        let sql = """
            SELECT m.* FROM order_messages m
            JOIN orders o ON o.client_order_id = m.client_order_id
            WHERE o.intent_id = ?
            ORDER BY m.id
            """
        return try rows(sql, [intent.text], table: "order_messages", message)
    }

    private func message(_ fields: Fields) throws -> OrderMessage {
        OrderMessage(
            id: try fields.int64("id"), clientOrderID: try fields.id("client_order_id"),
            attempt: try fields.int("attempt"), direction: try fields.choice("direction"),
            at: try fields.instant("at"), body: try fields.json("body"), digest: try fields.digest("digest"))
    }
}

extension StoreWriter {
    /// Adds a message and returns its number.
    @discardableResult
    public func appendOrderMessage(
        _ order: ClientOrderID, attempt: Int, direction: OrderMessage.Direction, at: Instant, body: JSONValue
    ) throws -> Int64 {
        let text = body.text
        return try insert(
            """
            INSERT INTO order_messages (client_order_id, attempt, direction, at, body, digest)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [order.text, attempt, direction.rawValue, at.microseconds, text, Digest(of: text).hex])
    }
}
