/// Text from outside (symbols, broker messages, names) made harmless for the document it goes into.
public enum Escape {
    /// For HTML text and attribute values in double quotes. Control characters, which HTML forbids, become U+FFFD.
    public static func html(_ text: some StringProtocol) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\u{09}", "\u{0A}", "\u{0D}": result.unicodeScalars.append(" ")
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}": result.unicodeScalars.append("\u{FFFD}")
            // Marks that turn the direction of writing could make a message read as another.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result.unicodeScalars.append("\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// For a cell or a sentence of Markdown: marks that would start markup are preceded by a backslash, HTML is
    /// escaped, and line breaks become blanks.
    public static func markdown(_ text: some StringProtocol) -> String {
        var result = ""
        for character in html(text).replacing("&quot;", with: "\"").replacing("&#39;", with: "'") {
            if "\\`*_[]|~#".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
