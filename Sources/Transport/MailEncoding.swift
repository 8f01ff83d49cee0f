/// RFC 2047 encoded words: text of any language in a header field.
enum EncodedWords {
    /// An encoded word may have 75 characters, `=?UTF-8?B?` and `?=` included; that leaves 45 bytes before base 64.
    private static let bytesPerWord = 45

    /// The text itself if it is ASCII and cannot be mistaken for an encoded word; else words on folded lines, cut between
    /// characters. Long ASCII text is folded at its blanks. `firstColumn` is the length of what stands before.
    static func text(_ text: String, firstColumn: Int) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !text.contains("=?")
        let hasLongWord = text.split(separator: " ").contains { $0.utf8.count > 70 }
        if isPlain && !hasLongWord { return folded(text, firstColumn: firstColumn) }
        var words: [[UInt8]] = [[]]
        var room = bytesPerWord - firstColumn
        for character in text.unicodeScalars {
            let bytes = Array(String(character).utf8)
            if bytes.count > room {
                words.append([])
                room = bytesPerWord
            }
            words[words.count - 1] += bytes
            room -= bytes.count
        }
        return words.map { "=?UTF-8?B?\(Base64.text($0))?=" }.joined(separator: "\r\n ")
    }

    private static func folded(_ text: String, firstColumn: Int) -> String {
        var output = ""
        var column = firstColumn
        for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            if index > 0 {
                // A line of blanks alone is obsolete folding, so an empty word never opens one.
                let breaks = column + 1 + word.utf8.count > 76 && !word.isEmpty
                output += breaks ? "\r\n " : " "
                column = breaks ? 1 : column + 1
            }
            output += word
            column += word.utf8.count
        }
        return output
    }
}

/// One MIME part of text, in the transfer encoding that keeps it most readable.
struct BodyPart {
    let headers: [String]
    /// Without line ends, ASCII only, at most 76 columns.
    let lines: [String]

    init(type: String, text: String) {
        let source = text.utf8.split(omittingEmptySubsequences: false) { $0 == 0x0A }.map { line -> [UInt8] in
            // A CR before the LF belonged to the line end.
            Array(line.last == 0x0D ? line.dropLast() : line)
        }
        let bytes = source.reduce(0) { $0 + $1.count }
        let foreign = source.reduce(0) { $0 + $1.count { $0 > 0x7E || ($0 < 0x20 && $0 != 9) } }
        let encoding: String
        if foreign == 0, source.allSatisfy({ $0.count <= 76 }) {
            encoding = "7bit"
            lines = source.map { String(decoding: $0, as: UTF8.self) }
        } else if foreign * 4 <= bytes {
            encoding = "quoted-printable"
            lines = source.flatMap(QuotedPrintable.lines)
        } else {
            encoding = "base64"
            lines = Base64.lines(Array(source.joined(separator: [0x0D, 0x0A])))
        }
        headers = ["Content-Type: \(type); charset=utf-8", "Content-Transfer-Encoding: \(encoding)"]
    }
}

/// RFC 2045, section 6.7.
enum QuotedPrintable {
    /// One source line as one or more lines with soft breaks.
    static func lines(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        var line = ""
        for (index, byte) in bytes.enumerated() {
            let piece = piece(byte, isLast: index == bytes.count - 1)
            // One column is kept for the `=` of a soft break.
            if line.utf8.count + piece.utf8.count > 75 {
                lines.append(line + "=")
                line = ""
            }
            line += piece
        }
        return lines + [line]
    }

    private static func piece(_ byte: UInt8, isLast: Bool) -> String {
        let isBlank = byte == 0x20 || byte == 0x09
        let isLiteral = (byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "=")) || (isBlank && !isLast)
        if isLiteral { return String(UnicodeScalar(byte)) }
        let hex = String(byte, radix: 16, uppercase: true)
        return "=" + (hex.utf8.count == 1 ? "0" : "") + hex
    }
}

/// RFC 4648, section 4.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    public static func text(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0..<4 {
                let letter = alphabet[bits >> (18 - 6 * position) & 63]
                output.append(position <= group.count ? letter : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// In lines of 76 columns, as mail wants it.
    static func lines(_ bytes: [UInt8]) -> [String] {
        stride(from: 0, to: bytes.count, by: 57).map { text(Array(bytes[$0..<min($0 + 57, bytes.count)])) }
    }
}
