internal import Glibc

/// A small file that several processes of one user read and change: whole before or after, whatever dies in between.
struct IBStateFile: Hashable, Sendable {
    let path: String
    /// A longer one is not read.
    static let limit = 16 << 20
    /// The lock of the file is waited for so long, in microseconds, and looked at so often.
    private static let (patience, pause): (UInt32, UInt32) = (10_000_000, 10_000)

    /// - Returns: `nil` if there is none.
    func read() throws(IBMemoryFailure) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Self.failure("\(path) cannot be opened")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw IBMemoryFailure("\(path) is no plain file")
        }
        guard status.st_size <= Self.limit else { throw IBMemoryFailure("\(path) is longer than \(Self.limit) bytes") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let step = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if step < 0, errno == EINTR { continue }
            guard step >= 0 else { throw Self.failure("\(path) cannot be read") }
            if step == 0 { break }
            count += step
        }
        return Array(bytes.prefix(count))
    }

    /// Reads, changes and writes under a lock that every process takes: no change is lost to another's. What the change throws
    /// leaves the file as it is, and so does a change to nothing.
    ///
    /// - Parameter change: Given what is there. `nil` for nothing to write.
    func update(_ change: ([UInt8]?) throws(IBMemoryFailure) -> [UInt8]?) throws(IBMemoryFailure) {
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw Self.failure("\(path).lock cannot be made") }
        defer { close(lock) }
        // It is held for one small write; who dies gives it up. One that is stopped in it must not stop all others.
        var waited: UInt32 = 0
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK, waited < Self.patience else {
                throw Self.failure("\(path).lock cannot be locked, after \(waited / 1_000_000) s")
            }
            usleep(Self.pause)
            waited += Self.pause
        }
        guard let content = try change(try read()) else { return }
        try replace(content)
    }

    /// Written beside it, brought to the disk, and renamed; the folder's entry too.
    private func replace(_ content: [UInt8]) throws(IBMemoryFailure) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(temporary) cannot be made") }
        let isWritten = Self.write(content, to: descriptor) && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let reason = isWritten ? errno : code
            unlink(temporary)
            throw Self.failure("\(path) cannot be written", reason)
        }
        let folder = open(
            path.lastIndex(of: "/").map { String(path[..<$0]) + "/" } ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure("the folder of \(path) cannot be opened") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Self.failure("the folder of \(path) cannot be brought to the disk") }
    }

    private static func write(_ content: [UInt8], to descriptor: Int32) -> Bool {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A folder, and what leads to it, where they are missing.
    static func makeFolder(_ path: String) throws(IBMemoryFailure) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += (built.isEmpty || built.hasSuffix("/") ? "" : "/") + part
            guard mkdir(built, 0o700) == 0 || errno == EEXIST else {
                throw failure("the folder \(built) cannot be made")
            }
        }
    }

    private static func failure(_ what: String, _ code: Int32 = errno) -> IBMemoryFailure {
        IBMemoryFailure("\(what): \(String(cString: strerror(code)))")
    }
}
