internal import Core
public import Features
public import Policy
public import Settings

/// The configured features with what belongs to them.
public struct FeatureList {
    let settings: Settings

    public init(settings: Settings) { self.settings = settings }

    public func spec() throws -> FeatureSpec {
        do { return try FeatureDeclaration.spec(settings.features, window: settings.decision.bufferBars) } catch {
            throw StepFailure(
                code: "bad-features", message: "The features cannot be computed: \(error).",
                hint: "Nothing was computed. Write them in `features:` of trading.yaml.", isRetryable: false,
                exitCode: .configuration)
        }
    }

    /// - Parameter file: the normaliser named on the command line; `nil` for the configured one.
    public func computer(normaliser file: String?, isRaw: Bool) throws -> FeatureComputer {
        let spec = try spec()
        let path = isRaw ? nil : file ?? settings.features.normaliserFile
        do {
            return try FeatureComputer(spec, normaliser: try path.map { try read($0, isConfigured: file == nil) })
                .checked(isRaw: isRaw)
        } catch let error as FeatureError { throw refusal(error, path) }
    }

    /// A normaliser that does not fit.
    public func refusal(_ error: FeatureError, _ path: String?) -> StepFailure {
        StepFailure(
            code: "normaliser", message: "\(path.map { "\($0): " } ?? "")\(error).",
            hint: "Nothing was computed. `features.normaliser` of trading.yaml or --normaliser names the file; "
                + "--raw prints the features without it.", isRetryable: false, exitCode: .configuration)
    }

    /// What the configuration names and is not there, or is none, is the configuration's error.
    public func read(_ path: String, isConfigured: Bool) throws -> FittedNormaliser {
        func failure(_ trouble: String) -> StepFailure {
            StepFailure(
                code: "bad-normaliser",
                message: isConfigured ? "The file that features.normaliser of trading.yaml names: \(trouble)" : trouble,
                hint: "Nothing was computed. Fit one with `takt features fit --output \(path)`.", isRetryable: false,
                exitCode: isConfigured ? .configuration : .badInput)
        }
        let bytes: [UInt8]
        do { bytes = try FileWriting.read(path) } catch let error as StepFailure { throw failure(error.message) }
        do { return try FittedNormaliser(json: try JSONValue(parsing: bytes)) } catch {
            throw failure("\(path) is no normaliser: \(error).")
        }
    }
}

extension FeatureComputer {
    /// Itself, unless a normaliser is needed and missing.
    fileprivate func checked(isRaw: Bool) throws(FeatureError) -> FeatureComputer {
        if !isRaw, normaliser == nil, !spec.fitted.isEmpty { throw .notFitted(spec.fitted.map(\.name)) }
        return self
    }
}

extension PolicyUse {
    /// What the configuration gives to a policy: the bars of a profile, and the declared features.
    public init(running settings: Settings, _ profile: Profile) throws {
        let computer = try FeatureList(settings: settings)
            .computer(normaliser: nil, isRaw: settings.features.normaliserFile == nil)
        self.init(
            features: computer.spec, normaliser: computer.normaliser, timeframe: profile.timeframe,
            isExtended: profile.session == .extended)
    }
}
