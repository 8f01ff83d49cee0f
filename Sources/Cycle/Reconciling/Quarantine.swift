internal import Broker
internal import Core
internal import Ledger
internal import Settings
internal import Store

/// Keeps one report of a broker's that cannot be booked from holding up all the others: it stays outside the books, its
/// symbol is halted, and a person is woken. What the broker holds then differs from our books, which shows as a break too.
struct Quarantine {
    struct Report {
        /// For the operator, with its number: `execution E7`.
        let what: String
        /// What is halted; the broker as a whole where it is about none.
        let symbol: Symbol?
        let content: JSONValue
    }

    let beat: Beat
    let broker: any Broker

    static let code = "unbookable"

    /// Books the reports, and puts aside those that the books do not take.
    ///
    /// - Parameter book: Books the report of that number and returns whether it is new. It may be called twice.
    /// - Returns: For each report whether it is new; `false` for one that was put aside.
    func book(_ reports: [Report], in writer: StoreWriter, _ book: (Int) throws -> Bool) throws -> [Bool] {
        guard !reports.isEmpty else { return [] }
        // All at once as a rule: adding up costs more than all the rows.
        if let news = try? writer.attempt({ try Self.sound(writer) { try reports.indices.map(book) } }) { return news }
        return try reports.indices.map { index in
            do { return try writer.attempt { try Self.sound(writer) { [try book(index)] } } == [true] } catch {
                guard let detail = Self.unbookable(error) else { throw error }
                try putAside(reports[index], detail, in: writer)
                return false
            }
        }
    }

    /// A row that the schema takes may still be one that the ledger cannot add up.
    private static func sound(_ reader: StoreReader, _ change: () throws -> [Bool]) throws -> [Bool] {
        let news = try change()
        if news.contains(true) { _ = try Ledger.fold(try reader.ledgerEntries()) }
        return news
    }

    /// What is wrong with the report; `nil` if the fault is not the report's.
    private static func unbookable(_ error: any Error) -> String? {
        switch error {
        case StoreError.ruleViolated(let detail): detail
        case StoreError.conflictingFill(_, let booked, let reported):
            "it is booked as \(booked) and comes as \(reported)"
        case let error as LedgerError: "\(error)"
        case let error as ArithmeticError: "\(error)"
        default: nil
        }
    }

    /// Once for each report: the broker goes on listing it, and a halt that an operator has lifted must stay lifted.
    private func putAside(_ report: Report, _ detail: String, in writer: StoreWriter) throws {
        let key = "\(Self.code):\(broker.id):\(broker.account):\(report.what)"
        guard try writer.meta(key) == nil else { return }
        try writer.setMeta(key, beat.now.description)
        let scope = report.symbol.map { HaltScope.symbol($0) } ?? .broker(broker.id)
        let message = "\(report.what) at \(broker.id) cannot be booked: \(detail)"
        if try writer.setHalt(scope: scope, code: Self.code, message: message, at: beat.now, by: "takt") != nil {
            try writer.appendAudit(
                at: beat.now, actor: "takt", kind: "halt.set", subject: scope.description,
                payload: ["code": .string(Self.code), "message": .string(message), "report": report.content])
        }
        try AlertDesk(context: beat.context, now: beat.now).raise(
            key: key, severity: .critical, kind: Self.code,
            title: "Cannot be booked: \(report.what) at \(broker.id)",
            body: "\(detail). It is not in our books, everything else is; entries in \(scope) are halted. Compare with "
                + "the broker's statement, then lift the halt with `takt resume`.", fields: report.content, in: writer)
    }
}
