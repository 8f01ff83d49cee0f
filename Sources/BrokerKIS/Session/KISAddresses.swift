internal import Transport

/// Which of KIS's two houses: the real one, or the virtual one with paper accounts.
public enum KISEnvironment: String, Hashable, Sendable, CaseIterable {
    case virtual
    case real
}

/// Where KIS is reached. Source: the portal's workbook and the official samples (`kis_devlp.yaml`).
public enum KISAddresses {
    public static func rest(_ environment: KISEnvironment) -> String {
        switch environment {
        case .real: "https://openapi.koreainvestment.com:9443"
        case .virtual: "https://openapivts.koreainvestment.com:29443"
        }
    }

    /// Plain `ws`, without TLS: KIS offers no other.
    public static func webSocket(_ environment: KISEnvironment) -> String {
        switch environment {
        case .real: "ws://ops.koreainvestment.com:21000/tryitout"
        case .virtual: "ws://ops.koreainvestment.com:31000/tryitout"
        }
    }

    /// A REST address of one's own, without a slash at its end.
    ///
    /// Every call carries the key, the secret and the token, so only the loopback may be spoken to without TLS.
    static func checked(rest text: String, key: String) throws(KISConfigurationError) -> RedactedURL {
        var text = text[...]
        while text.last == "/" { text.removeLast() }
        guard let url = RedactedURL(String(text)), url.scheme == "https" || url.scheme == "http", url.user == nil,
            !text.contains("?"), !text.contains("#")
        else {
            throw KISConfigurationError(
                key: key, detail: "it is no address of the form https://host:port",
                cure: "write one, or leave it out for KIS's own")
        }
        guard url.scheme == "https" || ["127.0.0.1", "localhost", "[::1]"].contains(url.host) else {
            throw KISConfigurationError(
                key: key, detail: "the app key and secret would travel to \(url.host) without encryption",
                cure: "use https; plain http is for simulators on this machine only")
        }
        return url
    }
}
