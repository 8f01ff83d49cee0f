internal import Synchronization

/// What a command has opened and closes at its end, whatever that end is: a broker lets go of a client that says goodbye at once,
/// and the next process finds its place free.
final class OpenConnections: Sendable {
    /// Those of the command that runs.
    @TaskLocal static var ofCommand: OpenConnections?

    private let closings = Mutex<[@Sendable () async -> Void]>([])

    func add(_ closing: @escaping @Sendable () async -> Void) { closings.withLock { $0.append(closing) } }

    private func closeAll() async {
        let all = closings.withLock { closings in
            defer { closings = [] }
            return closings
        }
        for closing in all { await closing() }
    }

    /// Runs a command and closes what it has opened.
    static func closing<Result: Sendable>(after command: () async -> Result) async -> Result {
        let connections = OpenConnections()
        let result = await $ofCommand.withValue(connections) { await command() }
        await connections.closeAll()
        return result
    }
}
