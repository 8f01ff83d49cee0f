/// Writes a document as Markdown: for terminals, mail and chat.
struct MarkdownPage {
    let document: ReportDocument

    var text: String {
        let verdict = document.verdict
        var result = "# \(Escape.markdown(document.title))\n\n"
        result += "**\(verdict.level.rawValue.capitalizedFirst)** – \(Escape.markdown(verdict.headline))\n\n"
        for detail in verdict.details { result += "- \(Escape.markdown(detail))\n" }
        if !verdict.details.isEmpty { result += "\n" }
        result += "_\(Escape.markdown(document.mode)) · \(Escape.markdown(document.subtitle))_\n\n"
        for tile in document.tiles {
            let note = tile.note.isEmpty ? "" : " (\(Escape.markdown(tile.note)))"
            result += "- \(Escape.markdown(tile.label)): **\(Escape.markdown(tile.value))**\(note)\n"
        }
        for section in document.sections { result += self.section(section) }
        return result + "\n---\n\(Escape.markdown(document.footer))\n"
    }

    private func section(_ section: ReportDocument.Section) -> String {
        var result = "\n## \(Escape.markdown(section.title))\n"
        for part in section.parts {
            switch part {
            case .table(let table):
                let captioned = section.parts.count > 1 && table.title != section.title
                result += captioned ? "\n### \(Escape.markdown(table.title))\n\n" : "\n"
                result += table.markdown
            case .figure(let figure):
                guard !figure.sentence.isEmpty else { continue }
                result += "\n### \(Escape.markdown(figure.title))\n\n\(Escape.markdown(figure.sentence))\n"
            }
        }
        return result
    }
}
