public import Foundation

/// Where test data lies: committed beside the tests, or in the `shared` folder beside the checkout, if there is one.
public enum SharedFolder {
    /// The folder that holds Package.swift.
    public static let package: URL = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path + "/Package.swift") {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    public static let url = package.deletingLastPathComponent().appendingPathComponent("shared")

    /// For `.enabled(if: SharedFolder.exists)`: without the folder the test shows as skipped.
    public static var exists: Bool { FileManager.default.fileExists(atPath: url.path) }

    /// The bytes of a file in the shared folder, by its path there.
    public static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: url.appendingPathComponent(path)))
    }

    public static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }
}

/// Files committed in the `Fixtures` folder beside a test file.
public enum Fixture {
    public static func text(_ name: String, beside testFile: String = #filePath) throws -> String {
        let folder = URL(fileURLWithPath: testFile).resolvingSymlinksInPath().deletingLastPathComponent()
        return try String(contentsOf: folder.appendingPathComponent("Fixtures/\(name)"), encoding: .utf8)
    }

    /// The fields of every line of a CSV file without quotes; the heading and lines that start with `#` are left out.
    public static func rows(_ name: String, beside testFile: String = #filePath) throws -> [[String]] {
        try text(name, beside: testFile).split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
}
