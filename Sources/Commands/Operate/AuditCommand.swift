internal import ArgumentParser
internal import Core
internal import Cycle
internal import Store

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verifies and exports the hash-chained audit trail.",
        subcommands: [Verify.self, Export.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recomputes every hash; with --decisions also every decision and risk check.",
            discussion:
                "Exit code 65 names the first entry that was changed, removed or added by hand. Example: takt audit verify --decisions"
        )
        @OptionGroup var global: GlobalOptions
        @Flag(
            name: .long,
            help: "Make every recorded decision and risk check again from its evidence and compare it to the byte.")
        var decisions = false

        func run() async throws {
            let context = try CommandContext(global)
            let store = try context.openStoreForReading()
            let verdict = try store.read { try $0.verifyAudit() }
            var document: JSONValue
            var isSound = true
            switch verdict {
            case .intact(let entries, let head):
                document = [
                    "schema": "takt.audit-verify/1", "intact": true, "entries": .int(entries), "head": JSONValue(head),
                ]
            case .broken(let sequence, let reason):
                isSound = false
                document = [
                    "schema": "takt.audit-verify/1", "intact": false, "sequence": .int(sequence),
                    "reason": .string(reason),
                ]
            }
            if decisions {
                let outcome = try store.read { try Self.recompute($0) }
                document = document.setting("decisions", .int(Int64(outcome.count)))
                    .setting("risk_checks", .int(Int64(outcome.checks)))
                    .setting("beyond_retention", .int(Int64(outcome.beyondRetention)))
                    .setting("differing", .array(outcome.differing.map { .string($0.what) }))
                    .setting("items", .array(outcome.differing.map(\.json)))
                    .setting("findings", .array(outcome.findings.map { .string($0) }))
                isSound = isSound && outcome.differing.isEmpty && outcome.findings.isEmpty
            }
            try context.output.emit(document) { Self.text(document) }
            try CommandEnd.check(isSound ? .success : .badInput)
        }

        private struct Outcome {
            var count = 0
            var checks = 0
            var beyondRetention = 0
            var differing: [Difference] = []
            var findings: [String] = []
        }

        /// What did not come out as it is recorded, and why.
        private struct Difference {
            let what: String
            let reason: String
            var json: JSONValue { ["subject": .string(what), "reason": .string(reason)] }
        }

        private static func recompute(_ reader: StoreReader) throws -> Outcome {
            var outcome = Outcome()
            for result in try DecisionEvidence.recompute(in: reader) {
                switch result.outcome {
                case .same: outcome.count += 1
                case .beyondRetention: outcome.beyondRetention += 1
                case .different(let reason):
                    outcome.count += 1
                    outcome.differing.append(Difference(what: "\(result.key)", reason: reason))
                }
            }
            for result in try RiskEvidence.recompute(in: reader) {
                outcome.checks += 1
                if !result.agrees {
                    outcome.differing.append(
                        Difference(
                            what: "\(result.subject)|risk-check (entry \(result.sequence))",
                            reason: "its evidence is gone, or says something else than the audit trail"))
                }
            }
            outcome.findings = try reader.retentionFindings()
            return outcome
        }

        private static func text(_ document: JSONValue) -> String {
            var lines: [String] = []
            if document["intact"]?.boolValue == true {
                lines.append(
                    "The trail is intact: \(document["entries"]?.intValue ?? 0) entries, head \(document["head"]?.stringValue ?? "")"
                )
            } else {
                lines.append(
                    "The trail is broken at entry \(document["sequence"]?.intValue ?? 0): \(document["reason"]?.stringValue ?? "")"
                )
                lines.append(
                    "Somebody or something changed the database by hand. Keep the file and compare it with a backup.")
            }
            if let count = document["decisions"]?.intValue {
                let differing = document["differing"]?.arrayValue ?? []
                let checks = document["risk_checks"]?.intValue ?? 0
                lines.append(
                    "\(count) decisions and \(checks) risk checks made again, \(differing.count) of them differ from the record."
                )
                lines += (document["items"]?.arrayValue ?? []).map {
                    "\($0["subject"]?.stringValue ?? ""): \($0["reason"]?.stringValue ?? "")"
                }
                if let old = document["beyond_retention"]?.intValue, old > 0 {
                    lines.append("\(old) older ones cannot be made again: db prune has taken their bars away.")
                }
                lines += (document["findings"]?.arrayValue ?? []).compactMap(\.stringValue)
            }
            return lines.joined(separator: "\n")
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the trail as NDJSON, one entry a line, hashes included.",
            discussion: "Example: takt audit export --since 2026-11-20 > audit.ndjson")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var filters: FilterOptions

        func run() async throws {
            let context = try CommandContext(global)
            let entries = try context.openStoreForReading().read { try $0.auditEntries(filters.filter(by: [], global)) }
            let lines = entries.map { entry -> String in
                let json: JSONValue = [
                    "seq": .int(entry.sequence), "at": JSONValue(entry.at), "actor": .string(entry.actor),
                    "kind": .string(entry.kind), "subject": .string(entry.subject), "payload": entry.payload,
                    "previous_hash": JSONValue(entry.previousHash), "hash": JSONValue(entry.hash),
                ]
                return json.text
            }
            try context.output.raw(lines.joined(separator: "\n"))
        }
    }
}
