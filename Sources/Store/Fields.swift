internal import Core
internal import GRDB

/// One row, read into the types of `Core`. What does not fit is ``StoreError/damagedRow(table:detail:)``.
struct Fields {
    let row: Row
    let table: String

    func damaged(_ column: String, _ value: String) -> StoreError {
        .damagedRow(table: table, detail: "\(column) = \(value)")
    }

    private func present<Value>(_ value: Value?, _ column: String) throws(StoreError) -> Value {
        guard let value else { throw damaged(column, "NULL") }
        return value
    }

    func optionalText(_ column: String) -> String? { row[column] }
    func text(_ column: String) throws(StoreError) -> String { try present(row[column] as String?, column) }

    func optionalInt(_ column: String) -> Int? { row[column] }
    func int(_ column: String) throws(StoreError) -> Int { try present(row[column] as Int?, column) }
    func int64(_ column: String) throws(StoreError) -> Int64 { try present(row[column] as Int64?, column) }
    func flag(_ column: String) throws(StoreError) -> Bool { try int64(column) != 0 }
    func double(_ column: String) throws(StoreError) -> Double { try present(row[column] as Double?, column) }

    func optionalInstant(_ column: String) -> Instant? {
        (row[column] as Int64?).map { Instant(microseconds: $0) }
    }
    func instant(_ column: String) throws(StoreError) -> Instant { Instant(microseconds: try int64(column)) }

    func optionalAmount(_ column: String) throws(StoreError) -> FixedPoint? {
        guard let text = optionalText(column) else { return nil }
        guard let amount = try? FixedPoint(text) else { throw damaged(column, text) }
        return amount
    }
    func amount(_ column: String) throws(StoreError) -> FixedPoint { try present(try optionalAmount(column), column) }
    /// A column of `{"USD":"10000"}`.
    func optionalAmounts(_ column: String) throws(StoreError) -> [Currency: FixedPoint]? {
        guard let value = try optionalJSON(column) else { return nil }
        guard let amounts = value.amountsByCurrency else { throw damaged(column, value.text) }
        return amounts
    }
    func quantity(_ column: String) throws(StoreError) -> Quantity { Quantity(try amount(column)) }
    func price(_ column: String) throws(StoreError) -> Price { Price(try amount(column)) }
    func optionalPrice(_ column: String) throws(StoreError) -> Price? { try optionalAmount(column).map { Price($0) } }

    func currency(_ column: String) throws(StoreError) -> Currency {
        let text = try text(column)
        guard let currency = Currency(text) else { throw damaged(column, text) }
        return currency
    }

    func id<ID: TextID>(_ column: String) throws(StoreError) -> ID { ID(try text(column)) }
    func optionalID<ID: TextID>(_ column: String) -> ID? { optionalText(column).map { ID($0) } }

    func choice<Choice: RawRepresentable<String>>(_ column: String) throws(StoreError) -> Choice {
        let text = try text(column)
        guard let choice = Choice(rawValue: text) else { throw damaged(column, text) }
        return choice
    }

    func digest(_ column: String) throws(StoreError) -> Digest { try present(try optionalDigest(column), column) }
    func optionalDigest(_ column: String) throws(StoreError) -> Digest? {
        guard let text = optionalText(column) else { return nil }
        guard let digest = Digest(hex: text) else { throw damaged(column, text) }
        return digest
    }

    func json(_ column: String) throws(StoreError) -> JSONValue { try present(try optionalJSON(column), column) }
    func optionalJSON(_ column: String) throws(StoreError) -> JSONValue? {
        guard let text = optionalText(column) else { return nil }
        guard let value = try? JSONValue(parsing: text) else { throw damaged(column, text) }
        return value
    }

    func reasons(_ column: String) throws(StoreError) -> [Reason] {
        let value = try json(column)
        guard let reasons = [Reason](json: value) else { throw damaged(column, value.text) }
        return reasons
    }

    func cycle() throws(StoreError) -> CycleID {
        CycleID(profile: try id("profile"), barClose: try instant("cycle_close_at"))
    }

    /// The columns `order_type`, `limit_price`, `stop_price`, `trail_amount`, `trail_share`, `limit_offset`.
    func orderType() throws(StoreError) -> OrderType {
        let name = try text("order_type")
        let prices = OrderPrices(
            limit: try optionalPrice("limit_price"), stop: try optionalPrice("stop_price"),
            trailAmount: try optionalPrice("trail_amount"),
            trailShare: try optionalAmount("trail_share").map { Fraction($0) },
            limitOffset: try optionalPrice("limit_offset"))
        guard let prices, let type = OrderType(name: name, prices) else { throw damaged("order_type", name) }
        return type
    }

    /// The column `handling`: NULL where nothing is asked for.
    func handling() throws(StoreError) -> OrderHandling {
        guard let value = try optionalJSON("handling") else { return .plain }
        do {
            return try OrderHandling(EvidenceReader<HandlingProblem>(value, path: "handling"))
        } catch { throw damaged("handling", value.text) }
    }
}

private struct HandlingProblem: EvidenceFailure {
    static func evidence(path: String, problem: String) -> HandlingProblem { HandlingProblem() }
}

extension OrderType {
    /// The values of the columns ``Fields/orderType()`` reads, in its order.
    var columns: [(any DatabaseValueConvertible)?] {
        [
            name, limitPrice?.description, stopPrice?.description, trail?.amount?.description,
            trail?.share?.description, limitOffset?.description,
        ]
    }
}

extension [Reason] {
    /// `[{"code":…,"message":…}]`.
    var json: JSONValue { .array(map { ["code": .string($0.code), "message": .string($0.message)] }) }

    init?(json: JSONValue) {
        guard let items = json.arrayValue else { return nil }
        self = []
        for item in items {
            guard let code = item["code"]?.stringValue, let message = item["message"]?.stringValue else { return nil }
            append(Reason(code: code, message: message))
        }
    }
}
