internal import Core
internal import Transport

/// Makes the errors of one call, with nothing secret in them.
struct KISFailureText: Sendable {
    let call: String
    let veil: KISVeil

    /// An exchange that did not take place, or broke.
    func error(_ failure: KISDesk.Failure, isOrder: Bool) -> KISError {
        switch failure {
        case .token(let failure): return error(failure, isOrder: isOrder)
        case .slot(let failure): return slot(failure, isOrder: isOrder)
        case .late(let limit):
            return beforeSending(
                "the \(limit.wholeSeconds) s for it were used up before it could leave", isOrder: isOrder)
        case .address:
            return .configuration(
                call: call, code: "ADDRESS", detail: "the REST address cannot be used; nothing was sent",
                cure: "check \(KISConfigurationKey.baseURL)")
        case .transport(let error): return transport(error, isOrder: isOrder)
        }
    }

    /// There is no access token, so the call did not leave.
    func error(_ failure: KISSession.Failure, isOrder: Bool) -> KISError {
        switch failure {
        case .unavailable(let detail): return beforeSending(veil.clean(detail), isOrder: isOrder)
        case .refused(let code, let detail):
            return .credentialsRefused(call: call, code: code, detail: veil.clean(detail, limit: 600))
        case .configuration(let code, let detail, let cure):
            // Final only for who reads: an order that never left may be sent once the cause is gone.
            if isOrder { return beforeSending("\(code): \(veil.clean(detail)); \(cure)", isOrder: true) }
            return .configuration(call: call, code: code, detail: veil.clean(detail), cure: cure)
        }
    }

    private func slot(_ failure: RateGate.Failure, isOrder: Bool) -> KISError {
        switch failure {
        case .noSlot(let limit, let next):
            beforeSending(
                "no free slot within \(limit.wholeSeconds) s\(next.map { ", the next one in \($0.wholeSeconds) s" } ?? ""): "
                    + "other calls with this key, or a pause that KIS asked for, are in front", isOrder: isOrder)
        case .cancelled: beforeSending("cut off before it was sent", isOrder: isOrder)
        case .unusable(let detail) where isOrder: beforeSending("CALL-COUNT: \(veil.clean(detail))", isOrder: true)
        case .unusable(let detail):
            .configuration(
                call: call, code: "CALL-COUNT", detail: veil.clean("\(detail); nothing was sent"),
                cure: "the folder of tokens has to be this user's alone and writable")
        }
    }

    private func beforeSending(_ detail: String, isOrder: Bool) -> KISError {
        isOrder
            ? .notSent(call: call, detail: detail + "; the order was not sent")
            : .unavailable(call: call, detail: detail)
    }

    private func transport(_ error: TransportError, isOrder: Bool) -> KISError {
        let detail = veil.clean("\(error)")
        guard isOrder else { return .unavailable(call: call, detail: detail) }
        return error.mayHaveArrived
            ? .outcomeUnknown(call: call, detail: detail) : .notSent(call: call, detail: detail)
    }

    /// A reaction to an order other than success. Never an error that could pass for "nothing happened" without being sure of it.
    func order(_ reaction: KISReaction) -> KISError {
        let detail = veil.clean(reaction.text)
        return switch reaction.kind {
        case .slowDown:
            .turnedAway(call: call, detail: "\(detail); turned away by the gateway before it reached the order desk")
        case .renew:
            .turnedAway(
                call: call,
                detail:
                    "\(detail); turned away by the gateway before it reached the order desk, and the token is renewed")
        case .refused: refused(reaction)
        case .configuration: configuration(reaction)
        case .credentials: credentials(reaction)
        case .success, .retry, .malformed, .unavailable, .outcomeUnknown:
            .outcomeUnknown(call: call, detail: "\(detail); the order may have been placed or not")
        }
    }

    /// A reaction to a read other than success, when there is no further try.
    func read(_ reaction: KISReaction) -> KISError {
        let detail = veil.clean(reaction.text)
        return switch reaction.kind {
        case .refused: refused(reaction)
        case .configuration: configuration(reaction)
        case .credentials: credentials(reaction)
        case .renew:
            .credentialsRefused(
                call: call, code: code(reaction), detail: "\(words(reaction)), also after a renewal")
        case .success, .malformed: .malformedAnswer(call: call, detail: detail)
        case .retry, .slowDown, .unavailable, .outcomeUnknown: .unavailable(call: call, detail: detail)
        }
    }

    private func refused(_ reaction: KISReaction) -> KISError {
        .refused(call: call, code: code(reaction), message: words(reaction))
    }

    private func configuration(_ reaction: KISReaction) -> KISError {
        .configuration(call: call, code: code(reaction), detail: words(reaction), cure: reaction.cure)
    }

    private func credentials(_ reaction: KISReaction) -> KISError {
        let cure = reaction.cure.isEmpty ? "" : "; \(reaction.cure)"
        return .credentialsRefused(call: call, code: code(reaction), detail: words(reaction) + cure)
    }

    private func code(_ reaction: KISReaction) -> String { veil.clean(reaction.code, limit: 20) }

    /// The code has a place of its own in these errors, and is shown from there.
    private func words(_ reaction: KISReaction) -> String { veil.clean(reaction.words) }
}
