internal import Core
internal import Cycle
internal import MarketData
internal import Settings

/// Files of splits and dividends: the embedded exchange's own, and those that are imported.
enum CorporateActionsFile {
    /// Those of the embedded exchange.
    ///
    /// - Parameter path: `nil` where none is configured.
    static func read(_ path: String?, _ settings: Settings) throws -> [CorporateAction] {
        guard let path else { return [] }
        if let problem = settings.namedFiles.first(where: { $0.path == path })?.problem {
            throw SettingsErrors([problem])
        }
        return try read(path)
    }

    static func read(_ path: String) throws -> [CorporateAction] {
        do { return try CorporateActionsReader.read(try FileWriting.read(path), path: path) } catch let error
            as CorporateActionsError
        {
            throw StepFailure(
                code: "bad-actions-file", message: "\(error)", hint: "Nothing was done.", isRetryable: false,
                exitCode: .badInput)
        }
    }
}
