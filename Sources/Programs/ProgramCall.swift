/// A program to run, as it is run: without a shell, with exactly these arguments and this environment.
public struct ProgramCall: Hashable, Sendable {
    /// The program and its arguments. A program without a slash is sought in the `PATH` of ``environment``; a relative path
    /// starts at ``folder``.
    public var command: [String]
    /// All that the program sees of ours.
    public var environment: [String: String]
    /// Its working folder.
    public var folder: String
    /// What it reads on its standard input.
    public var input: [UInt8]
    /// Counted from the start. Then its process group gets SIGTERM, and a second later whatever is left SIGKILL.
    public var deadline: Duration
    /// Bytes of standard output beyond which it is ended.
    public var outputLimit: Int
    /// Bytes of standard error that are kept; what comes behind them is dropped.
    public var errorLimit: Int

    public init(
        command: [String], environment: [String: String], folder: String, input: [UInt8], deadline: Duration,
        outputLimit: Int, errorLimit: Int = 65_536
    ) {
        self.command = command
        self.environment = environment
        self.folder = folder
        self.input = input
        self.deadline = deadline
        self.outputLimit = outputLimit
        self.errorLimit = errorLimit
    }
}

/// How a program ended, and what it said until then. Nothing that it started is left.
public struct ProgramOutcome: Hashable, Sendable {
    public enum End: Hashable, Sendable {
        case exited(status: Int32)
        /// By a signal that takt did not send.
        case signalled(Int32)
        /// It did not end by its deadline.
        case deadline
        /// It wrote more than ``ProgramCall/outputLimit``.
        case tooMuchOutput
        /// Whoever runs it was asked to stop.
        case stopped
        /// It was not run: the system's reason.
        case notStarted(String)
        /// Its keeper is gone, which nobody but a person or the system's memory guard can have ended.
        case lost
    }

    public let end: End
    /// What it wrote before it ended or was ended, at most ``ProgramCall/outputLimit`` bytes.
    public let output: [UInt8]
    public let errors: [UInt8]
    /// Bytes of standard error that were dropped.
    public let droppedErrors: Int

    public init(_ end: End, output: [UInt8] = [], errors: [UInt8] = [], droppedErrors: Int = 0) {
        self.end = end
        self.output = output
        self.errors = errors
        self.droppedErrors = droppedErrors
    }
}
