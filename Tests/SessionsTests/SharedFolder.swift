import Foundation

/// Where test data lies: committed beside the tests, or in the `shared` folder beside the checkout, if there is one.
enum SharedFolder {
    /// The folder that holds Package.swift.
    static let package: URL = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path + "/Package.swift") {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    static let shared = package.deletingLastPathComponent().appendingPathComponent("shared")
    static var exists: Bool { FileManager.default.fileExists(atPath: shared.path) }

    static func fixture(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        return try String(contentsOf: folder.appendingPathComponent("Fixtures/\(name)"), encoding: .utf8)
    }
}
