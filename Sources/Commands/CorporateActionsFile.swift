internal import BrokerPaper
internal import Core
internal import Cycle

/// Reads the embedded exchange's corporate actions: `symbol,ex_date,kind,value` with a header, kind `split` (new shares per
/// old share) or `dividend` (cash per share in the instrument's currency).
enum CorporateActionsFile {
    static func read(_ path: String?) throws -> [CorporateAction] {
        guard let path else { return [] }
        let lines = String(decoding: try FileWriting.read(path), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        var actions: [CorporateAction] = []
        for (index, raw) in lines.enumerated() where index > 0 {
            let line = raw.hasSuffix("\r") ? raw.dropLast() : raw
            guard !line.isEmpty else { continue }
            let parts = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 4, let date = CivilDate(iso: parts[1]), let kind = kind(parts[2], parts[3]) else {
                throw StepFailure(
                    code: "bad-actions-file", message: "\(path):\(index + 1): '\(line)' is no corporate action.",
                    hint: "Nothing was done. Write symbol,ex_date,kind,value such as NVDA,2024-06-10,split,10.",
                    isRetryable: false, exitCode: .badInput)
            }
            actions.append(CorporateAction(symbol: Symbol(parts[0]), exDate: date, kind: kind))
        }
        return actions
    }

    private static func kind(_ name: String, _ value: String) -> CorporateAction.Kind? {
        switch name {
        case "split": Int(value).flatMap { $0 > 0 ? .split(new: $0, old: 1) : nil }
        case "dividend":
            (try? FixedPoint(value)).flatMap { $0.isPositive ? .dividend(perShare: $0, taxRate: .zero) : nil }
        default: nil
        }
    }
}
