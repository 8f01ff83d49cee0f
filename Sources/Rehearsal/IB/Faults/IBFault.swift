internal import Core

/// Something that goes wrong at the simulated gateway.
public enum IBFault: String, Hashable, Sendable, RehearsedFault {
    // At the handshake; the place is `connect`.

    /// The answer to the greeting comes late, by `milliseconds`.
    case slowHandshake = "slow-handshake"
    /// The greeting gets no answer at all.
    case silentHandshake = "silent-handshake"
    /// A negative version, and an address to go to instead.
    case redirect
    /// Error 326, and the connection closes.
    case clientIdInUse = "client-id-in-use"

    // At a request; the place is its name.

    /// The connection closes, the request not looked at.
    case dropBeforeAccept = "drop-before-accept"
    /// The request is carried out, and the connection closes without an answer.
    case dropAfterAccept = "drop-after-accept"
    /// The request is carried out; from now on nothing more is said, on a connection that lives.
    case silence
    /// The request vanishes, as orders of a burst have.
    case ignored
    /// Error 321 as of an API that is read-only.
    case readOnly = "read-only"
    /// Error 100, and the connection closes: a hundred messages a second.
    case rateCut = "rate-cut"
    /// The request is carried out and its answers come late, by `milliseconds`.
    case slow
    /// At placeOrder: the servers refuse the order, and 201 is all that is said.
    case rejected
    /// At placeOrder: `seconds` later the servers cancel the order, for a reason of their own.
    case serverCancel = "server-cancel"
    /// At placeOrder: the order is at work, and in no list for `seconds`.
    case lateVisibility = "late-visibility"
    /// 1100; after `seconds` 1102, and all that was missed.
    case lostRestored = "lost-restored"
    /// 1100; after `seconds` 1101, and every data subscription is gone.
    case lostDataGone = "lost-data-gone"
    /// 1100, and nothing that ends it but the control.
    case lostForGood = "lost-for-good"
    /// 2103 and 2105, data stands still; after `seconds` 2104 and 2106.
    case farmsBroken = "farms-broken"
    /// 10197 for every market-data line; data stands still for `seconds`.
    case competingSession = "competing-session"

    // At an answer; the place is its name.

    /// A frame of random bytes comes before it.
    case garbageFrame = "garbage-frame"
    /// A length that cannot be true comes instead, and the connection stays.
    case oversizedLength = "oversized-length"
    /// The frame breaks off in its middle, and the connection closes.
    case halfFrame = "half-frame"
    /// Its last fields are missing.
    case shortFrame = "short-frame"
    /// It has fields that nobody knows at its end.
    case surplusFields = "surplus-fields"
    /// A message with an id that nobody knows comes before it.
    case unknownMessage = "unknown-message"
    /// It comes twice.
    case duplicate
    /// It never comes.
    case skipped
    /// It comes `seconds` later, after others.
    case late
    /// At execDetails: its commission report comes first.
    case commissionFirst = "commission-first"
    /// At execDetails: `seconds` later the execution comes again with the next revision in its id and a price one step worse.
    case correction

    enum Place { case handshake, request, answer }

    var place: Place {
        switch self {
        case .slowHandshake, .silentHandshake, .redirect, .clientIdInUse: .handshake
        case .dropBeforeAccept, .dropAfterAccept, .silence, .ignored, .readOnly, .rateCut, .slow, .rejected,
            .serverCancel, .lateVisibility, .lostRestored,
            .lostDataGone, .lostForGood, .farmsBroken, .competingSession:
            .request
        case .garbageFrame, .oversizedLength, .halfFrame, .shortFrame, .surplusFields, .unknownMessage, .duplicate,
            .skipped, .late, .commissionFirst, .correction:
            .answer
        }
    }
}

/// What goes wrong at the simulated gateway.
public typealias IBFaultPlan = FaultPlan<IBFault>
