/// Whether a restored state fits the indicator it is stored under.
///
/// What a state is made of (its averages, its windows and their lengths) is decided by the parameters, so it must equal
/// that of a fresh indicator part by part; only the numbers inside may differ. Reflection sees every part, also those
/// of an indicator yet to be written. The way it is slow does not matter: a state is restored once a run.
enum StateShape {
    /// The first part that differs, in words, or `nil` if the state fits.
    static func difference(of restored: Any, from fresh: Any, at path: String = "") -> String? {
        guard type(of: restored) == type(of: fresh) else { return "\(named(path)) is of another kind" }
        if let restored = restored as? any Configured, let fresh = fresh as? any Configured,
            restored.configuration != fresh.configuration
        {
            return "\(named(path)) was made with other parameters"
        }
        // Counters and places in windows; none of them is ever negative.
        if let number = restored as? Int { return number < 0 ? "\(named(path)) is \(number)" : nil }
        let (left, right) = (Mirror(reflecting: restored), Mirror(reflecting: fresh))
        if left.displayStyle == .collection {
            guard left.children.count != right.children.count else { return nil }
            return "\(named(path)) has \(left.children.count) values instead of \(right.children.count)"
        }
        for (part, expected) in zip(left.children, right.children) {
            // A wrapped property is stored under its name with an underscore.
            let label = (part.label ?? "").drop { $0 == "_" }
            let inner = label == "wrappedValue" ? path : path.isEmpty ? String(label) : "\(path).\(label)"
            if let found = difference(of: part.value, from: expected.value, at: inner) { return found }
        }
        return nil
    }

    private static func named(_ path: String) -> String { path.isEmpty ? "it" : "its part '\(path)'" }
}
