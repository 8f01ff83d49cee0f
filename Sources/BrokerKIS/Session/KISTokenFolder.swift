internal import Glibc

/// Where tokens and counts of calls lie: `state/tokens` of the working folder, a link to the user's own folder, so that all
/// working folders of a user share what KIS counts by app key: one token a minute, so many calls a second.
///
/// The link is made where nothing stands yet. What stands there already is used as it is: a real folder keeps a working
/// folder to itself, which is how an operator says that its keys are no other's. All processes of a working folder see the
/// same, whatever environment a timer gives them.
public struct KISTokenFolder: Hashable, Sendable {
    public let path: String
    /// Why the working folder keeps its tokens to itself though it should not; `nil` where all is as meant.
    public let note: String?

    /// - Parameters:
    ///   - own: `state/tokens` of the working folder.
    ///   - shared: The user's own folder; `nil` where none is known.
    public init(own: String, shared: String?) throws(KISConfigurationError) {
        do throws(PrivateFolder.Failure) {
            if let target = try Self.link(at: own) {
                path = try Self.end(of: own, target)
                note = nil
            } else if let shared, !Self.exists(own) {
                (path, note) = try Self.linking(own, to: shared)
            } else {
                path = try PrivateFolder(preparing: own).path
                note = nil
            }
        } catch {
            throw KISConfigurationError(
                key: own, detail: "\(error)", cure: "the folder of tokens has to be this user's alone, and writable")
        }
    }

    /// Where a link leads. One that cannot be followed is no reason to go on alone in silence: another process may hold the token.
    private static func end(of own: String, _ target: String) throws(PrivateFolder.Failure) -> String {
        do throws(PrivateFolder.Failure) { return try PrivateFolder(preparing: target).path } catch {
            throw PrivateFolder.Failure(
                description:
                    "\(own) leads to \(target), and \(error) (a unit with ProtectHome=yes sees no home); remove the link "
                    + "and make a folder in its place, mode 0700, if this working folder alone uses its keys")
        }
    }

    private static func linking(
        _ own: String, to shared: String
    ) throws(PrivateFolder.Failure) -> (path: String, note: String?) {
        let folder: PrivateFolder
        do throws(PrivateFolder.Failure) { folder = try PrivateFolder(preparing: shared) } catch {
            // A hardened unit may see no folder but the working one. One that trades alone with its key is as it should be.
            let note =
                "tokens and counts of calls are kept in \(own), for this working folder alone (\(error)): use its key in no other"
            return (try PrivateFolder(preparing: own).path, note)
        }
        if let parent = own.lastIndex(of: "/") { try PrivateFolder.make(String(own[..<parent])) }
        if symlink(folder.path, own) == 0 { return (folder.path, nil) }
        let reason = errno
        // Another process of this working folder was first.
        guard reason == EEXIST else {
            throw PrivateFolder.failure("the link \(own) to \(shared) cannot be made", reason)
        }
        guard let target = try link(at: own) else { return (try PrivateFolder(preparing: own).path, nil) }
        return (try end(of: own, target), nil)
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Where a link leads to; `nil` if there is none. One of another user is refused: it could lead anywhere.
    private static func link(at path: String) throws(PrivateFolder.Failure) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return nil }
        guard status.st_uid == geteuid() else {
            throw PrivateFolder.Failure(description: "the link \(path) belongs to another user; remove it")
        }
        var letters = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &letters, letters.count)
        guard count > 0, count < letters.count else {
            throw PrivateFolder.failure("the link \(path) cannot be read", errno)
        }
        let target = String(decoding: letters.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard target.hasPrefix("/") else {
            throw PrivateFolder.Failure(
                description: "the link \(path) leads to \(target), which is no absolute path; remove it")
        }
        return target
    }
}
