public import Cycle
public import Policy

/// A policy that is ready to be written, with the picture of how it was learned.
public struct TrainedPolicy {
    public enum State: Hashable, Sendable { case written, unchanged }

    public let files: PolicyFiles
    public let policy: Policy
    let sidecar: [UInt8]
    let weights: [UInt8]
    /// An SVG file; `nil` where nothing is drawn.
    let picture: [UInt8]?

    public var picturePath: String {
        files.sidecar.dropLast(PolicyFiles.sidecarSuffix.count) + ".svg"
    }

    /// The weights first: a sidecar never names what is not there yet. A policy that a crash in between leaves behind is refused
    /// for its digest until the training is resumed, which writes both again.
    public func write() throws -> State {
        var contents = [(files.weights, weights), (files.sidecar, sidecar)]
        if let picture { contents.append((picturePath, picture)) }
        let stale = try contents.filter { path, bytes in
            try !FileWriting.exists(path) || FileWriting.read(path, limit: Checkpoint.sizeLimit) != bytes
        }
        for (path, bytes) in stale { try FileWriting.replace(path, with: bytes, isDurable: true) }
        return stale.isEmpty ? .unchanged : .written
    }
}
