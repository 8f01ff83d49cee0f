internal import Glibc

/// A folder of files that only this user may read: mode 0700, the files 0600.
///
/// What another user could have written is not believed and what another user could have read is not used again: such a file
/// counts as missing, and the next writing takes its place.
struct PrivateFolder: Hashable, Sendable {
    let path: String

    struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        let description: String
    }

    /// Makes the folder and what leads to it. One that others may read is closed to them; one that is not ours, that others
    /// may write to, or that is a symbolic link is refused.
    init(preparing path: String) throws(Failure) {
        self.path = path
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var descriptor = open(path, flags)
        if descriptor < 0, errno == ENOENT {
            try Self.make(path)
            descriptor = open(path, flags)
        }
        guard descriptor >= 0 else { throw Self.failure("the folder \(path) cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure("\(path) cannot be examined", errno) }
        guard status.st_uid == geteuid() else {
            throw Failure(description: "the folder \(path) belongs to another user; name one of your own")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw Failure(description: "others may write to the folder \(path); look what is in it, then chmod 700 it")
        }
        guard status.st_mode & 0o077 == 0 || fchmod(descriptor, 0o700) == 0 else {
            throw Self.failure("the folder \(path) cannot be closed to others", errno)
        }
    }

    /// Makes a folder and what leads to it, where they are missing.
    static func make(_ path: String) throws(Failure) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += (built.isEmpty || built.hasSuffix("/") ? "" : "/") + part
            guard mkdir(built, 0o700) == 0 || errno == EEXIST else {
                throw failure("the folder \(built) cannot be made", errno)
            }
        }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The whole file; `nil` if it is missing, longer than the limit, no plain file, or open to others.
    func read(_ name: String, limit: Int) -> [UInt8]? {
        let descriptor = open(file(name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0, status.st_size <= limit
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count <= limit {
            let step = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if step < 0, errno == EINTR { continue }
            guard step >= 0 else { return nil }
            if step == 0 { break }
            count += step
        }
        return count <= limit ? Array(bytes.prefix(count)) : nil
    }

    /// Writes beside the file, then renames, so that readers see the old or the new one whole. Only for holders of the file's
    /// lock: the name beside it is always the same, and what a killed writer left there is replaced.
    ///
    /// - Parameter isDurable: Whether the content is on the disk before it takes the old one's place.
    func replace(_ name: String, with content: [UInt8], isDurable: Bool) throws(Failure) {
        let target = file(name)
        let temporary = target + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(temporary) cannot be made", errno) }
        // Whatever the umask took away.
        let isWritten =
            fchmod(descriptor, 0o600) == 0 && Self.writeAll(content, to: descriptor)
            && (!isDurable || fsync(descriptor) == 0)
        let reason = errno
        close(descriptor)
        guard isWritten, rename(temporary, target) == 0 else {
            let code = isWritten ? errno : reason
            unlink(temporary)
            throw Self.failure("\(target) cannot be written", code)
        }
    }

    private static func writeAll(_ content: [UInt8], to descriptor: Int32) -> Bool {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    static func failure(_ what: String, _ code: Int32) -> Failure {
        Failure(description: "\(what): \(String(cString: strerror(code)))")
    }
}
