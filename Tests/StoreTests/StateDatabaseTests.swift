import Core
import GRDB
import Synchronization
import Testing

@testable import Store

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("State database")
struct StateDatabaseTests {
    @Test("A database is created from nothing, for the owner's eyes only, and opens again without a migration")
    func creates() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        #expect(try database.check() == [])
        #expect(try database.stats().tables.allSatisfy { $0.rows == 0 })
        #expect(try database.stats().schemaVersion == Schema.version)
        try database.close()
        #expect(scratch.files(in: "state") == ["takt.sqlite"])
        #expect(scratch.permissions(of: "state/takt.sqlite") == 0o600)
        #expect(scratch.permissions(of: "state") == 0o700)
        #expect(try StateDatabase.open(at: scratch.path, now: .fixture, migrate: false).check() == [])
        #expect(try scratch.open(.readOnly).read { try $0.currentSequence() } == 0)
    }

    @Test("Every table is STRICT")
    func strict() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let loose = try database.read { reader throws in
            try String.fetchAll(
                reader.db,
                sql: """
                    SELECT name FROM pragma_table_list
                    WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
                    """)
        }
        #expect(loose == [])
    }

    @Test("A missing database is not created by a reader, nor without leave to migrate")
    func missing() throws {
        let scratch = try Scratch()
        #expect(throws: StoreError.missing(path: scratch.path)) { try scratch.open(.readOnly) }
        #expect(throws: StoreError.missing(path: scratch.path)) {
            try StateDatabase.open(at: scratch.path, now: .fixture, migrate: false)
        }
        #expect(scratch.files(in: "") == [])
    }

    @Test("A database of a newer takt is refused and left alone")
    func newer() throws {
        let scratch = try Scratch()
        try scratch.open().close()
        try scratch.raw("PRAGMA user_version = 99")
        let refusal = StoreError.newerDatabase(path: scratch.path, found: 99, known: Schema.version)
        #expect(throws: refusal) { try scratch.open() }
        #expect(throws: refusal) { try scratch.open(.readOnly) }
        #expect(refusal.description.contains("newer takt"))
    }

    @Test("A migration that this binary does not know is refused although the header looks old")
    func superseded() throws {
        let scratch = try Scratch()
        try scratch.open().close()
        try scratch.raw("PRAGMA user_version = 0; INSERT INTO grdb_migrations VALUES ('999-future')")
        #expect(throws: StoreError.self) { try scratch.open() }
    }

    @Test("A database of another program is refused")
    func foreign() throws {
        let scratch = try Scratch()
        try scratch.open().close()
        try scratch.raw("PRAGMA application_id = 0")
        #expect(throws: StoreError.foreignDatabase(path: scratch.path)) { try scratch.open() }
    }

    @Test("Before a pending migration a usable copy is put beside the database")
    func backupBeforeMigration() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.setMeta("a", "b") }
        try database.backupBeforeMigration(from: 0, now: .fixture)
        let name = "takt.sqlite.before-001-first-20261125T153500Z.bak"
        #expect(scratch.files(in: "state").contains(name))
        let copy = try StateDatabase.open(at: "\(scratch.folder)/state/\(name)", now: .fixture, mode: .readOnly)
        #expect(try copy.read { try $0.meta("a") } == "b")
    }

    @Test(
        "A database of the first schema is migrated: a copy is kept, and its orders and marks read with what was not known then"
    )
    func migratesFirstSchema() throws {
        let scratch = try Scratch()
        try FileSystem.prepareFile(scratch.path)
        let old = try DatabaseQueue(path: scratch.path)
        try Schema.migrator.migrate(old, upTo: "001-first")
        try old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO orders VALUES ('external-1', NULL, 1, 'external', NULL, 'paper', 'A1', 'B1', 'NVDA', 'buy',
                        'market', NULL, NULL, '100', 'day', 'working', '40', '100.5', 1, 2, NULL, 0, NULL, '[]');
                    INSERT INTO ledger_events VALUES (7, 'paper', 'A1', 5, 'deposit',
                        '{"amount":"1000","currency":"USD"}', 'opening:cash:USD');
                    INSERT INTO equity_marks VALUES ('all', 'us-5m', 1, 1, 'USD', '1000', '1000', '0', '0', '1000', '0', '0');
                    """)
        }
        try old.close()

        #expect(throws: StoreError.needsMigration(path: scratch.path, found: 1, known: Schema.version)) {
            try StateDatabase.open(at: scratch.path, now: .fixture, migrate: false)
        }
        let database = try scratch.open()
        #expect(try database.check() == [])
        let order = try #require(try database.read { try $0.order(ClientOrderID("external-1")) })
        #expect(order.filledQuantity == Quantity(40) && order.filledBefore == .zero)
        #expect(order.doubtedAt == nil && order.cancelRequestedAt == nil)
        #expect(try database.read { try $0.lastEquityMark(scope: "all") }?.equity == Money(FixedPoint(1_000), .usd))
        let entry = LedgerEntry(
            broker: .paper, account: AccountID("A1"), at: Instant(microseconds: 5), sequence: 7,
            fact: .deposit(Money(FixedPoint(1_000), .usd)))
        #expect(try database.read { try $0.ledgerEntries() } == [entry])
        let copy = "takt.sqlite.before-002-orders-and-flows-20261125T153500Z.bak"
        #expect(scratch.files(in: "state").contains(copy))
        let kept = try DatabaseQueue(path: "\(scratch.folder)/state/\(copy)")
        #expect(try kept.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
    }

    @Test("A file that is no database is called damaged, and is not overwritten")
    func garbage() throws {
        let scratch = try Scratch()
        try scratch.open().close()
        try Garbage.write(scratch.path)
        #expect(throws: StoreError.self) { try scratch.open() }
        #expect(try Garbage.isIntact(scratch.path))
    }

    @Test("A durable write is synchronous FULL inside its transaction, another one NORMAL")
    func durability() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        func mode(_ durable: Bool) throws -> Int? {
            try database.write(durable: durable) { try Int.fetchOne($0.db, sql: "PRAGMA synchronous") }
        }
        #expect(try mode(true) == 2)
        #expect(try mode(false) == 1)
        #expect(try mode(false) == 1)
        #expect(try mode(true) == 2)
        #expect(try database.read { try String.fetchOne($0.db, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test("An error undoes the whole transaction and reaches the caller")
    func rollback() throws {
        struct Stop: Error {}
        let scratch = try Scratch()
        let database = try scratch.open()
        #expect(throws: Stop.self) {
            try database.write(durable: true) { writer throws in
                try writer.setMeta("a", "b")
                throw Stop()
            }
        }
        #expect(try database.read { try $0.meta("a") } == nil)
    }

    @Test("A read-only connection cannot write")
    func readOnly() throws {
        let scratch = try Scratch()
        try scratch.open().close()
        let database = try scratch.open(.readOnly)
        #expect(throws: StoreError.readOnly(path: scratch.path)) {
            try database.write(durable: false) { try $0.setMeta("a", "b") }
        }
    }

    @Test("Opening, reading and repeated writes of the same leave the content digest unchanged")
    func contentDigest() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        func fillTables() throws {
            try database.write(durable: false) { writer throws in
                try writer.upsertBars(.nvda, .fiveMinutes, [.fixture(0), .fixture(1)])
                try writer.insertIntent(.fixture())
                try writer.insertFill(.fixture())
                try writer.putEvidence("features", ["a": 1])
                try writer.setMeta("k", "v")
                try writer.setHalt(scope: "all", code: "kill-switch", message: "stop", at: .fixture, by: "test")
                try writer.appendLedgerEvent(
                    broker: .paper, account: AccountID("A1"), at: .fixture, fact: .deposit(.zero(.usd)),
                    externalID: "opening")
            }
        }
        let empty = try database.contentDigest()
        try fillTables()
        let full = try database.contentDigest()
        #expect(full != empty)
        try fillTables()
        #expect(try database.contentDigest() == full)
        try database.close()
        #expect(try scratch.open().contentDigest() == full)
        try scratch.raw("UPDATE bars SET close = close + 1 WHERE open_at = \(Instant.fixture.microseconds)")
        #expect(try scratch.open().contentDigest() != full)
    }

    @Test("Four writers with connections of their own never see a busy error")
    func concurrency() async throws {
        let scratch = try Scratch()
        let path = scratch.path
        // The first openers meet while the file does not exist yet.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let database = try StateDatabase.open(at: path, now: .fixture)
                    for round in 0..<300 {
                        try database.write(durable: round % 50 == 0) { transaction in
                            _ = try transaction.nextSequence()
                            try transaction.appendAudit(
                                at: .fixture, actor: "writer \(writer)", kind: "test", subject: "\(round)", payload: nil
                            )
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let database = try scratch.open()
        #expect(try database.read { try $0.currentSequence() } == 1200)
        guard case .intact(1200, _) = try database.read({ try $0.verifyAudit() }) else {
            Issue.record("the chain broke under concurrent writers")
            return
        }
    }
}

@Suite("Backup and restore")
struct BackupTests {
    @Test("A backup holds what was committed, and is never written over an existing file")
    func backup() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: false) { try $0.setMeta("a", "1") }
        let target = scratch.folder + "/copy.sqlite"
        try database.backup(to: target)
        let copy = try StateDatabase.open(at: target, now: .fixture, mode: .readOnly)
        #expect(try copy.contentDigest() == database.contentDigest())
        #expect(throws: StoreError.self) { try database.backup(to: target) }
    }

    @Test("A restore brings the backup's content and keeps the replaced database")
    func restore() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.setMeta("a", "old") }
        let target = scratch.folder + "/copy.sqlite"
        try database.backup(to: target)
        try database.write(durable: true) { try $0.setMeta("a", "new") }
        try database.close()
        let report = try StateDatabase.restore(from: target, to: scratch.path, now: .fixture)
        #expect(try scratch.open().read { try $0.meta("a") } == "old")
        let aside = try #require(report.replacedFile)
        let kept = try StateDatabase.open(at: aside, now: .fixture, mode: .readOnly)
        #expect(try kept.read { try $0.meta("a") } == "new")
        #expect(try scratch.open().check() == [])
    }

    @Test("A restore is refused while another connection is open, and changes nothing")
    func inUse() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let target = scratch.folder + "/copy.sqlite"
        try database.backup(to: target)
        try database.write(durable: true) { try $0.setMeta("a", "new") }
        #expect(throws: StoreError.inUse(path: FileSystem.resolved(scratch.path))) {
            try StateDatabase.restore(from: target, to: scratch.path, now: .fixture)
        }
        #expect(try database.read { try $0.meta("a") } == "new")
        try database.write(durable: true) { try $0.setMeta("a", "newer") }
        #expect(try scratch.open().read { try $0.meta("a") } == "newer")
    }

    @Test("A damaged or tampered backup is refused")
    func refused() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.setMeta("a", "1") }
        let garbage = scratch.folder + "/garbage.sqlite"
        try Garbage.write(garbage)
        for source in [garbage, scratch.folder + "/none.sqlite"] {
            #expect(throws: StoreError.self) {
                try StateDatabase.restore(from: source, to: scratch.path, now: .fixture)
            }
        }
        #expect(try database.read { try $0.meta("a") } == "1")
    }

    @Test("A damaged database can be replaced by a backup")
    func overDamage() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.setMeta("a", "1") }
        let target = scratch.folder + "/copy.sqlite"
        try database.backup(to: target)
        try database.close()
        try Garbage.write(scratch.path)
        let report = try StateDatabase.restore(from: target, to: scratch.path, now: .fixture)
        #expect(try scratch.open().read { try $0.meta("a") } == "1")
        #expect(try Garbage.isIntact(#require(report.replacedFile)))
    }

    @Test("The log of a database that is gone is not mixed into the restored one", arguments: ["-wal", "-journal"])
    func orphanedLog(suffix: String) throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.setMeta("a", "backed up") }
        let target = scratch.folder + "/copy.sqlite"
        try database.backup(to: target)
        try database.write(durable: true) { try $0.setMeta("a", "after the backup") }
        let log = try scratch.bytes(ofLog: scratch.path + "-wal")
        #expect(!log.isEmpty)
        try database.close()
        unlink(scratch.path)
        try scratch.put(log, at: scratch.path + suffix)

        _ = try StateDatabase.restore(from: target, to: scratch.path, now: .fixture)
        #expect(!scratch.files(in: "state").contains("takt.sqlite" + suffix))
        let restored = try scratch.open()
        #expect(try restored.read { try $0.meta("a") } == "backed up")
        #expect(try restored.check() == [])
        // A person may want to look at what it held.
        #expect(scratch.files(in: "state").contains { $0.contains(".replaced-") && $0.hasSuffix(suffix) })
    }

    @Test("A restore through a symbolic link replaces the database it points to")
    func linked() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.setMeta("a", "old") }
        let target = scratch.folder + "/copy.sqlite"
        try database.backup(to: target)
        try database.write(durable: true) { try $0.setMeta("a", "new") }
        try database.close()
        let link = scratch.folder + "/link.sqlite"
        #expect(symlink(scratch.path, link) == 0)
        _ = try StateDatabase.restore(from: target, to: link, now: .fixture)
        #expect(try scratch.open().read { try $0.meta("a") } == "old")
        #expect(try StateDatabase.open(at: link, now: .fixture).read { try $0.meta("a") } == "old")
    }

    @Test("An idle reader of a freshly restored database keeps the next restore away")
    func idleReader() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let target = scratch.folder + "/copy.sqlite"
        try database.backup(to: target)
        try database.close()
        _ = try StateDatabase.restore(from: target, to: scratch.path, now: .fixture)
        let reader = try scratch.open(.readOnly)
        #expect(throws: StoreError.inUse(path: FileSystem.resolved(scratch.path))) {
            try StateDatabase.restore(from: target, to: scratch.path, now: .fixture.advanced(bySeconds: 1))
        }
        #expect(try reader.read { try $0.meta("a") } == nil)
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set() { state.withLock { $0 = true } }
    }

    @Test("Whoever opens the database while its file is replaced waits until it is in place")
    func openerWaits() async throws {
        let scratch = try Scratch()
        try scratch.open().close()
        let path = scratch.path
        // The restore's side: the folder is held while another file takes the name.
        let lock = try FileSystem.FolderLock(of: path)
        do {
            let shared = try FileSystem.FolderLock(of: path, sharedWithin: .milliseconds(20))
            shared.release()
            Issue.record("the folder is held by one alone")
        } catch { #expect(error == .busy(path: path)) }
        let flag = Flag()
        let opener = Task.detached {
            try StateDatabase.open(at: path, now: .fixture).close()
            flag.set()
        }
        // Real time: the opener is free to go ahead, and only the lock can stop it.
        try await Task.sleep(for: .milliseconds(50))
        #expect(!flag.isSet)
        lock.release()
        try await opener.value
        #expect(flag.isSet)
    }
}
