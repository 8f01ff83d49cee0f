extension String {
    /// Whether nothing in it can steer a terminal: no control characters of either set.
    public var isPlain: Bool { unicodeScalars.allSatisfy(Self.isHarmless) }

    /// A text of unknown origin as it may be shown: control characters become question marks, and what is longer
    /// than the limit is cut.
    public func plain(limit: Int) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(limit).map { Self.isHarmless($0) ? $0 : "?" }))
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        !(0x00..<0x20).contains(scalar.value) && !(0x7F..<0xA0).contains(scalar.value)
    }
}
