internal import Core

/// Puts pages of minute bars together: pages overlap, come newest first, and end with a bar that is still being made.
struct MinuteBarCollector {
    let barSeconds: Int
    private var bars: [Instant: Bar] = [:]
    private var seen: Set<Instant> = []
    private(set) var problems: [String] = []

    init(barSeconds: Int) { self.barSeconds = barSeconds }

    /// Takes a page in; returns whether it brought anything new.
    ///
    /// - Parameter receivedAt: A bar whose time is not over by then is left out: its volume may still be that of the
    ///   bar before.
    mutating func take(
        _ rows: [KISRecord], call: String, receivedAt: Instant,
        read: (KISRecord) throws(KISRowProblem) -> Bar?
    ) -> Bool {
        var isNews = false
        for (index, row) in rows.enumerated() {
            do throws(KISRowProblem) {
                guard let bar = try read(row), seen.insert(bar.openAt).inserted else { continue }
                isNews = true
                if bar.openAt.advanced(bySeconds: Int64(barSeconds)) <= receivedAt { bars[bar.openAt] = bar }
            } catch { problems.append("\(call), row \(index + 1) of a page: \(error)") }
        }
        return isNews
    }

    mutating func note(_ problem: String) { problems.append(problem) }

    /// Oldest first.
    func listing(takenAt: Instant) -> KISListing<Bar> {
        KISListing(bars.values.sorted { $0.openAt < $1.openAt }, problems: problems, takenAt: takenAt)
    }
}
