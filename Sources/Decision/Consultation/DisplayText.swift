/// Makes text that others wrote safe to show, to store and to put into a prompt.
///
/// Control characters (terminal escapes among them), direction overrides, zero-width and tag characters are taken out, so
/// that what a person reads is what is there; line breaks and tabs become blanks; what is too long is cut.
public enum DisplayText {
    /// - Parameter limit: Unicode scalars that are kept at most, the ellipsis of a cut included.
    public static func clean(_ text: String, limit: Int) -> String {
        var scalars = String.UnicodeScalarView()
        var isPending = false
        var count = 0
        for scalar in text.unicodeScalars {
            guard let kept = kept(scalar) else { continue }
            if kept == " " {
                isPending = !scalars.isEmpty
                continue
            }
            let needed = isPending ? 2 : 1
            guard count + needed <= limit else { return cut(scalars, limit) }
            if isPending { scalars.append(" ") }
            scalars.append(kept)
            count += needed
            isPending = false
        }
        return String(scalars)
    }

    private static func cut(_ scalars: String.UnicodeScalarView, _ limit: Int) -> String {
        guard limit > 0 else { return "" }
        return String(String.UnicodeScalarView(scalars.prefix(limit - 1))) + "…"
    }

    /// The scalar to show, a blank for white space, `nil` for what must not be shown.
    private static func kept(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: " "
        case .control: scalar.properties.isWhitespace ? " " : nil
        case .format, .surrogate, .privateUse, .unassigned: nil
        default: scalar
        }
    }
}
