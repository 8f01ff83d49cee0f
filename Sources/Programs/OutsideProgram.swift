internal import CKeeper
internal import Dispatch
internal import Glibc

/// Runs programs of somebody else's: bounded in time and in what they may say, and gone, with everything they started, when
/// the run is over or this process is.
public enum OutsideProgram {
    /// - Parameter shouldStop: Asked ten times a second; once it says yes the program is ended.
    public static func run(
        _ call: ProgramCall, shouldStop: @escaping @Sendable () -> Bool = { false }
    ) async -> ProgramOutcome {
        // On a thread of its own: a slow program must not hold one of the few threads of Swift's cooperative pool.
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "takt.program").async { @Sendable in
                continuation.resume(returning: withoutBrokenPipes { runHere(call, shouldStop) })
            }
        }
    }

    private static func runHere(_ call: ProgramCall, _ shouldStop: () -> Bool) -> ProgramOutcome {
        guard let name = call.command.first else { return ProgramOutcome(.notStarted("no program is named")) }
        guard let path = path(of: name, call) else {
            return ProgramOutcome(.notStarted("no folder of PATH has an executable file \(name)"))
        }
        var keeper = ckeeper()
        let code = start(call, path, &keeper)
        guard code == 0 else { return ProgramOutcome(.notStarted(reason(code))) }
        var run = ProgramRun(call, keeper)
        return run.outcome(shouldStop)
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The file that a name without a slash means.
    private static func path(of name: String, _ call: ProgramCall) -> String? {
        if name.contains("/") { return name }
        let folders = (call.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.lazy.map { "\($0)/\(name)" }.first { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
    }

    private static func start(_ call: ProgramCall, _ path: String, _ keeper: inout ckeeper) -> Int32 {
        let environment = call.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return withTexts(call.command) { arguments in
            withTexts(environment) { variables in
                path.withCString { path in
                    call.folder.withCString { folder in
                        var wanted = ckeeper_call(
                            path: path, arguments: arguments, environment: variables, folder: folder)
                        return ckeeper_start(&wanted, &keeper)
                    }
                }
            }
        }
    }

    /// The texts as C has them: a list of pointers with a null at its end.
    private static func withTexts<Value>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
    ) -> Value {
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { list[index] = strdup(text) }
        list[texts.count] = nil
        defer {
            for index in texts.indices { free(list[index]) }
            list.deallocate()
        }
        return body(list)
    }

    /// A program that closes its input early gives our write an error, and never this process a signal.
    private static func withoutBrokenPipes<Value>(_ body: () -> Value) -> Value {
        var broken = sigset_t()
        sigemptyset(&broken)
        sigaddset(&broken, SIGPIPE)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &broken, &before)
        defer {
            // One that waits for this thread would come as soon as it is let through.
            var atOnce = timespec()
            while sigtimedwait(&broken, nil, &atOnce) > 0 {}
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        return body()
    }
}
