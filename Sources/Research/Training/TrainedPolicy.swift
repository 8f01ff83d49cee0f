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

    public func write() throws -> State {
        let file = policy.sidecar.weights.file
        let isWritten = try files.hold(sidecar: sidecar, weights: weights, in: file)
        if !isWritten { try files.write(sidecar: sidecar, weights: weights, in: file) }
        guard let picture else { return isWritten ? .unchanged : .written }
        let isDrawn =
            try FileWriting.exists(picturePath)
            && FileWriting.read(picturePath, limit: Checkpoint.sizeLimit) == picture
        if !isDrawn { try FileWriting.replace(picturePath, with: picture, isDurable: true) }
        return isWritten && isDrawn ? .unchanged : .written
    }
}
