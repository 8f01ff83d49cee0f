internal import Broker
internal import Core
internal import Execution
internal import MarketData
internal import Store
internal import Settings

extension StepFailure {
    /// The failure that any error of a lower room means for a step.
    init(describing error: any Error) {
        switch error {
        case let failure as StepFailure: self = failure
        case let error as StoreError: self.init(store: error)
        case let error as BrokerError: self.init(error)
        case let error as BarSourceError: self.init(source: error)
        case let error as RouteRefusal:
            self.init(
                code: "no-route", message: "\(error)", hint: "Nothing was sent.", isRetryable: false,
                exitCode: .configuration)
        case let error as ArithmeticError:
            self.init(
                code: "arithmetic", message: "An amount could not be calculated: \(error).",
                hint: "Nothing was written. This is a defect or a hostile number; keep the log and report it.",
                isRetryable: false, exitCode: .internalError)
        default:
            self.init(
                code: "internal", message: "Unexpected error: \(error).",
                hint: "The transaction was undone; what earlier steps recorded stands. Keep the log and report it.",
                isRetryable: false, exitCode: .internalError)
        }
    }

    private init(_ error: BrokerError) {
        switch error {
        case .unavailable(let broker, let detail):
            self.init(
                code: "broker-unavailable", message: "Broker \(broker) cannot be reached: \(detail).",
                hint: "Orders already sent may be live; nothing is sent twice. The next beat tries again.",
                isRetryable: true, exitCode: .unavailable)
        case .credentialsRefused(let broker, let detail):
            self.init(
                code: "credentials-refused", message: "Broker \(broker) does not let takt in: \(detail).",
                hint: "Nothing was sent. Mend what it names, in .env or at the broker, and run the step again.",
                isRetryable: false,
                exitCode: .credentialsRefused)
        case .refused(let broker, let detail):
            self.init(
                code: "broker-refused", message: "Broker \(broker) refuses: \(detail).",
                hint: "Nothing was concluded from it. Mend what it names, and run the step again.", isRetryable: false,
                exitCode: .configuration)
        case .malformedAnswer(let broker, let detail):
            self.init(
                code: "malformed-answer", message: "Broker \(broker) gave an answer that cannot be read: \(detail).",
                hint: "Nothing was concluded from it. Run the step again; if it stays, keep the log and report it.",
                isRetryable: true, exitCode: .unavailable)
        }
    }

    private init(store error: StoreError) {
        let code: ExitCode
        switch error {
        case .busy: code = .unavailable
        case .missing, .cannotOpen, .foreignDatabase, .newerDatabase, .needsMigration, .readOnly: code = .configuration
        case .diskFull, .corrupt, .damagedRow, .staleState, .notFound, .conflictingFill, .conflictingContent,
            .valueTooLarge, .ruleViolated, .backupFailed, .restoreRefused, .inUse, .failed:
            code = .internalError
        }
        self.init(
            code: "state-database", message: "\(error).",
            hint: "The transaction was undone; what earlier ones recorded stands.",
            isRetryable: code == .unavailable, exitCode: code)
    }

    private init(source error: BarSourceError) {
        self.init(
            code: "bars-unavailable", message: "\(error).",
            hint: error.isRetryable
                ? "Bars held so far are unchanged; run fetch-bars again."
                : "Bars held so far are unchanged. Mend what it names, then run fetch-bars.",
            isRetryable: error.isRetryable, exitCode: error.isRetryable ? .unavailable : .configuration)
    }
}
