internal import Dispatch
internal import Synchronization

/// Some threads over numbered pieces of work. Which thread takes which piece is left open, and nothing depends on it: a piece
/// has its number and its place for the result, and whoever sums up the results does so in the order of their numbers.
struct Workers {
    let count: Int

    init(_ count: Int) { self.count = max(1, count) }

    /// Does every piece once and returns when all are done.
    ///
    /// - Parameter work: gets the number of the piece, and that of the worker, in `0..<count`, of which no two run at once.
    ///   Pieces may not touch what another piece or worker writes.
    func perform(_ pieces: Int, _ work: (_ piece: Int, _ worker: Int) -> Void) {
        let threads = min(count, pieces)
        guard threads > 1 else {
            for piece in 0..<pieces { work(piece, 0) }
            return
        }
        let next = Atomic(0)
        withoutActuallyEscaping(work) { work in
            // It runs on several threads at once, and touches only what its piece and its worker own: that is what is asked
            // of it above. All are done before it goes.
            nonisolated(unsafe) let work = work
            DispatchQueue.concurrentPerform(iterations: threads) { worker in
                while true {
                    let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard piece < pieces else { return }
                    work(piece, worker)
                }
            }
        }
    }

    /// The results in the order of their pieces.
    func map<Result>(_ pieces: Int, _ work: (_ piece: Int, _ worker: Int) -> Result) -> [Result] {
        [Result](unsafeUninitializedCapacity: pieces) { results, filled in
            let start = results.baseAddress
            // Every piece is done exactly once, so every place is filled.
            perform(pieces) { piece, worker in start.map { $0 + piece }?.initialize(to: work(piece, worker)) }
            filled = pieces
        }
    }
}
