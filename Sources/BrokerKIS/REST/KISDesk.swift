internal import Core
internal import Locks
internal import Settings
internal import Transport

/// One door of KIS's with everything needed to go through it: its token, its count of calls.
struct KISDesk: Sendable {
    /// An exchange that took place.
    struct Exchange: Sendable {
        let reaction: KISReaction
        let response: HTTPResponse
        let body: KISBody
        let token: Secret
        /// When it was let through.
        let sentAt: Instant
    }

    /// Why no answer came.
    enum Failure: Error, Hashable, Sendable {
        /// No token; the call did not leave.
        case token(KISSession.Failure)
        /// No slot; the call did not leave.
        case slot(RateGate.Failure)
        /// The time of the call was used up; it did not leave.
        case late(Duration)
        /// The address cannot be used; the call did not leave.
        case address
        case transport(TransportError)
    }

    let door: KISDoor
    let session: KISSession
    let gate: RateGate
    let customerType: KISConfiguration.CustomerType

    init(
        _ door: KISDoor, _ configuration: KISConfiguration, http: HTTPClient, clock: any WallClock, veil: KISVeil
    ) {
        self.door = door
        session = KISSession(
            door: door, folder: configuration.folder, http: http, clock: clock,
            requestDeadline: configuration.requestDeadline, veil: veil)
        gate = RateGate(folder: configuration.folder, keyName: door.keyName, rate: door.rate, clock: clock)
        customerType = configuration.customerType
    }

    /// One exchange: a token, a slot, one request.
    ///
    /// - Parameters:
    ///   - failed: A token that KIS has turned away.
    ///   - reserve: What has to be left of the budget when the request leaves: an order is either sent with its whole deadline
    ///     or not at all, since one that is cut short is one whose outcome is unknown.
    func exchange(
        _ call: KISCall, failed: Secret?, waiting budget: inout WaitBudget, reserve: Duration
    ) async throws(Failure) -> Exchange {
        var patience = budget.keepingBack(reserve)
        defer { budget.count(patience) }
        let token: Secret
        let sentAt: Instant
        do {
            token = try await session.token(failed: failed, waiting: &patience).text
        } catch {
            throw .token(error)
        }
        do {
            sentAt = try await gate.pass(call.endpoint.kind, waiting: &patience)
        } catch {
            throw .slot(error)
        }
        if Task.isCancelled { throw .slot(.cancelled) }
        let deadline = reserve > .zero ? reserve : min(session.requestDeadline, budget.left(at: session.clock.now()))
        guard deadline > .zero else { throw .late(budget.limit) }
        guard
            let request = KISRequest.make(
                call.endpoint, call.fields, transactionID: call.transactionID, isContinuation: call.isContinuation,
                door: door, token: token, customerType: customerType, deadline: deadline)
        else { throw .address }
        let response: HTTPResponse
        do {
            response = try await session.http.send(request)
        } catch {
            throw .transport(error)
        }
        let body = KISBody(response.body)
        let reaction = KISReaction.to(status: response.status, body: body, of: call.endpoint.kind)
        if reaction.kind == .slowDown { await gate.refused(sentAt: sentAt) }
        return Exchange(reaction: reaction, response: response, body: body, token: token, sentAt: sentAt)
    }
}

/// A call with the id it carries on the host it goes to.
struct KISCall: Sendable {
    let endpoint: KISEndpoint
    let fields: [KISField]
    let isContinuation: Bool
    let transactionID: String
}
