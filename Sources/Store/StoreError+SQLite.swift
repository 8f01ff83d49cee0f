internal import GRDB

extension StoreError {
    /// The operator's name for an error of SQLite; our own errors and the caller's pass unchanged.
    static func naming(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return naming(error, path: path)
    }

    static func naming(_ error: DatabaseError, path: String) -> StoreError {
        let detail = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy(path: path)
        case .SQLITE_FULL: return .diskFull(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM: return .readOnly(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .corrupt(path: path, detail: detail)
        case .SQLITE_CANTOPEN: return .cannotOpen(path: path, detail: detail)
        case .SQLITE_CONSTRAINT: return .ruleViolated(detail: detail)
        default: return .failed(path: path, detail: "\(detail) (SQLite result \(error.resultCode.rawValue))")
        }
    }
}

extension StoreError {
    /// The same where only errors of the store can come up.
    static func closed(_ error: any Error, path: String) -> StoreError {
        switch error {
        case let error as StoreError: error
        case let error as DatabaseError: naming(error, path: path)
        default: .failed(path: path, detail: "\(error)")
        }
    }
}
