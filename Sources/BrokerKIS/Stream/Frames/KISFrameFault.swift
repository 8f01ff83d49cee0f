/// Why a frame brought nothing. A frame is refused as a whole, and counted.
public enum KISFrameFault: Error, Hashable, Sendable {
    /// Neither JSON nor a data frame.
    case notAFrame
    /// A stream that this version does not read.
    case unknownStream(String)
    /// The number of values is no multiple of the number of records.
    case countDoesNotFit(KISStreamKind, values: Int, count: Int)
    /// Fewer values than the stream has, or as many as two records.
    case widthDoesNotFit(KISStreamKind, width: Int)
    case unreadableValue(KISStreamKind, index: Int)
    /// A frame that says it is encrypted and came before the key.
    case keyMissing(KISStreamKind)
    case undecryptable(KISStreamKind)

    /// The stream it was to be of.
    public var stream: KISStreamKind? {
        switch self {
        case .notAFrame, .unknownStream: nil
        case .countDoesNotFit(let kind, _, _), .widthDoesNotFit(let kind, _), .unreadableValue(let kind, _),
            .keyMissing(let kind), .undecryptable(let kind):
            kind
        }
    }
}

extension KISFrameFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAFrame: "neither JSON nor a data frame"
        case .unknownStream(let id): "a stream that is not read here: \(id)"
        case .countDoesNotFit(let kind, let values, let count):
            "\(kind.rawValue): \(values) values do not make \(count) records"
        case .widthDoesNotFit(let kind, let width):
            "\(kind.rawValue): a record of \(width) values; \(kind.width.known) are known"
        case .unreadableValue(let kind, let index): "\(kind.rawValue): value \(index) of a record cannot be read"
        case .keyMissing(let kind): "\(kind.rawValue): encrypted, and no key came with the registration"
        case .undecryptable(let kind): "\(kind.rawValue): cannot be decrypted with the key of the latest registration"
        }
    }
}
