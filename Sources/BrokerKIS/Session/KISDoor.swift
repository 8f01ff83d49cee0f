internal import Core
internal import Settings
internal import Transport

/// A checked access: where calls go, with which key, and what must never be shown of it.
struct KISDoor: Hashable, Sendable {
    let environment: KISEnvironment
    let appKey: Secret
    let appSecret: Secret
    let base: RedactedURL
    let rate: CallRate

    /// - Parameter isForQuotes: Which settings a complaint names.
    init(_ access: KISAccess, isForQuotes: Bool) throws(KISConfigurationError) {
        environment = access.environment
        appKey = try Self.checked(
            access.appKey, isForQuotes ? KISConfigurationKey.quoteAppKey : KISConfigurationKey.appKey)
        appSecret = try Self.checked(
            access.appSecret, isForQuotes ? KISConfigurationKey.quoteAppSecret : KISConfigurationKey.appSecret)
        base = try KISAddresses.checked(
            rest: access.baseURL ?? KISAddresses.rest(access.environment),
            key: isForQuotes ? KISConfigurationKey.quoteBaseURL : KISConfigurationKey.baseURL)
        rate = access.rate ?? .standard(access.environment)
        guard rate.interval > .zero, rate.firstPause > .zero, rate.longestPause >= rate.firstPause else {
            throw KISConfigurationError(
                key: KISConfigurationKey.rate, detail: "the rate is not positive", cure: "state a rate above zero")
        }
    }

    /// Texts that go into headers as they are.
    private static func checked(_ secret: Secret, _ key: String) throws(KISConfigurationError) -> Secret {
        let text = secret.reveal()
        guard !text.isEmpty else {
            throw KISConfigurationError(key: key, detail: "it is missing", cure: "set it, as the KIS portal shows it")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), text.utf8.count <= 512 else {
            throw KISConfigurationError(
                key: key, detail: "it has blanks or other characters that no key has",
                cure: "copy it again from the KIS portal")
        }
        return secret
    }

    /// Names the files of this key. Nothing of the key can be read from it.
    var keyName: String { Digest(of: "kis-app-key|\(appKey.reveal())").base32(bits: 60) }

    /// Names the file of the token, which belongs to one key and one host.
    var tokenName: String { Digest(of: "\(base.exposed)|\(appKey.reveal())").base32(bits: 60) }
}
