public import Core
internal import Settings

/// The seven steps of the beat, by the names of their subcommands.
public enum StepName: String, Hashable, Sendable, CaseIterable, Comparable {
    case fetchBars = "fetch-bars"
    case decide
    case riskCheck = "risk-check"
    case submit
    case reconcile
    case report
    case alert

    /// Its place in the beat, from 0.
    public var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    public static func < (left: StepName, right: StepName) -> Bool { left.order < right.order }
}

/// What a timer may act on. One table for every command; see the contract.
public enum ExitCode: Int32, Hashable, Sendable, CaseIterable {
    case success = 0
    case halted = 10
    case breaksFound = 11
    case ordersInDoubt = 12
    case usage = 64
    case badInput = 65
    case unavailable = 69
    case internalError = 70
    case busy = 75
    case credentialsRefused = 77
    case configuration = 78
    case interrupted = 130
    case terminated = 143

    /// How urgent it is, for a command that ran several steps and has to answer with one code.
    var urgency: Int {
        switch self {
        case .success: 0
        case .halted: 1
        case .busy: 2
        case .breaksFound: 3
        case .badInput: 4
        case .unavailable: 5
        case .usage: 6
        case .credentialsRefused: 7
        case .configuration: 8
        case .internalError: 9
        case .ordersInDoubt: 10
        case .interrupted, .terminated: 11
        }
    }

    public static func mostUrgent(_ codes: [ExitCode]) -> ExitCode {
        codes.max { $0.urgency < $1.urgency } ?? .success
    }
}

public enum StepStatus: String, Hashable, Sendable { case succeeded, skipped, partial, failed, busy }

/// Why a step had nothing to do. Raw values are part of the contract.
public enum SkipReason: String, Hashable, Sendable {
    case marketClosed = "market-closed"
    case nothingToDo = "nothing-to-do"
    case halted
    case notReady = "not-ready"

    /// Whether a later run of the same cycle can come to another answer.
    var isLasting: Bool {
        switch self {
        case .marketClosed, .nothingToDo: true
        case .halted, .notReady: false
        }
    }
}

/// What went wrong, for the document's `error` and the operator.
public struct StepFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable, kebab-case.
    public let code: String
    public let message: String
    /// What to do next.
    public let hint: String
    public let isRetryable: Bool
    public let exitCode: ExitCode

    public init(code: String, message: String, hint: String, isRetryable: Bool, exitCode: ExitCode) {
        self.code = code
        self.message = message
        self.hint = hint
        self.isRetryable = isRetryable
        self.exitCode = exitCode
    }

    public var description: String { "\(message) \(hint)" }

    var json: JSONValue {
        [
            "code": .string(code), "message": .string(message), "hint": .string(hint), "retryable": .bool(isRetryable),
        ]
    }
}

/// What a step's body hands to the runner.
public struct StepResult: Sendable {
    public var status: StepStatus
    public var reason: SkipReason?
    public var summary: [JSONValue.Member]
    public var items: [JSONValue]
    public var warnings: [String]
    public var failure: StepFailure?
    public var exitCode: ExitCode
    /// The content address of what the step worked from, where it is kept as evidence.
    public var inputDigest: Digest?

    public init(
        _ status: StepStatus = .succeeded, reason: SkipReason? = nil, summary: [JSONValue.Member] = [],
        items: [JSONValue] = [], warnings: [String] = [], failure: StepFailure? = nil, exitCode: ExitCode = .success,
        inputDigest: Digest? = nil
    ) {
        self.status = status
        self.reason = reason
        self.summary = summary
        self.items = items
        self.warnings = warnings
        self.failure = failure
        self.exitCode = exitCode
        self.inputDigest = inputDigest
    }

    static func skipped(_ reason: SkipReason, _ why: String, exitCode: ExitCode = .success) -> StepResult {
        StepResult(.skipped, reason: reason, warnings: [why], exitCode: exitCode)
    }

    static func failed(_ failure: StepFailure) -> StepResult {
        StepResult(.failed, failure: failure, exitCode: failure.exitCode)
    }
}

/// The one document a step prints (`takt.step/1`), and the code its process ends with.
public struct StepDocument: Sendable {
    public let json: JSONValue
    public let exitCode: ExitCode

    public init(json: JSONValue, exitCode: ExitCode) {
        self.json = json
        self.exitCode = exitCode
    }

    public var isReplayed: Bool { json["replayed"]?.boolValue ?? false }
    public var status: StepStatus? { json["status"]?.stringValue.flatMap(StepStatus.init(rawValue:)) }
    public var items: [JSONValue] { json["items"]?.arrayValue ?? [] }

    struct Header {
        let step: StepName
        let cycle: CycleID
        let mode: String
        let attempt: Int
        let startedAt: Instant
        let finishedAt: Instant
    }

    static func make(_ header: Header, _ result: StepResult) -> StepDocument {
        let elapsed = header.finishedAt.duration(since: header.startedAt).components
        let milliseconds = Double(elapsed.seconds) * 1000 + Double(elapsed.attoseconds / 1_000_000_000_000) / 1000
        var members: [JSONValue.Member] = [
            .init("schema", "takt.step/1"), .init("step", .string(header.step.rawValue)),
            .init("cycle", JSONValue(header.cycle)), .init("profile", JSONValue(header.cycle.profile)),
            .init("mode", .string(header.mode)), .init("status", .string(result.status.rawValue)),
        ]
        if let reason = result.reason { members.append(.init("reason", .string(reason.rawValue))) }
        members += [
            .init("replayed", false), .init("attempt", .int(Int64(header.attempt))),
            .init("started_at", JSONValue(header.startedAt)), .init("finished_at", JSONValue(header.finishedAt)),
            .init("duration_ms", .double(milliseconds)), .init("summary", .object(result.summary)),
            .init("items", .array(result.items)), .init("warnings", .array(result.warnings.map { .string($0) })),
            .init("error", result.failure?.json ?? .null),
        ]
        return StepDocument(json: .object(members), exitCode: result.exitCode)
    }
}
