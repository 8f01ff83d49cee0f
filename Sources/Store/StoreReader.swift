internal import GRDB

/// What may be read inside one transaction: a consistent picture of the state.
///
/// The named functions stand in the files of their tables. An instance is valid only inside the closure of
/// ``StateDatabase/read(_:)`` or ``StateDatabase/write(durable:_:)`` that it was passed to.
public class StoreReader {
    let db: Database

    init(_ db: Database) { self.db = db }
}

/// What may be written inside one transaction, and everything a ``StoreReader`` reads.
///
/// Nothing is stored unless the closure returns: an error undoes the whole transaction.
public final class StoreWriter: StoreReader {
    /// Runs a part of the transaction that may fail without taking the rest along: what it had written is undone.
    ///
    /// - Throws: what the part throws; a rule of the schema that refused a row as ``StoreError/ruleViolated(detail:)``.
    public func attempt<Value>(_ part: () throws -> Value) throws -> Value {
        var outcome: Result<Value, any Error>?
        do {
            try db.inSavepoint {
                outcome = .success(try part())
                return .commit
            }
        } catch {
            throw StoreError.naming(error, path: "the state database")
        }
        guard let outcome else {
            throw StoreError.failed(path: "the state database", detail: "a savepoint did nothing")
        }
        return try outcome.get()
    }
}

/// A value bound to a statement.
typealias Argument = (any DatabaseValueConvertible)?

extension StoreReader {
    func rows<Value>(
        _ sql: String, _ arguments: [Argument] = [], table: String, _ map: (Fields) throws -> Value
    ) throws -> [Value] {
        let statement = try db.cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
        var values: [Value] = []
        while let row = try cursor.next() { values.append(try map(Fields(row: row, table: table))) }
        return values
    }

    func firstRow<Value>(
        _ sql: String, _ arguments: [Argument] = [], table: String, _ map: (Fields) throws -> Value
    ) throws -> Value? {
        let statement = try db.cachedStatement(sql: sql)
        guard let row = try Row.fetchOne(statement, arguments: StatementArguments(arguments)) else { return nil }
        return try map(Fields(row: row, table: table))
    }

    /// The first column of the first row; `nil` for no row and for NULL.
    func scalar<Value: DatabaseValueConvertible>(_ sql: String, _ arguments: [Argument] = []) throws -> Value? {
        try Value.fetchOne(try db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    }

    func exists(_ sql: String, _ arguments: [Argument] = []) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT EXISTS (\(sql))")
        return try Bool.fetchOne(statement, arguments: StatementArguments(arguments)) ?? false
    }

    /// A list under a filter: ascending by `order`, or the newest rows when the filter has a limit.
    func list<Value>(
        _ select: String, _ conditions: Conditions, order: [String], table: String, _ map: (Fields) throws -> Value
    ) throws -> [Value] {
        let (clause, arguments) = conditions.sql
        guard let limit = conditions.limit else {
            return try rows(
                "\(select)\(clause) ORDER BY \(order.joined(separator: ", "))", arguments, table: table, map)
        }
        let descending = order.map { "\($0) DESC" }.joined(separator: ", ")
        let sql = "\(select)\(clause) ORDER BY \(descending) LIMIT ?"
        return try rows(sql, arguments + [limit], table: table, map).reversed()
    }
}

extension StoreWriter {
    /// Runs a statement and tells how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: [Argument] = []) throws -> Int {
        try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
        return db.changesCount
    }

    /// The same, and the row id of the inserted row.
    func insert(_ sql: String, _ arguments: [Argument]) throws -> Int64 {
        try run(sql, arguments)
        return db.lastInsertedRowID
    }
}
