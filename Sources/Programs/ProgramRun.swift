internal import CKeeper
internal import Glibc

/// One run: feeds the program, listens to it, and ends it when its time or its space is used up.
struct ProgramRun {
    /// How it stands with the program. From ``running`` on it only goes down.
    private enum Phase: Int, Comparable {
        case running
        /// It has been asked to end.
        case terminating
        /// All that is left of it has been killed.
        case killed
        /// Killing did not help, which only a process that hangs inside the system withstands.
        case givenUp

        static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
    }

    /// Between SIGTERM and SIGKILL, and again until it is given up.
    private static let grace = Duration.seconds(1)
    /// How long one wait may take before it is asked whether to stop.
    private static let pulse = Duration.milliseconds(100)

    private let call: ProgramCall
    private let pid: pid_t
    private var input: Int32?
    private var output: Int32?
    private var errors: Int32?
    private var control: Int32?
    private var report: Int32?

    private var written = 0
    private var said: [UInt8] = []
    private var complained: [UInt8] = []
    private var dropped = 0
    /// What the keeper told of the end.
    private var reported: ProgramOutcome.End?
    /// Why we ended it.
    private var cause: ProgramOutcome.End?
    private var phase = Phase.running
    private var until: ContinuousClock.Instant
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(_ call: ProgramCall, _ keeper: ckeeper) {
        self.call = call
        pid = keeper.pid
        (input, output, errors) = (keeper.input, keeper.output, keeper.errors)
        (control, report) = (keeper.control, keeper.report)
        // Real time and not a replay's clock: the program runs in real time too.
        until = ContinuousClock.now.advanced(by: call.deadline)
    }

    mutating func outcome(_ shouldStop: () -> Bool) -> ProgramOutcome {
        feed()
        while isOpen, phase < .givenUp {
            if phase == .running, shouldStop() { end(because: .stopped) }
            if ContinuousClock.now >= until { passDeadline() }
            if phase < .givenUp { wait() }
        }
        closeAll()
        reap()
        return ProgramOutcome(
            cause ?? reported ?? .lost, output: said, errors: complained, droppedErrors: dropped)
    }

    /// The program and its keeper still have something to say.
    private var isOpen: Bool { output != nil || errors != nil || report != nil }

    // MARK: The end

    private mutating func end(because reason: ProgramOutcome.End) {
        guard phase == .running else { return }
        // One that has ended by itself meanwhile is not blamed for what it left behind.
        if reported == nil { cause = reason }
        phase = .terminating
        until = ContinuousClock.now.advanced(by: Self.grace)
        var word = UInt8(CKEEPER_TERMINATE)
        if let control { _ = Glibc.write(control, &word, 1) }
    }

    private mutating func passDeadline() {
        switch phase {
        case .running: end(because: .deadline)
        case .terminating:
            // The keeper kills what is left when the pipe ends.
            Self.close(&control)
            phase = .killed
            until = ContinuousClock.now.advanced(by: Self.grace)
        case .killed, .givenUp: phase = .givenUp
        }
    }

    private mutating func closeAll() {
        for end in [\ProgramRun.input, \.output, \.errors, \.control, \.report] { Self.close(&self[keyPath: end]) }
    }

    /// Takes the keeper away, which ends as soon as the last of its children has.
    private func reap() {
        let limit = ContinuousClock.now.advanced(by: Self.grace)
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0, ContinuousClock.now < limit { usleep(1_000) }
    }

    private static func close(_ descriptor: inout Int32?) {
        if let open = descriptor { _ = Glibc.close(open) }
        descriptor = nil
    }

    // MARK: Streams

    private mutating func wait() {
        let readers = [output, errors, report].compactMap { $0 }
        var events = readers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        if let input { events.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
        let left = min(max(until - ContinuousClock.now, .zero), Self.pulse)
        let milliseconds = left.components.attoseconds / 1_000_000_000_000_000 + 1
        guard poll(&events, nfds_t(events.count), Int32(milliseconds)) > 0 else { return }
        for event in events where event.revents != 0 {
            switch event.fd {
            case output: listen()
            case errors: note()
            case report: learn()
            default: feed()
            }
        }
    }

    private mutating func feed() {
        while let input, written < call.input.count {
            let count = call.input[written...].withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count > 0 {
                written += count
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                // It does not want to read more, which is its own affair.
                written = call.input.count
            }
        }
        Self.close(&input)
    }

    private mutating func listen() {
        guard let bytes = read(\.output) else { return }
        // What it says while it is being ended comes too late.
        guard phase == .running else { return }
        let room = call.outputLimit - said.count
        said += bytes.prefix(room)
        if bytes.count > room { end(because: .tooMuchOutput) }
    }

    private mutating func note() {
        guard let bytes = read(\.errors) else { return }
        let kept = bytes.prefix(call.errorLimit - complained.count)
        complained += kept
        dropped += bytes.count - kept.count
    }

    /// What the keeper has to tell.
    private mutating func learn() {
        guard let bytes = read(\.report) else { return }
        let size = MemoryLayout<ckeeper_report>.size
        for start in stride(from: 0, through: bytes.count - size, by: size) {
            let told = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: ckeeper_report.self) }
            // Of a program that could not be executed the first word counts; its process ends too.
            guard reported == nil else { continue }
            if told.kind == Int32(CKEEPER_NOT_EXECUTED.rawValue) {
                reported = .notStarted(OutsideProgram.reason(told.value))
            } else {
                let signal = ckeeper_signal(told.value)
                reported = signal > 0 ? .signalled(signal) : .exited(status: ckeeper_exit_status(told.value))
            }
        }
    }

    /// What one of the streams has now; `nil` for nothing. A stream that has ended is closed.
    private mutating func read(_ stream: WritableKeyPath<ProgramRun, Int32?>) -> ArraySlice<UInt8>? {
        guard let open = self[keyPath: stream] else { return nil }
        let count = buffer.withUnsafeMutableBytes { Glibc.read(open, $0.baseAddress, $0.count) }
        if count > 0 { return buffer[..<count] }
        if count < 0, errno == EAGAIN || errno == EINTR { return nil }
        Self.close(&self[keyPath: stream])
        return nil
    }
}
