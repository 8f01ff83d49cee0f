internal import Core
internal import Policy

/// A policy takes another's place in one step, the renaming of its sidecar: whoever is killed before it leaves the old policy
/// as it was, and a beat in between decides on one of the two, never on the weights of one with the sidecar of the other.
extension PolicyFiles {
    /// The file name, beside the sidecar, under which weights are to be written: the policy's own, `NAME.safetensors`, or,
    /// while a policy that is there has other weights under that one, `NAME-` and the beginning of their digest.
    public func weightsFile(for weights: [UInt8]) throws -> String {
        let own = String(Self.last(self.weights))
        guard let named = try namedWeights() else { return own }
        if try holds(weights, in: named) { return named }
        return named == own ? "\(name)-\(Digest(of: weights).hex.prefix(Self.digits))\(Self.weightsSuffix)" : own
    }

    private static let digits = 12

    /// Whether both files have this content.
    public func hold(sidecar: [UInt8], weights: [UInt8], in file: String) throws -> Bool {
        guard FileWriting.exists(self.sidecar), try holds(weights, in: file) else { return false }
        return try FileWriting.read(self.sidecar, limit: PolicySidecar.sizeLimit) == sidecar
    }

    /// Puts a policy here, and takes away the weights of the one that was.
    ///
    /// - Parameter file: what ``weightsFile(for:)`` said, and the sidecar says.
    public func write(sidecar: [UInt8], weights: [UInt8], in file: String) throws {
        let before = try namedWeights()
        if try !holds(weights, in: file) {
            try FileWriting.replace(folder + file, with: weights, isDurable: true)
        }
        try FileWriting.replace(self.sidecar, with: sidecar, isDurable: true)
        // Nothing but what the sidecar before has named: a file of that form may be another policy's own.
        guard let before, before != file, isOfWeights(before), !isNamedBesides(before) else { return }
        FileWriting.remove(folder + before)
    }

    /// Whether the sidecar of another policy of the folder names the file.
    private func isNamedBesides(_ file: String) -> Bool {
        Self.sidecars(in: folder.isEmpty ? "." : String(folder)).contains { other in
            FileWriting.resolved(other.sidecar) != FileWriting.resolved(sidecar)
                && (try? other.namedWeights()) == file
        }
    }

    /// With its slash; empty for the current one.
    var folder: Substring { sidecar.dropLast(Self.last(sidecar).count) }

    private func holds(_ weights: [UInt8], in file: String) throws -> Bool {
        guard FileWriting.exists(folder + file) else { return false }
        return try FileWriting.read(folder + file, limit: Checkpoint.sizeLimit) == weights
    }

    /// What the sidecar that is there says; `nil` where there is none, or one that nobody can trade on anyway.
    private func namedWeights() throws -> String? {
        guard FileWriting.exists(sidecar) else { return nil }
        let text = try FileWriting.read(sidecar, limit: PolicySidecar.sizeLimit)
        return try? Policy.sidecar(text).weights.file
    }

    /// Whether a file name is one that ``weightsFile(for:)`` gives to weights of this policy.
    private func isOfWeights(_ file: String) -> Bool {
        guard file != Self.last(weights) else { return true }
        guard file.hasPrefix("\(name)-"), file.hasSuffix(Self.weightsSuffix) else { return false }
        let middle = file.dropFirst(name.count + 1).dropLast(Self.weightsSuffix.count)
        return middle.count == Self.digits && middle.allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }
}
