public import Core

/// Why the paper exchange cannot answer. Refusals of single orders are outcomes, not errors.
public enum PaperError: Error, Hashable, Sendable, CustomStringConvertible {
    /// SQLite refused; nothing of the call was kept.
    case database(path: String, detail: String)
    /// The file was written by a later release.
    case newerDatabase(path: String)
    /// The file holds the books of another account.
    case otherAccount(path: String, stored: AccountID, configured: AccountID)
    /// A stored value cannot be read back.
    case damaged(path: String, detail: String)
    /// The bars that matching needs could not be read; the books stand as before.
    case feed(symbol: Symbol, detail: String)
    /// An amount left the range of exact arithmetic; the books stand as before.
    case arithmetic(ArithmeticError)

    public var description: String {
        switch self {
        case .database(let path, let detail):
            "the paper exchange's database \(path) refused: \(detail). Nothing of this call was booked. "
                + "Check that its folder exists and is writable and that the disk has room, then run the command again."
        case .newerDatabase(let path):
            "the paper exchange's database \(path) was written by a newer takt. It is untouched. "
                + "Use that release, or move the file away to start with fresh books."
        case .otherAccount(let path, let stored, let configured):
            "the paper exchange's database \(path) holds account \(stored), the configuration asks for \(configured). "
                + "It is untouched. Name the stored account, or move the file away to start with fresh books."
        case .damaged(let path, let detail):
            "the paper exchange's database \(path) is damaged: \(detail). It is untouched. "
                + "Restore the file from a backup, or move it away to start with fresh books."
        case .feed(let symbol, let detail):
            "the bars of \(symbol) could not be read, so nothing was matched: \(detail). The books are unchanged. "
                + "Bring the bars up to date, then run the command again."
        case .arithmetic(let problem):
            "an amount on the paper exchange is out of range: \(problem). The books are unchanged. "
                + "Check prices and quantities of the order and of the bars."
        }
    }
}
