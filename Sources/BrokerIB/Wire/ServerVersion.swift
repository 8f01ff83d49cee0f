/// The version of the protocol that a gateway answered with. Every layout that depends on it names a version of this table
/// and no number.
package struct ServerVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int

    package init(_ number: Int) { self.number = number }

    package var description: String { "\(number)" }
    package static func < (left: ServerVersion, right: ServerVersion) -> Bool { left.number < right.number }

    /// What is offered: the layouts of this room. From 201 on the framing is another one, and nothing between is needed.
    static let offered = oldest...newest
    static let oldest = ServerVersion(157)
    static let newest = pendingPriceRevision

    /// `placeOrder` has `duration`.
    static let duration = ServerVersion(158)
    /// `placeOrder` has `postToAts`.
    static let postToATS = ServerVersion(160)
    /// `placeOrder` has `autoCancelParent`.
    static let autoCancelParent = ServerVersion(162)
    /// `contractData` ends with one size.
    static let oneSizeRule = ServerVersion(163)
    /// `contractData` ends with three sizes, and has lost its version and its size multiplier.
    static let sizeRules = ServerVersion(164)
    /// `error` has the details of a rejection; `placeOrder` has `advancedErrorOverride`.
    static let advancedReject = ServerVersion(166)
    /// `placeOrder` and `cancelOrder` tell when an order was made by hand.
    static let manualOrderTime = ServerVersion(169)
    /// `placeOrder` to `IBKRATS` has a least quantity; `openOrder` and `completedOrder` have five fields more at the end.
    static let peggedOffsets = ServerVersion(170)
    /// `reqContractDetails` has `issuerId`.
    static let issuerID = ServerVersion(176)
    /// `placeOrder`, `openOrder` and `completedOrder` have no `faProfile` any more.
    static let withoutAdvisorProfile = ServerVersion(177)
    /// `execDetails` has `pendingPriceRevision`.
    static let pendingPriceRevision = ServerVersion(178)
}
