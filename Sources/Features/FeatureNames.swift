internal import Core
internal import Indicators

extension FeatureTerm {
    /// The term or indicator that was most likely meant, or `nil`.
    static func nearest(to name: String) -> String? {
        Nearest.match(name, in: plainNames + IndicatorCatalogue.entries.map(\.name))
    }
}
