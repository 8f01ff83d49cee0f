public import Core

/// A bar that was kept out, and why.
public struct BarRejection: Hashable, Sendable, CustomStringConvertible {
    /// The closed list of reasons; reports group by their text.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case emptyField = "empty-field"
        /// A price or the volume is beyond ±92,233,720,368, more than the database holds.
        case tooLarge = "too-large"
        case negativePrice = "negative-price"
        case zeroPrice = "zero-price"
        case negativeVolume = "negative-volume"
        case ohlcInconsistent = "ohlc-inconsistent"
        case outsideSession = "outside-session"
        case offGrid = "off-grid"
        case duplicateBar = "duplicate-bar"
        case outlier = "outlier"
    }

    public let reason: Reason
    /// The line in its file, from one; `nil` for a bar that comes from no file.
    public let line: Int?
    /// The open of the bar, RFC 3339 in UTC.
    public let openAtText: String
    /// One sentence with the numbers that led here.
    public let message: String

    public init(_ reason: Reason, line: Int?, openAtText: String, message: String) {
        self.reason = reason
        self.line = line
        self.openAtText = openAtText
        self.message = message
    }

    public var code: String { reason.rawValue }

    /// `line 2453, 2025-12-17T20:15:00Z: negative-volume: …`
    public var description: String {
        "\(line.map { "line \($0), " } ?? "")\(openAtText): \(code): \(message)"
    }
}

/// What a validation found.
public struct BarValidation: Sendable {
    /// Sound bars, ascending, one for each open.
    public let accepted: [Bar]
    /// In the order of the file.
    public let rejected: [BarRejection]
    public let warnings: [BarWarning]
    /// Bars that the calendar expects between the first and the last accepted one.
    public let gaps: [BarGap]
}
