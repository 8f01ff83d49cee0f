internal import Core
internal import Cycle
internal import Learning

/// The folder in which a training keeps what it needs to go on: checkpoints, and the curve up to the newest.
///
/// The curve is written before its checkpoint, so whatever a kill leaves behind, the newest checkpoint has its curve.
struct TrainingFolder {
    static let suffix = ".training"
    private static let prefix = "iteration-"
    private static let extent = ".safetensors"
    private static let curveName = "curve.ndjson"
    private static let conditionsName = "conditions.txt"
    /// A line of the curve has less.
    private static let curveLimit = 1 << 30

    let path: String

    /// The iterations of the checkpoints that are there, ascending.
    var iterations: [Int] {
        FileWriting.names(in: path).compactMap { name in
            guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.extent) else { return nil }
            return Int(name.dropFirst(Self.prefix.count).dropLast(Self.extent.count))
        }.sorted()
    }

    func file(_ iteration: Int) -> String {
        let digits = String(iteration)
        return "\(path)/\(Self.prefix)\(String(repeating: "0", count: max(0, 7 - digits.count)))\(digits)\(Self.extent)"
    }

    func checkpoint(_ iteration: Int) throws -> [UInt8] { try FileWriting.read(file(iteration)) }

    func lock(_ holder: String) throws -> StepLock {
        try FileWriting.createFolder(path)
        switch try StepLock.acquire(path: "\(path)/lock", holder: holder) {
        case .acquired(let lock): return lock
        case .busy(let holder): throw TrainingRefusal.busy(path, holder: holder)
        }
    }

    /// Keeps what a training depends on in words, for the message of whoever resumes it under other conditions.
    func write(conditions: [String]) throws {
        let text = conditions.map { $0 + "\n" }.joined()
        try FileWriting.replace("\(path)/\(Self.conditionsName)", with: Array(text.utf8))
    }

    /// The first condition that is no longer what it was; `nil` where none is known to differ.
    func difference(from conditions: [String]) throws -> LearningError? {
        let name = "\(path)/\(Self.conditionsName)"
        guard FileWriting.exists(name) else { return nil }
        let text = String(decoding: try FileWriting.read(name, limit: Self.curveLimit), as: UTF8.self)
        func parts(_ line: some StringProtocol) -> (key: String, value: String) {
            let parts = String(line).split(separator: " " as Character, maxSplits: 1).map(String.init)
            return (parts.first ?? "", parts.count > 1 ? parts[1] : "none")
        }
        let before = Dictionary(text.split(separator: "\n").map { parts($0) }) { first, _ in first }
        for line in conditions {
            let (key, value) = parts(line)
            let old = before[key] ?? "none"
            if old != value { return .differs(field: "setting '\(key)'", checkpoint: old, running: value) }
        }
        return nil
    }

    /// The curve before an iteration.
    func curve(before iteration: Int) throws -> [JSONValue] {
        let name = "\(path)/\(Self.curveName)"
        guard FileWriting.exists(name) else { return [] }
        let text = String(decoding: try FileWriting.read(name, limit: Self.curveLimit), as: UTF8.self)
        let lines = try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        return lines.filter { $0["iteration"]?.intValue.map { $0 < iteration } ?? false }
    }

    /// Puts training on record and takes away what retention does not keep.
    func write(_ checkpoint: [UInt8], _ iteration: Int, curve: [JSONValue], keeping retention: Retention) throws {
        let text = curve.map { $0.text + "\n" }.joined()
        try FileWriting.replace("\(path)/\(Self.curveName)", with: Array(text.utf8), isDurable: true)
        try FileWriting.replace(file(iteration), with: checkpoint, isDurable: true)
        let items = iterations.map { done in
            // A checkpoint is what an iteration has come to: its score is that of the rollouts it was made from.
            Retention.Item(
                iteration: done, score: Self.score(curve.first { $0["iteration"]?.intValue == Int64(done - 1) }))
        }
        let kept = retention.kept(of: items)
        for item in items where !kept.contains(item.iteration) { FileWriting.remove(file(item.iteration)) }
    }

    private static func score(_ record: JSONValue?) -> Double? { record?["mean_return"]?.doubleValue }
}
