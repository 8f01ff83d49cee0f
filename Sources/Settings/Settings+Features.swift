/// What a policy sees of each symbol, as the configuration writes it; the room that computes features reads it.
public struct FeatureSettings: Hashable, Sendable {
    /// The name of a list that is built in; `nil` where ``list`` stands instead.
    public var preset: String?
    /// The features in their order, as written: `trend = close / SMA:20 - 1 | zscore`.
    public var list: [String]
    /// The normalisation of the features that name none.
    public var normalisation: String
    /// The file with the fitted parameters of the normalisation.
    public var normaliserFile: String?

    /// The list that holds where nothing else is written.
    public static let standardPreset = "takt-16"
}

/// What is wrong with the features, and in which key.
public struct FeatureObjection: Hashable, Sendable {
    public enum Place: Hashable, Sendable {
        case preset
        /// A feature of the list, counted from 0.
        case feature(Int)
        /// The list as a whole, or with it the preset.
        case list
        case normalisation
    }

    public let place: Place
    public let message: String

    public init(_ place: Place, _ message: String) { (self.place, self.message) = (place, message) }
}

/// Reads features as the room that computes them will, for a window of so many bars. Only a configuration that writes any
/// asks for it.
public typealias FeatureCheck = @Sendable (_ features: FeatureSettings, _ window: Int) -> [FeatureObjection]
