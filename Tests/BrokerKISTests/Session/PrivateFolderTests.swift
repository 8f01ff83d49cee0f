import Core
import Foundation
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Files that only this user may read")
struct PrivateFolderTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("state/tokens") }

    init() throws { folder = try TemporaryFolder() }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test("The folder is made with mode 0700 and its files with 0600, whatever the umask")
    func modes() throws {
        let files = try PrivateFolder(preparing: path)
        try files.replace("x.json", with: Array("one".utf8), isDurable: true)
        #expect(try mode(path) == 0o700)
        #expect(try mode(path + "/x.json") == 0o600)
        #expect(files.read("x.json", limit: 3) == Array("one".utf8))
        #expect(files.read("x.json", limit: 2) == nil)
        #expect(files.read("y.json", limit: 3) == nil)
    }

    @Test("A folder that others can read is closed to them; one they can write to is refused, and so is a link")
    func folders() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(path, 0o755)
        _ = try PrivateFolder(preparing: path)
        #expect(try mode(path) == 0o700)
        chmod(path, 0o770)
        #expect(throws: PrivateFolder.Failure.self) { try PrivateFolder(preparing: path) }
        chmod(path, 0o700)
        let link = folder.path("link")
        symlink(path, link)
        #expect(throws: PrivateFolder.Failure.self) { try PrivateFolder(preparing: link) }
        let file = try folder.write("x", to: "file")
        #expect(throws: PrivateFolder.Failure.self) { try PrivateFolder(preparing: file) }
    }

    @Test(
        "A file that others could read or write is not believed, a link not followed, and the next writing replaces it")
    func files() throws {
        let files = try PrivateFolder(preparing: path)
        let other = try folder.write("planted", to: "other")
        for (name, prepare) in [
            ("a", { (place: String) in chmod(place, 0o640) == 0 }),
            ("b", { chmod($0, 0o602) == 0 }),
            ("c", { unlink($0) == 0 && symlink(other, $0) == 0 }),
            ("d", { unlink($0) == 0 && mkfifo($0, 0o600) == 0 }),
        ] as [(String, (String) -> Bool)] {
            try files.replace(name, with: Array("old".utf8), isDurable: false)
            #expect(prepare(files.file(name)))
            #expect(files.read(name, limit: 100) == nil)
            try files.replace(name, with: Array("new".utf8), isDurable: false)
            #expect(files.read(name, limit: 100) == Array("new".utf8))
            #expect(try mode(files.file(name)) == 0o600)
        }
        #expect(try String(contentsOfFile: other, encoding: .utf8) == "planted")
    }

    @Test("What a killed writer left beside the file is replaced")
    func leftOver() throws {
        let files = try PrivateFolder(preparing: path)
        symlink("/etc/hostname", files.file("x.new"))
        try files.replace("x", with: [1], isDurable: false)
        #expect(files.read("x", limit: 9) == [1])
        #expect(!FileManager.default.fileExists(atPath: files.file("x.new")))
    }
}
