/// Writes a document as one HTML file that needs nothing else: styles and charts are in it, and its content security
/// policy forbids every request.
struct HTMLPage {
    let document: ReportDocument

    var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
        base-uri 'none'; form-action 'none'">
        <meta name="color-scheme" content="light dark">
        <meta name="referrer" content="no-referrer">
        <title>\(Escape.html(document.title))</title>
        <style>
        \(Self.style)</style>
        </head>
        <body>
        <main>
        \(header)\(document.sections.enumerated().map { section($1, number: $0) }.joined())\
        <footer>\(Escape.html(document.footer))</footer>
        </main>
        </body>
        </html>

        """
    }

    private var header: String {
        let verdict = document.verdict
        let details = verdict.details.map { "<li>\(Escape.html($0))</li>" }.joined()
        let links = document.sections.enumerated().map { "<a href=\"#s\($0)\">\(Escape.html($1.title))</a>" }.joined()
        let tiles = document.tiles.map(tile).joined()
        return """
            <header>
            <p class="over"><span class="mode \(document.mode == "live" ? "live" : "paper")">\
            \(Escape.html(document.mode))</span> \(Escape.html(document.subtitle))</p>
            <h1>\(Escape.html(document.title))</h1>
            <div class="verdict \(verdict.level.rawValue)"><p><strong>\(verdict.level.rawValue.capitalizedFirst)</strong> \
            \(Escape.html(verdict.headline))</p>\(details.isEmpty ? "" : "<ul>\(details)</ul>")</div>
            <dl class="tiles">\(tiles)</dl>
            <nav aria-label="Sections">\(links)</nav>
            </header>

            """
    }

    private func tile(_ tile: ReportDocument.Tile) -> String {
        let note = tile.note.isEmpty ? "" : "<dd class=\"note\">\(Escape.html(tile.note))</dd>"
        return "<div><dt>\(Escape.html(tile.label))</dt>"
            + "<dd class=\"value \(tile.tone.rawValue)\">\(Escape.html(tile.value))</dd>\(note)</div>"
    }

    private func section(_ section: ReportDocument.Section, number: Int) -> String {
        let only = section.parts.count == 1
        let body = section.parts.map { part in
            switch part {
            case .table(let table): self.table(table, captioned: !only && table.title != section.title)
            case .figure(let figure): self.figure(figure)
            }
        }
        .joined()
        return "<section id=\"s\(number)\" aria-labelledby=\"h\(number)\">"
            + "<h2 id=\"h\(number)\">\(Escape.html(section.title))</h2>\n\(body)</section>\n"
    }

    private func figure(_ figure: ReportDocument.Figure) -> String {
        let legend = figure.legend.map { "<span class=\"\($0.style)\">\(Escape.html($0.name))</span>" }.joined()
        return "<figure><figcaption>\(Escape.html(figure.title))<span class=\"legend\">\(legend)</span></figcaption>"
            + "<div class=\"scroll\">\(figure.svg)</div></figure>\n"
    }

    private func table(_ table: ReportTable, captioned: Bool) -> String {
        let title = Escape.html(table.title)
        guard !table.rows.isEmpty else {
            return (captioned ? "<h3>\(title)</h3>" : "") + "<p class=\"empty\">\(Escape.html(table.empty))</p>\n"
        }
        let heads = table.columns.map {
            "<th scope=\"col\"\($0.alignment == .right ? " class=\"num\"" : "")>\(Escape.html($0.title))</th>"
        }
        .joined()
        let rows = table.rows.map { row in
            let cells = row.indices.map { cell(row[$0], table.columns[$0].alignment, isHead: $0 == 0) }
            return "<tr>\(cells.joined())</tr>\n"
        }
        .joined()
        // Few columns stretched over the page are hard to read across.
        let slim = table.columns.count <= 3 ? " class=\"slim\"" : ""
        let caption = "<caption\(captioned ? "" : " class=\"hidden\"")>\(title)</caption>"
        return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(title)\"><table\(slim)>\(caption)"
            + "<thead><tr>\(heads)</tr></thead>\n<tbody>\n\(rows)</tbody></table></div>\n"
    }

    private func cell(_ cell: ReportTable.Cell, _ alignment: ReportTable.Alignment, isHead: Bool) -> String {
        var styles: [String] = []
        if alignment == .right { styles.append("num") }
        if cell.tone != .plain { styles.append(cell.tone.rawValue) }
        let style = styles.isEmpty ? "" : " class=\"\(styles.joined(separator: " "))\""
        let note = cell.note.map { "<small>\(Escape.html($0))</small>" } ?? ""
        let text = cell.gauge.map { gauge($0, cell.text) } ?? Escape.html(cell.text)
        return isHead
            ? "<th scope=\"row\"\(style)>\(text)\(note)</th>" : "<td\(style)>\(text)\(note)</td>"
    }

    /// A bar that is full at the limit. The number stands beside it, so the picture is decoration.
    private func gauge(_ share: Double, _ text: String) -> String {
        let level = share >= 1 ? "over" : share >= 0.8 ? "near" : "fine"
        let width = coordinate(min(max(share, 0), 1) * 140)
        return "<span class=\"gauge\"><svg viewBox=\"0 0 140 8\" aria-hidden=\"true\" focusable=\"false\">"
            + "<rect class=\"track\" width=\"140\" height=\"8\" rx=\"4\"/>"
            + "<rect class=\"\(level)\" width=\"\(width)\" height=\"8\" rx=\"4\"/>"
            + "<line x1=\"112\" y1=\"0\" x2=\"112\" y2=\"8\" class=\"notch\"/></svg>\(Escape.html(text))</span>"
    }
}
