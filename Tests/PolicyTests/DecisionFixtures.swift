import Core
import Foundation
import Policy
import TestSupport
import Testing

/// Real checkpoints and what PyTorch computed with them, in the shared folder.
enum DecisionFixtures {
    static let exists = SharedFolder.exists
    static let why: Comment = "the shared folder is not there"

    static func bytes(_ name: String) throws -> [UInt8] { try SharedFolder.bytes("fixtures/decision/\(name)") }

    static func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: try bytes(name)) }

    static func checkpoint(_ name: String) throws -> Checkpoint { try Checkpoint.read(try bytes(name)) }
}

extension JSONValue {
    func member(_ key: String) throws -> JSONValue { try #require(self[key], "\(key)") }
    func items(_ key: String) throws -> [JSONValue] { try #require(self[key]?.arrayValue, "\(key)") }
    func text(_ key: String) throws -> String { try #require(self[key]?.stringValue, "\(key)") }

    /// Numbers at any depth, one after the other.
    var numbers: [Double] {
        switch self {
        case .int, .double: doubleValue.map { [$0] } ?? []
        case .array(let items): items.flatMap(\.numbers)
        case .null, .bool, .string, .object: []
        }
    }

    var floats: [Float] { numbers.map { Float($0) } }
}

extension Tensor {
    /// The contiguous little-endian bytes.
    var digest: Digest {
        Digest(of: values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
    }
}
