#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Under a name of its own, as a member of `FileSystem` has the C one.
private func hardLink(_ path: String, _ second: String) -> Int32 { link(path, second) }

/// The few calls the store makes beside SQLite. None opens the database file itself while SQLite has it open: closing
/// such a descriptor would drop SQLite's locks.
enum FileSystem {
    /// Bytes, or `nil` if there is no such file.
    static func size(of path: String) -> Int? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        return Int(info.st_size)
    }

    /// Where the file really lies; the path itself if there is none.
    static func resolved(_ path: String) -> String {
        let place = realpath(path, nil)
        defer { free(place) }
        return place.map { String(cString: $0) } ?? path
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Creates the folder (mode 0700) and the empty file (mode 0600) where they are missing.
    static func prepareFile(_ path: String) throws(StoreError) {
        try prepareFolder(of: path)
        let descriptor = Retry.interrupted { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw .cannotOpen(path: path, detail: reason(errno)) }
            return
        }
        _ = close(descriptor)
    }

    static func prepareFolder(of path: String) throws(StoreError) { try createFolder(folder(of: path), for: path) }

    private static func createFolder(_ folder: String, for path: String) throws(StoreError) {
        if folder == "." || folder == "/" || size(of: folder) != nil { return }
        try createFolder(self.folder(of: folder), for: path)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw .cannotOpen(path: path, detail: "the folder \(folder) cannot be created: \(reason(errno))")
        }
    }

    /// Makes the file and its name durable.
    static func synchronise(_ path: String) throws(StoreError) {
        for name in [path, folder(of: path)] {
            let descriptor = Retry.interrupted { open(name, O_RDONLY | O_CLOEXEC) }
            guard descriptor >= 0 else { throw .backupFailed(path: path, detail: reason(errno)) }
            defer { _ = close(descriptor) }
            guard fsync(descriptor) == 0 else { throw .backupFailed(path: path, detail: reason(errno)) }
        }
    }

    static func link(_ path: String, _ second: String) throws(StoreError) {
        guard hardLink(path, second) == 0 else { throw .backupFailed(path: second, detail: reason(errno)) }
    }

    static func move(_ path: String, _ target: String) throws(StoreError) {
        guard rename(path, target) == 0 else { throw .backupFailed(path: target, detail: reason(errno)) }
    }

    static func remove(_ path: String) { _ = unlink(path) }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    static func pause(milliseconds: UInt32) { _ = usleep(milliseconds * 1000) }

    /// A lock on the folder that a file really lies in, freed by the kernel if the process dies. Who changes what file the
    /// name stands for holds it alone; who opens the file shares it.
    struct FolderLock: ~Copyable {
        private let descriptor: Int32

        /// For its holder alone.
        init(of path: String) throws(StoreError) { descriptor = try Self.held(path) }

        /// Shared.
        ///
        /// - Throws: ``StoreError/busy(path:)`` if somebody holds it alone for longer than `patience`.
        init(of path: String, sharedWithin patience: Duration) throws(StoreError) {
            descriptor = try Self.shared(path, patience)
        }

        private static func held(_ path: String) throws(StoreError) -> Int32 {
            let descriptor = try openFolder(path)
            guard Retry.interrupted({ flock(descriptor, LOCK_EX) }) == 0 else {
                let code = errno
                _ = close(descriptor)
                throw .cannotOpen(path: path, detail: reason(code))
            }
            return descriptor
        }

        private static func shared(_ path: String, _ patience: Duration) throws(StoreError) -> Int32 {
            let descriptor = try openFolder(path)
            let start = ContinuousClock.now
            while flock(descriptor, LOCK_SH | LOCK_NB) != 0 {
                let code = errno
                guard code == EWOULDBLOCK || code == EINTR, start.duration(to: .now) < patience else {
                    _ = close(descriptor)
                    throw code == EWOULDBLOCK ? .busy(path: path) : .cannotOpen(path: path, detail: reason(code))
                }
                FileSystem.pause(milliseconds: 10)
            }
            return descriptor
        }

        private static func openFolder(_ path: String) throws(StoreError) -> Int32 {
            let folder = FileSystem.folder(of: FileSystem.resolved(path))
            let descriptor = Retry.interrupted { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            guard descriptor >= 0 else { throw .cannotOpen(path: path, detail: reason(errno)) }
            return descriptor
        }

        func release() { _ = close(descriptor) }
    }

    private enum Retry {
        /// Repeats a call that a signal interrupted.
        static func interrupted(_ call: () -> Int32) -> Int32 {
            while true {
                let result = call()
                if result != -1 || errno != EINTR { return result }
            }
        }
    }
}
