internal import Core
internal import Cycle
internal import Glibc

/// Where a command's answer goes: one document on stdout, in the format asked for, and nothing else.
///
/// Lines are collected and written at the end with plain system calls, so a signal never leaves half a document behind and
/// a reader that has gone away (`| head -1`) ends the writing without a complaint.
final class Output {
    let format: OutputFormat
    let style: TextStyle
    private var buffer: [UInt8] = []

    init(format: OutputFormat, style: TextStyle) {
        self.format = format
        self.style = style
    }

    /// Prints a document: as it is, as its items one a line with the rest last, or as a table for people.
    func emit(_ document: JSONValue, table: () -> String) throws {
        switch format {
        case .json: line(document.text)
        case .ndjson:
            for item in document["items"]?.arrayValue ?? [] { line(item.text) }
            line(document.removing("items").text)
        case .table: text(table())
        }
        try flush()
    }

    /// Prints text that has no other form (a configuration file, CSV, Prometheus text).
    func raw(_ text: String) throws {
        self.text(text)
        try flush()
    }

    private func line(_ text: String) {
        buffer += text.utf8
        buffer.append(UInt8(ascii: "\n"))
    }

    private func text(_ text: String) {
        buffer += text.utf8
        if !text.isEmpty, !text.hasSuffix("\n") { buffer.append(UInt8(ascii: "\n")) }
    }

    /// A reader that has gone away is its own affair; a disk that is full is not.
    private func flush() throws {
        if !FileWriting.writeAll(buffer, to: STDOUT_FILENO), errno != EPIPE {
            let reason = String(cString: strerror(errno))
            FileWriting.writeAll(
                Array("takt: the answer could not be written to stdout: \(reason)\n".utf8), to: STDERR_FILENO)
            throw CommandEnd(code: .internalError)
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Colours for terminals, or none.
struct TextStyle {
    let isColored: Bool

    enum Paint: String { case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

    func callAsFunction(_ paint: Paint, _ text: String) -> String {
        isColored ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }
}
