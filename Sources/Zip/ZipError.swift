internal import Core

/// Why an archive is refused.
public enum ZipError: Error, Hashable, Sendable, CustomStringConvertible {
    /// - Parameters:
    ///   - entry: `nil` for the archive as a whole.
    ///   - problem: goes on from the entry's name, or from "the archive:".
    case damaged(entry: String?, offset: Int, problem: String)
    case tooLarge(_ what: String, count: Int, limit: Int, unit: String)

    /// Names in it may come from a hostile file.
    public var description: String {
        switch self {
        case .damaged(let entry?, _, let problem): "'\(entry)' \(problem)".plain(limit: Self.textLimit)
        case .damaged(nil, _, let problem): problem.plain(limit: Self.textLimit)
        case .tooLarge(let what, let count, let limit, let unit): "\(what) has \(count) \(unit), \(limit) are the most"
        }
    }

    private static let textLimit = 1000
}
