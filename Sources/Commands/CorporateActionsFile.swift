internal import Core
internal import Cycle
internal import MarketData

/// The splits and dividends of the embedded exchange.
enum CorporateActionsFile {
    /// - Parameter path: `nil` where none is configured.
    static func read(_ path: String?) throws -> [CorporateAction] {
        guard let path else { return [] }
        do { return try CorporateActionsReader.read(try FileWriting.read(path), path: path) } catch let error
            as CorporateActionsError
        {
            throw StepFailure(
                code: "bad-actions-file", message: "\(error)", hint: "Nothing was done.", isRetryable: false,
                exitCode: .badInput)
        }
    }
}
