internal import Core
public import Glibc
internal import Settings

/// Files of the working folder, written so that a reader sees the old content or the new one, never half.
public enum FileWriting {
    /// Writes beside the file, then renames; folders on the way are created.
    ///
    /// - Parameter isDurable: whether the content is on the disk before it takes the old one's place: for what cannot simply be
    ///   made again.
    public static func replace(
        _ path: String, with content: [UInt8], mode: mode_t = 0o644, isDurable: Bool = false
    ) throws {
        if let slash = path.lastIndex(of: "/") { try createFolder(String(path[..<slash])) }
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("written", path, errno) }
        let isWritten = writeAll(content, to: descriptor) && (!isDurable || fsync(descriptor) == 0)
        let reason = errno
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let code = isWritten ? errno : reason
            unlink(temporary)
            throw failure("written", path, code)
        }
    }

    /// Creates a folder and what leads to it, readable by this user only.
    public static func createFolder(_ path: String) throws {
        guard access(path, F_OK) != 0 else { return }
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += (built.isEmpty || built.hasSuffix("/") ? "" : "/") + part
            if mkdir(built, 0o700) != 0, errno != EEXIST { throw failure("created", built, errno) }
        }
    }

    /// The whole file.
    ///
    /// - Parameter limit: in bytes; a longer file, or one without an end, is refused instead of filling the memory.
    public static func read(_ path: String, limit: Int = .max) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", path, errno) }
        defer { close(descriptor) }
        return try read(descriptor, named: path, limit: limit)
    }

    /// The same of a file on a disk. A pipe without a writer would hold the caller for ever: whatever is no such file is
    /// refused.
    public static func readRegular(_ path: String, limit: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("read", path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure("read", path, EINVAL)
        }
        return try read(descriptor, named: path, limit: limit)
    }

    /// All that an open file, a pipe or a terminal gives until it ends.
    ///
    /// - Parameters:
    ///   - path: its name in messages.
    ///   - wait: asked before each reading until there is something to read; it throws where nobody waits any longer.
    public static func read(
        _ descriptor: Int32, named path: String, limit: Int, whileWaiting wait: (() throws -> Void)? = nil
    ) throws -> [UInt8] {
        var content: [UInt8] = []
        var status = stat()
        if fstat(descriptor, &status) == 0 { content.reserveCapacity(min(Int(status.st_size), limit)) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let wait {
                try wait()
                guard isReadable(descriptor) else { continue }
            }
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return content }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("read", path, errno) }
            guard count <= limit - content.count else { throw tooLong(path, limit) }
            content += buffer[..<count]
        }
    }

    /// Whether something can be read, or the end: waits a tenth of a second for it.
    private static func isReadable(_ descriptor: Int32) -> Bool {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, 100) != 0 && event.revents != 0
    }

    /// Takes a file away; one that is not there is none.
    public static func remove(_ path: String) { unlink(path) }

    /// The names in a folder, ascending; none if there is no such folder.
    public static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            withUnsafeBytes(of: &entry.pointee.d_name) {
                names.append(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self))
            }
        }
        return names.sorted()
    }

    private static func tooLong(_ path: String, _ limit: Int) -> StepFailure {
        StepFailure(
            code: "file-too-long", message: "\(path) has more than \(limit) bytes.",
            hint: "Nothing was done. Check that it is the file you mean.", isRetryable: false, exitCode: .badInput)
    }

    /// The place that a path really names, links followed; the path itself where nothing is there.
    public static func resolved(_ path: String) -> String {
        let place = realpath(path, nil)
        defer { free(place) }
        return place.map { String(cString: $0) } ?? path
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Writes everything; `false` when the other end is gone or the disk is full.
    @discardableResult
    public static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { offset += count } else if count < 0, errno == EINTR { continue } else { return false }
        }
        return true
    }

    /// A file somebody named and that cannot be read is bad input; a folder that may not be written is the installation's.
    private static func exitCode(_ verb: String, _ code: Int32) -> ExitCode {
        if verb == "read" { return .badInput }
        return code == EACCES || code == EROFS || code == EPERM || code == ENOTDIR ? .configuration : .internalError
    }

    private static func failure(_ verb: String, _ path: String, _ code: Int32) -> StepFailure {
        StepFailure(
            code: "file-not-\(verb)", message: "\(path) cannot be \(verb): \(String(cString: strerror(code))).",
            hint: "What was there before is unchanged. Check the name, the rights and the free space.",
            isRetryable: true, exitCode: exitCode(verb, code))
    }
}
