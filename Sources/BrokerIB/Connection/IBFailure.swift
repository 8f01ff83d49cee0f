public import Core

/// Why a question to the gateway has no answer. Orders have outcomes instead.
public enum IBFailure: Error, Hashable, Sendable {
    /// The gateway is not there; nothing was sent.
    case notConnected(detail: String)
    /// The request was not sent: it cannot be written, or too many wait already.
    case notAsked(request: String, detail: String)
    /// The connection ended before the answer did. What had come until then may be kept, and is not the whole.
    case connectionLost(request: String, detail: String)
    case timedOut(request: String, after: Duration)
    /// The gateway said no. `sentence` has its own words, and what to do.
    case refused(request: String, code: Int, sentence: String)
    /// IB wants fewer requests; the same one may be sent later.
    case tooFast(request: String, code: Int, sentence: String)
    /// More messages than anything here needs.
    case tooMuch(request: String, limit: Int)
    /// A message of the answer could not be read.
    case malformed(request: String, detail: String)
    /// IB lists nothing that the instrument fits.
    case contractUnknown(InstrumentID, asked: String)
    /// IB lists several; which one is meant, only the operator can say.
    case contractAmbiguous(InstrumentID, candidates: [String])
    /// What IB lists is not what `symbols.yaml` says.
    case contractDiffers(InstrumentID, detail: String)
    /// There is no name of IB's for the exchange, or `broker_symbols` cannot be read.
    case contractNotServed(InstrumentID, detail: String)
    /// The calling task was cancelled.
    case cancelled
}

extension IBFailure {
    /// Whether the same question may be answered later, with nobody doing anything.
    public var isRetryable: Bool {
        switch self {
        case .notConnected, .connectionLost, .timedOut, .tooFast: true
        case .notAsked, .refused, .tooMuch, .malformed, .contractUnknown, .contractAmbiguous, .contractDiffers,
            .contractNotServed, .cancelled:
            false
        }
    }
}

extension IBFailure {
    /// Whether an instrument with this failure cannot be traded at IB before somebody changes what is configured. Only that may
    /// end an order; all else may be the gateway's trouble of the moment.
    var isDefinite: Bool {
        switch self {
        case .contractUnknown, .contractDiffers, .contractNotServed: true
        case .notConnected, .notAsked, .connectionLost, .timedOut, .refused, .tooFast, .tooMuch, .malformed,
            .contractAmbiguous, .cancelled:
            false
        }
    }
}

extension IBFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notConnected(let detail): "the gateway is not connected, and nothing was sent: \(detail)"
        case .notAsked(let request, let detail): "\(request): nothing was sent: \(detail)"
        case .connectionLost(let request, let detail):
            "\(request): the connection ended before the answer did: \(detail)"
        case .timedOut(let request, let limit):
            "\(request): no complete answer within \(limit.components.seconds) s"
        case .refused(let request, _, let sentence), .tooFast(let request, _, let sentence):
            "\(request): \(sentence)"
        case .tooMuch(let request, let limit): "\(request): more than \(limit) messages came, which nothing here needs"
        case .malformed(let request, let detail): "\(request): \(detail)"
        case .contractUnknown(let instrument, let asked):
            "IB lists no contract for \(instrument) (asked for \(asked)). Check its exchange, currency, kind and "
                + "broker_symbols.ib in symbols.yaml"
        case .contractAmbiguous(let instrument, let candidates):
            "IB lists \(candidates.count) contracts for \(instrument); nothing is done with it until one is named. Set "
                + "broker_symbols: {ib: \"conid:NUMBER\"} in symbols.yaml to one of: "
                + candidates.joined(separator: "; ")
        case .contractDiffers(let instrument, let detail):
            "\(instrument) is not what IB lists: \(detail). Nothing is done with it; correct symbols.yaml"
        case .contractNotServed(let instrument, let detail): "\(instrument) cannot be looked up at IB: \(detail)"
        case .cancelled: "cancelled"
        }
    }
}
