internal import Zip

/// The zip archive of a checkpoint, within the limits of one.
struct CheckpointArchive {
    /// A network has two or three tensors a layer, its optimizer twice as many again.
    private static let entryLimit = 20_000
    /// Weights hardly shrink.
    private static let expansionLimit = 32
    private let zip: ZipArchive

    init(_ bytes: [UInt8]) throws(PolicyError) {
        let limits = ZipArchive.Limits(
            entries: Self.entryLimit, contentBytes: Checkpoint.sizeLimit, expansion: Self.expansionLimit)
        do { zip = try ZipArchive(bytes, limits: limits) } catch { throw PolicyError(error) }
    }

    var entries: [ZipArchive.Entry] { zip.entries }

    func content(of entry: ZipArchive.Entry) throws(PolicyError) -> ArraySlice<UInt8> {
        do { return try zip.content(of: entry) } catch { throw PolicyError(error) }
    }
}

extension PolicyError {
    fileprivate init(_ error: ZipError) {
        switch error {
        case .damaged(let entry, let offset, let problem):
            self = .archive(entry: entry, offset: offset, problem: problem)
        case .tooLarge(let what, let count, let limit, let unit):
            self = .tooLarge(what, count: count, limit: limit, unit: unit)
        }
    }
}
