extension KeyTable {
    /// What a policy sees. The texts are read by the room that computes features.
    static let features: [KeyEntry] = [
        .key(
            .trading, "features.preset", .text, default: FeatureSettings.standardPreset,
            "A list of features by its name: takt-16, legacy-14, legacy-20."),
        .key(
            .trading, "features.list", .list(.text),
            "Features in their order, instead of a preset: [name =] expression [| normalisation]."),
        .key(
            .trading, "features.normalise", .text, default: "none",
            "The normalisation of features that name none: none, zscore, minmax, robust, tanh, log, rolling:N."),
        .key(
            .trading, "features.normaliser", .text,
            "The file that `takt features fit` wrote. A relative path starts at the configuration folder."),
    ]
}
