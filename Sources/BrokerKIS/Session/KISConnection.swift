public import Core
public import Transport
public import Settings

/// The connection to KIS: checked credentials, tokens and limits, shared by everything of a process that asks KIS.
public struct KISConnection: Sendable {
    public let configuration: KISConfiguration
    let client: KISClient

    /// - Parameter seed: Of the chance in the waits between the tries of a read.
    public init(
        _ configuration: KISConfiguration, http: HTTPClient = HTTPClient(), clock: any WallClock, seed: UInt64
    ) throws(KISConfigurationError) {
        self.configuration = configuration
        client = try KISClient(configuration, http: http, clock: clock, seed: seed)
    }

    /// A key for one connection of the stream.
    ///
    /// - Parameter usesQuoteKeys: Whether the quote pair registers, where there is one.
    public func approvalKey(usesQuoteKeys: Bool) async throws(KISFailure) -> Secret {
        do throws(KISError) { return try await client.approvalKey(for: usesQuoteKeys ? .marketData : .inquiry) } catch {
            throw KISFailure(error)
        }
    }
}

/// Why KIS did not do what was asked, for those outside the room. Holds no secret.
public struct KISFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable { case unavailable, refused, configuration, credentials, malformed }

    public let kind: Kind
    public let description: String

    init(_ error: KISError) {
        switch error {
        case .unavailable(let call, let detail), .notSent(let call, let detail), .turnedAway(let call, let detail),
            .outcomeUnknown(let call, let detail):
            (kind, description) = (.unavailable, "\(call): \(detail)")
        case .refused(let call, let code, let message):
            (kind, description) = (.refused, "\(call): \(code) \(message)")
        case .configuration(let call, let code, let detail, let cure):
            (kind, description) = (.configuration, "\(call): \(code) \(detail); to do: \(cure)")
        case .credentialsRefused(let call, let code, let detail):
            (kind, description) = (.credentials, "\(call): \(code) \(detail)")
        case .malformedAnswer(let call, let detail): (kind, description) = (.malformed, "\(call): \(detail)")
        }
    }
}
