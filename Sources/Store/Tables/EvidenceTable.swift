public import Core
internal import GRDB

/// A document under the address of its content: what a decision was made from.
public struct Evidence: Hashable, Sendable {
    public let digest: Digest
    public let kind: String
    public let body: JSONValue
}

extension StoreReader {
    public func evidence(_ digest: Digest) throws -> Evidence? {
        try firstRow("SELECT * FROM evidence WHERE digest = ?", [digest.hex], table: "evidence") { fields in
            Evidence(digest: digest, kind: try fields.text("kind"), body: try fields.json("body"))
        }
    }
}

extension StoreWriter {
    /// Stores the document, once, and returns its address: the SHA-256 of its text.
    @discardableResult
    public func putEvidence(_ kind: String, _ body: JSONValue) throws -> Digest {
        let text = body.text
        let digest = Digest(of: text)
        try run("INSERT OR IGNORE INTO evidence (digest, kind, body) VALUES (?, ?, ?)", [digest.hex, kind, text])
        return digest
    }
}
