internal import GRDB

/// The schema's history. Append only: a shipped migration is never edited.
enum Schema {
    struct Step: Sendable {
        let name: String
        /// Statements, in order.
        let sql: [String]
    }

    static let steps: [Step] = [
        Step(
            name: "001-first",
            sql: [Migration001.market, Migration001.cycles, Migration001.trading, Migration001.watch]),
        Step(name: "002-orders-and-flows", sql: [Migration002.ordersAndFlows]),
        Step(name: "003-actions", sql: [Migration003.actions]),
        Step(name: "004-transfers", sql: [Migration004.transfersAndAdjustments]),
        Step(name: "005-bar-windows", sql: [Migration005.barWindows]),
        Step(name: "006-valuations", sql: [Migration006.valuations]),
        Step(name: "007-proposals", sql: [Migration007.proposals]),
        Step(name: "008-consultations", sql: [Migration008.consultations, Migration008.decisionTimes]),
        Step(name: "009-revisions", sql: [Migration009.revisions]),
        Step(name: "010-auctions", sql: [Migration010.auctions]),
        Step(name: "011-order-types", sql: [Migration011.orderTypes]),
    ]

    /// What `PRAGMA user_version` says of a database that this binary can use.
    static let version = steps.count

    /// What `PRAGMA application_id` says of a database of takt: "TAKT" in ASCII.
    static let applicationID = 0x5441_4B54

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (index, step) in steps.enumerated() {
            migrator.registerMigration(step.name) { db in
                for sql in step.sql { try db.execute(sql: sql) }
                // The header is what an opening process looks at: it costs no read of the schema.
                try db.execute(sql: "PRAGMA application_id = \(applicationID)")
                try db.execute(sql: "PRAGMA user_version = \(index + 1)")
            }
        }
        return migrator
    }
}

/// The triggers that make a table append-only.
func appendOnly(_ table: String) -> String {
    """
    CREATE TRIGGER \(table)_is_never_updated BEFORE UPDATE ON \(table)
    BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END;
    CREATE TRIGGER \(table)_is_never_deleted BEFORE DELETE ON \(table)
    BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END;
    """
}
