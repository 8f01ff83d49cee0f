/// Columns of text that line up in a fixed-width font, Korean and other wide characters included.
public enum TextWidth {
    /// Cells a terminal gives the text: two for wide and full-width characters (Unicode East Asian Width W and F), none
    /// for combining ones.
    public static func cells(_ text: some StringProtocol) -> Int { text.unicodeScalars.reduce(0) { $0 + cells($1) } }

    private static func cells(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        switch scalar.value {
        case 0x1160...0x11FF: return 0
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    public static func padded(_ text: String, to width: Int, _ alignment: ReportTable.Alignment) -> String {
        let blanks = String(repeating: " ", count: max(0, width - cells(text)))
        return alignment == .right ? blanks + text : text + blanks
    }
}

extension ReportTable {
    /// A GitHub-flavoured table whose source lines up as well.
    var markdown: String {
        guard !rows.isEmpty else { return "_\(Escape.markdown(empty))_\n" }
        let heads = columns.map { Escape.markdown($0.title) }
        let cells = rows.map { row in row.map { Escape.markdown($0.plain) } }
        let widths = columns.indices.map { column in
            max(3, cells.reduce(TextWidth.cells(heads[column])) { max($0, TextWidth.cells($1[column])) })
        }
        func line(_ texts: [String]) -> String {
            let padded = columns.indices.map { TextWidth.padded(texts[$0], to: widths[$0], columns[$0].alignment) }
            return "| " + padded.joined(separator: " | ") + " |\n"
        }
        let rule = columns.indices.map { column in
            let dashes = String(repeating: "-", count: widths[column] - 1)
            return columns[column].alignment == .right ? dashes + ":" : dashes + "-"
        }
        return line(heads) + "| " + rule.joined(separator: " | ") + " |\n" + cells.map(line).joined()
    }
}
