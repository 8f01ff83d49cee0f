/// The named places around every durable write and every broker call at which the crash tests kill the process.
///
/// In production nothing is armed and passing one costs a comparison.
public enum Failpoint: String, CaseIterable, Sendable {
    case stepBeforeJournalStart = "step.before-journal-start"
    case stepAfterJournalStart = "step.after-journal-start"
    case stepBeforeJournalFinish = "step.before-journal-finish"
    case stepAfterJournalFinish = "step.after-journal-finish"
    case fetchBarsBeforeWrite = "fetch-bars.before-write"
    case fetchBarsAfterWrite = "fetch-bars.after-write"
    case openingBeforeWrite = "opening.before-write"
    case openingAfterWrite = "opening.after-write"
    case decideBeforeWrite = "decide.before-write"
    case decideAfterWrite = "decide.after-write"
    case consultationAfterWriteAhead = "consultation.after-write-ahead"
    case consultationAfterRecord = "consultation.after-record"
    case proposeBeforeWrite = "propose.before-write"
    case proposeAfterWrite = "propose.after-write"
    case riskBeforeWrite = "risk-check.before-write"
    case riskAfterWrite = "risk-check.after-write"
    case submitBeforeWriteAhead = "submit.before-write-ahead"
    case submitAfterWriteAhead = "submit.after-write-ahead"
    case submitAfterSend = "submit.after-send"
    case submitAfterRecord = "submit.after-record"
    case cancelAfterWriteAhead = "cancel.after-write-ahead"
    case cancelAfterSend = "cancel.after-send"
    case cancelAfterRecord = "cancel.after-record"
    case reviseAfterWriteAhead = "revise.after-write-ahead"
    case reviseAfterSend = "revise.after-send"
    case reviseAfterRecord = "revise.after-record"
    case paperBeforeAccept = "paper.before-accept"
    case paperAfterAccept = "paper.after-accept"
    case paperBeforeMatch = "paper.before-match"
    case paperAfterMatch = "paper.after-match"
    case reconcileAfterFetch = "reconcile.after-fetch"
    case reconcileBeforeWrite = "reconcile.before-write"
    case reconcileAfterWrite = "reconcile.after-write"
    case reportBeforeWrite = "report.before-write"
    case reportAfterWrite = "report.after-write"
    case alertBeforeSend = "alert.before-send"
    case alertAfterSend = "alert.after-send"
    case alertAfterRecord = "alert.after-record"
}

/// What passing a failpoint does. The composition root decides; the default is nothing.
public struct Failpoints: Sendable {
    private let onHit: (@Sendable (Failpoint) -> Void)?

    public static let none = Failpoints(onHit: nil)

    public init(onHit: (@Sendable (Failpoint) -> Void)?) { self.onHit = onHit }

    public func hit(_ failpoint: Failpoint) { onHit?(failpoint) }
}
