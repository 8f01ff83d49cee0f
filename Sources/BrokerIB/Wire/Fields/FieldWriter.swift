internal import Core

/// Why a request is not sent.
package enum IBEncodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A text with another letter than those from blank to tilde; the gateway takes no other. The number is the one the
    /// official clients give it.
    case notPrintable(field: Int, text: String)
    /// A combination of several instruments: takt trades none.
    case combination
    /// What is asked for contradicts itself; the text says how.
    case contradiction(String)
    /// A gateway of that version has no place for it.
    case versionTooOld(ServerVersion, needs: ServerVersion, what: String)

    package var description: String {
        switch self {
        case .notPrintable(let field, let text):
            "579: field \(field) of the request has a letter that Interactive Brokers does not take: '\(text)'"
        case .combination: "combinations of several instruments are not traded here"
        case .contradiction(let text): text
        case .versionTooOld(let version, let needs, let what):
            "the gateway speaks version \(version) of the protocol, and \(what) needs \(needs)"
        }
    }
}

/// Writes the fields of a request, one after the other, as the body of a frame.
///
/// The first field that cannot be written is remembered; a layout names its fields in order, and ``frame()`` throws.
struct FieldWriter {
    let version: ServerVersion
    private var bytes: [UInt8] = [0, 0, 0, 0]
    private(set) var count = 0
    private(set) var error: IBEncodingError?

    init(version: ServerVersion) {
        self.version = version
        bytes.reserveCapacity(256)
    }

    /// The length of a body, as it stands before it.
    static func lengthHeader(of count: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }

    /// The whole frame.
    consuming func frame() throws(IBEncodingError) -> [UInt8] {
        if let error { throw error }
        let header = Self.lengthHeader(of: bytes.count - 4)
        for (index, byte) in header.enumerated() { bytes[index] = byte }
        return bytes
    }

    mutating func fail(_ error: IBEncodingError) { if self.error == nil { self.error = error } }

    private mutating func end() {
        bytes.append(0)
        count += 1
    }

    mutating func text(_ text: String) {
        if !text.utf8.allSatisfy({ (32...126).contains($0) }) { fail(.notPrintable(field: count + 1, text: text)) }
        bytes.append(contentsOf: text.utf8)
        end()
    }

    mutating func number(_ value: Int64) { text(String(value)) }
    mutating func number(_ value: Int) { text(String(value)) }
    mutating func bool(_ value: Bool) { text(value ? "1" : "0") }
    /// What is unset, for numbers and texts alike.
    mutating func empty(_ count: Int = 1) { for _ in 0..<count { end() } }
    /// As many zeros: numbers and booleans that takt never sets.
    mutating func zero(_ count: Int = 1) { for _ in 0..<count { text("0") } }

    /// Plain decimal notation; empty where it is unset.
    mutating func decimal(_ value: (some FixedPointValue)?) { text(value?.description ?? "") }

    /// Tags and values with their number before them.
    mutating func pairs(_ pairs: [IBTagValue]) {
        number(pairs.count)
        for pair in pairs {
            text(pair.tag)
            text(pair.value)
        }
    }
}

/// A parameter of an algorithm, or an identifier of a contract.
struct IBTagValue: Hashable, Sendable {
    var tag: String
    var value: String
}
