/// A stream of KIS's WebSocket by its `tr_id`.
public enum KISStreamKind: String, Hashable, Sendable, CaseIterable {
    /// Trades on the Korea Exchange, on Nextrade, and on both together.
    case domesticTrades = "H0STCNT0"
    case nextradeTrades = "H0NXCNT0"
    case combinedTrades = "H0UNCNT0"
    case domesticBook = "H0STASP0"
    case nextradeBook = "H0NXASP0"
    case combinedBook = "H0UNASP0"
    case overseasTrades = "HDFSCNT0"
    case overseasBook = "HDFSASP0"
    /// One level, fifteen minutes late.
    case delayedOverseasBook = "HDFSASP1"
    case domesticNotices = "H0STCNI0"
    case domesticNoticesVirtual = "H0STCNI9"
    case overseasNotices = "H0GSCNI0"
    case overseasNoticesVirtual = "H0GSCNI9"

    /// Order notices: encrypted, keyed by the HTS id, and never to be missed.
    public var isNotice: Bool {
        switch self {
        case .domesticNotices, .domesticNoticesVirtual, .overseasNotices, .overseasNoticesVirtual: true
        case .domesticTrades, .nextradeTrades, .combinedTrades, .domesticBook, .nextradeBook, .combinedBook,
            .overseasTrades, .overseasBook, .delayedOverseasBook:
            false
        }
    }

    /// Whether the virtual (paper) host serves it.
    public var isOnVirtualHost: Bool {
        switch self {
        case .domesticTrades, .domesticBook, .domesticNoticesVirtual, .overseasNoticesVirtual: true
        case .nextradeTrades, .combinedTrades, .nextradeBook, .combinedBook, .overseasTrades, .overseasBook,
            .delayedOverseasBook, .domesticNotices, .overseasNotices:
            false
        }
    }

    /// The values of a record that are known: fewer than the first figure is no record of this stream, and from twice as
    /// many as the second on, it is two of them with a wrong count. In between, KIS has added fields at the end.
    var width: (least: Int, known: Int) {
        switch self {
        case .domesticTrades, .nextradeTrades, .combinedTrades: (46, 46)
        case .domesticBook: (59, 59)
        case .nextradeBook, .combinedBook: (65, 65)
        // Without the first value, as the official sample has it.
        case .overseasTrades: (25, 26)
        case .overseasBook: (16, 71)
        case .delayedOverseasBook: (16, 17)
        // As they were before Nextrade, and before the twelve-digit price.
        case .domesticNotices, .domesticNoticesVirtual: (23, 26)
        case .overseasNotices, .overseasNoticesVirtual: (21, 25)
        }
    }

    /// The eight letters of the id as one number.
    private static let byID = Dictionary(
        uniqueKeysWithValues: allCases.map { (KISCode.word(Array($0.rawValue.utf8)[...]), $0) })

    init?(id: UnsafeBufferPointer<UInt8>) {
        guard id.count == 8, let kind = Self.byID[KISCode.word(id[...])] else { return nil }
        self = kind
    }
}
