internal import Core
public import Features
public import Policy
public import Settings

/// The configured features with what belongs to them.
public struct FeatureList {
    /// Who asks for them, which tells what a refusal left undone and what cures it.
    public enum Purpose: Sendable {
        /// A command that prints, fits or imports.
        case command
        /// A decision, whose features are those of the configuration and of nothing else.
        case decision

        fileprivate var standing: String {
            switch self {
            case .command: "Nothing was computed."
            case .decision: "Nothing was decided."
            }
        }

        /// What names another normaliser.
        fileprivate var normaliserCure: String {
            switch self {
            case .command:
                "`features.normaliser` of trading.yaml or --normaliser names the file; --raw prints the features without it."
            case .decision:
                "`features.normaliser` of trading.yaml names the file; `takt features fit --output FILE` makes one."
            }
        }
    }

    let settings: Settings
    let purpose: Purpose

    public init(settings: Settings, for purpose: Purpose = .command) {
        self.settings = settings
        self.purpose = purpose
    }

    public func spec() throws -> FeatureSpec {
        do { return try FeatureDeclaration.spec(settings.features, window: settings.decision.bufferBars) } catch {
            throw StepFailure(
                code: "bad-features", message: "The features cannot be computed: \(error).",
                hint: "\(purpose.standing) Write them in `features:` of trading.yaml.", isRetryable: false,
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
            hint: "\(purpose.standing) \(purpose.normaliserCure)", isRetryable: false, exitCode: .configuration)
    }

    /// What the configuration names and is not there, or is none, is the configuration's error.
    public func read(_ path: String, isConfigured: Bool) throws -> FittedNormaliser {
        func failure(_ trouble: String) -> StepFailure {
            StepFailure(
                code: "bad-normaliser",
                message: isConfigured ? "The file that features.normaliser of trading.yaml names: \(trouble)" : trouble,
                hint: "\(purpose.standing) Fit one with `takt features fit --output \(path)`.", isRetryable: false,
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
    public init(running settings: Settings, _ profile: Profile, for purpose: FeatureList.Purpose = .command) throws {
        let computer = try FeatureList(settings: settings, for: purpose)
            .computer(normaliser: nil, isRaw: settings.features.normaliserFile == nil)
        self.init(
            features: computer.spec, normaliser: computer.normaliser, timeframe: profile.timeframe,
            isExtended: profile.session == .extended)
    }
}
