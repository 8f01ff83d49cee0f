internal import Core

/// A field of a request: a query parameter, or a member of the JSON body. KIS takes upper-case keys and only strings.
struct KISField: Hashable, Sendable {
    let key: String
    let value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

/// A successful answer (`rt_cd` 0), with the header that says whether there is more.
struct KISAnswer: Sendable {
    /// The whole body; its keys are found whatever their case.
    let body: KISRecord
    /// The header `tr_cont` was `F` or `M`.
    let hasMore: Bool
    /// It was `D` or `E`: that nothing follows was said, not just left unsaid.
    let isLast: Bool
    /// `msg_cd`, and `msg1` without its padding: Korean, kept as KIS wrote it.
    let code: String
    let message: String
    /// On our clock, when the answer was complete.
    let receivedAt: Instant
}

/// Carries calls to KIS: credentials, limits, retries of reads, and the reaction table are behind it.
protocol KISCaller: Sendable {
    /// Reads are repeated as the reaction table says. A call of kind ``KISEndpoint/Kind/order`` is sent at most once, and its
    /// error tells whether it may have arrived.
    ///
    /// - Parameter isContinuation: Asks for a following page (`tr_cont: N`).
    func call(
        _ endpoint: KISEndpoint, _ fields: [KISField], isContinuation: Bool
    ) async throws(KISError) -> KISAnswer

    /// An order: sent once, and not at all from `end` on, however long it had to wait for its turn.
    func send(_ endpoint: KISEndpoint, _ fields: [KISField], notAfter end: Instant?) async throws(KISError) -> KISAnswer

    /// Proves that every key pair is good: an access token for each, and a key for the stream of order notices. Sends
    /// nothing that could change the account.
    func signIn() async throws(KISError) -> KISSignIn
}

/// What the key pairs of a connection were found good for. Holds no secret.
struct KISSignIn: Hashable, Sendable {
    struct Keys: Hashable, Sendable {
        let environment: KISEnvironment
        /// The end of the access token's life, on our clock; a new one comes by itself.
        let goodUntil: Instant
    }

    let trading: Keys
    /// `nil` when prices are asked for with the trading keys.
    let quotes: Keys?
    /// Whether there is a login name to subscribe to order notices under.
    let knowsHTSID: Bool
}
