internal import Core

/// Something that goes wrong in the simulator.
public enum KISFault: String, Hashable, Sendable, RehearsedFault {
    /// The connection closes before the call is looked at.
    case dropBeforeAccept = "drop-before-accept"
    /// The call is carried out, and the connection closes without an answer.
    case dropAfterAccept = "drop-after-accept"
    /// HTTP 500 and EGW00002, the call not carried out.
    case serverError = "server-error"
    /// The same, and the call carried out.
    case serverErrorAfterAccept = "server-error-after-accept"
    /// HTTP 500 and EGW00201, the call not carried out.
    case rateLimit = "rate-limit"
    /// Every token of the environment is void from now on.
    case tokenExpiry = "token-expiry"
    /// The answer comes late, by `milliseconds`.
    case slow
    /// The call is carried out; its answer is no JSON.
    case malformedBody = "malformed-body"
    /// The call is carried out; the connection closes in the middle of its answer.
    case halfAnswer = "half-answer"
    /// The order is taken, and the exchange refuses it afterwards.
    case lateRefusal = "late-refusal"
    /// The order lists show the order only `seconds` later.
    case lateVisibility = "late-visibility"

    // Of the stream; its endpoints are the transaction ids of the frames.

    /// A frame breaks off in its middle, and the next one follows.
    case halfFrame = "half-frame"
    /// A message comes in several WebSocket frames; a correct receiver does not notice.
    case fragmentedFrame = "fragmented-frame"
    /// A record has a value too many or too few.
    case wrongWidth = "wrong-width"
    case duplicateNotice = "duplicate-notice"
    /// A notice comes `seconds` later, after others.
    case lateNotice = "late-notice"
    case lostNotice = "lost-notice"
    /// The session closes, without a close frame.
    case disconnect

    var isOfStream: Bool {
        switch self {
        case .halfFrame, .fragmentedFrame, .wrongWidth, .duplicateNotice, .lateNotice, .lostNotice, .disconnect: true
        case .dropBeforeAccept, .dropAfterAccept, .serverError, .serverErrorAfterAccept, .rateLimit, .tokenExpiry,
            .slow, .malformedBody, .halfAnswer, .lateRefusal, .lateVisibility:
            false
        }
    }
}

/// What goes wrong at KIS's stand-in.
public typealias KISFaultPlan = FaultPlan<KISFault>
public typealias KISFaultPlanError = FaultPlanError<KISFault>

extension FaultDesk where Fault == KISFault {
    /// The rules that strike at the next call of an endpoint, or at the next frame of a stream.
    mutating func draw(_ endpoint: String, ofStream: Bool, at now: Instant) -> [KISFaultPlan.Rule] {
        draw(endpoint, at: now) { $0.isOfStream == ofStream }
    }
}
