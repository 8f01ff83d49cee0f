import Foundation
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Where tokens lie")
struct KISTokenFolderTests {
    private let folder: TemporaryFolder
    private var shared: String { folder.path("user/takt/tokens") }

    init() throws { folder = try TemporaryFolder() }

    private func own(_ home: String) -> String { folder.path("\(home)/state/tokens") }

    @Test("Two working folders of a user share one folder of tokens, which each shows at state/tokens")
    func sharing() throws {
        let places = try ["a", "b", "a"].map { try KISTokenFolder(own: own($0), shared: shared) }
        #expect(places.map(\.path) == [shared, shared, shared] && places.allSatisfy { $0.note == nil })
        try PrivateFolder(preparing: shared).replace("x.json", with: Array("one".utf8), isDurable: false)
        for home in ["a", "b"] {
            #expect(try String(contentsOfFile: own(home) + "/x.json", encoding: .utf8) == "one")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: shared)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test("A process that knows no home of the user finds what another one of its working folder has made")
    func environments() throws {
        #expect(try KISTokenFolder(own: own("a"), shared: nil).path == own("a"))
        #expect(try KISTokenFolder(own: own("a"), shared: shared).path == own("a"), "a real folder stays")
        #expect(try KISTokenFolder(own: own("b"), shared: shared).path == shared)
        #expect(try KISTokenFolder(own: own("b"), shared: nil).path == shared)
        #expect(try KISTokenFolder(own: own("b"), shared: folder.path("elsewhere")).path == shared)
    }

    @Test("A link whose end has gone, as on a new machine, is given its end again")
    func dangling() throws {
        _ = try KISTokenFolder(own: own("a"), shared: shared)
        try FileManager.default.removeItem(atPath: folder.path("user"))
        #expect(try KISTokenFolder(own: own("a"), shared: shared).path == shared)
        #expect(FileManager.default.fileExists(atPath: shared))
    }

    @Test("Where the user's folder cannot be had, the working folder keeps its tokens to itself and says so")
    func hidden() throws {
        let file = try folder.write("x", to: "file")
        let place = try KISTokenFolder(own: own("a"), shared: file + "/takt/tokens")
        #expect(place.path == own("a") && place.note?.contains("this working folder alone") == true)
    }

    @Test("A link to nowhere in particular and a shared folder that others may write to are refused by name")
    func refusals() throws {
        try FileManager.default.createDirectory(atPath: folder.path("a/state"), withIntermediateDirectories: true)
        symlink("tokens-of-mine", own("a"))
        #expect {
            try KISTokenFolder(own: own("a"), shared: shared)
        } throws: {
            ($0 as? KISConfigurationError)?.detail.contains("no absolute path") == true
        }
        _ = try KISTokenFolder(own: own("b"), shared: shared)
        chmod(shared, 0o770)
        #expect(throws: KISConfigurationError.self) { try KISTokenFolder(own: own("b"), shared: shared) }
    }

    @Test("Processes that start at once all end up with the same folder")
    func race() async throws {
        let place = (own("a"), shared)
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<16 { group.addTask { try KISTokenFolder(own: place.0, shared: place.1).path } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(paths == [shared])
    }
}
