public import Features
public import Settings

/// What the programs of the user's are run with.
public struct ProgramWiring: Sendable {
    let environment: Environment
    let features: @Sendable () throws -> FeatureComputer

    /// - Parameters:
    ///   - environment: Of this process; a program sees the few variables of it that it needs.
    ///   - features: Makes the computer of the configured features (`features` of trading.yaml).
    public init(environment: Environment, features: @escaping @Sendable () throws -> FeatureComputer) {
        self.environment = environment
        self.features = features
    }
}
