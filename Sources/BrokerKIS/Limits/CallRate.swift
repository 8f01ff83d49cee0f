/// How often an app key may call, and how long it keeps still after it called too often.
///
/// KIS counts calls per second and per app key: 20 on the real host, 2 on the virtual one (portal notice of 2025-08-07); users
/// find 15 to 18 stable. The standard rates stay below that, since other programs on other machines may use the key as well.
public struct CallRate: Hashable, Sendable {
    /// The time from one call to the next. The bucket holds a single call: it never saves any up, so there is no burst,
    /// neither at the start nor after a pause.
    public var interval: Duration
    /// After the first refusal for too many calls; doubled with each further one.
    public var firstPause: Duration
    public var longestPause: Duration

    public init(
        interval: Duration, firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(32)
    ) {
        self.interval = interval
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// - Parameter calls: A second; positive.
    public init(perSecond calls: Double) { self.init(interval: .microseconds(Int64((1_000_000 / calls).rounded(.up)))) }

    /// 15 calls a second.
    public static let real = CallRate(interval: .microseconds(66_667))
    /// 1.8 calls a second.
    public static let virtual = CallRate(interval: .microseconds(555_556))

    public static func standard(_ environment: KISEnvironment) -> CallRate {
        switch environment {
        case .real: real
        case .virtual: virtual
        }
    }
}
