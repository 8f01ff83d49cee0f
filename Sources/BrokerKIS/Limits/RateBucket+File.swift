internal import Core

/// What the bucket's file holds. Times are microseconds since 1970, UTC.
extension RateBucket {
    private static let version: Int64 = 1

    var file: [UInt8] {
        let line = waiters.map { waiter -> JSONValue in
            [
                "id": .string(waiter.id), "kind": .int(Int64(waiter.kind.rawValue)),
                "since": .int(waiter.since.microseconds), "asked": .int(waiter.askedAt.microseconds),
                "kept": .int(waiter.keptUntil.microseconds),
            ]
        }
        let document: JSONValue = [
            "version": .int(Self.version), "next_free": .int(nextFree.microseconds),
            "paused_until": pausedUntil.map { .int($0.microseconds) } ?? .null, "refusals": .int(Int64(refusals)),
            "last_refusal": lastRefusal.map { .int($0.microseconds) } ?? .null, "waiters": .array(line),
        ]
        return document.utf8
    }

    /// `nil` for what is no such file. Whatever stands in a good one is a possible bucket.
    init?(file: [UInt8]) {
        guard let document = try? JSONValue(parsing: file), document["version"] == .int(Self.version),
            let nextFree = Self.instant(document["next_free"]), let refusals = document["refusals"]?.intValue,
            (0...10).contains(refusals), let line = document["waiters"]?.arrayValue, line.count <= Self.waiterLimit
        else { return nil }
        self.init(now: nextFree)
        pausedUntil = Self.instant(document["paused_until"])
        lastRefusal = Self.instant(document["last_refusal"])
        self.refusals = Int(refusals)
        for item in line {
            guard let waiter = Waiter(item) else { return nil }
            waiters.append(waiter)
        }
    }

    /// Within 3000 years of the epoch, so that no sum of times overflows.
    fileprivate static func instant(_ value: JSONValue?) -> Instant? {
        guard let number = value?.intValue, (-100_000_000_000_000_000...100_000_000_000_000_000).contains(number) else {
            return nil
        }
        return Instant(microseconds: number)
    }
}

extension RateBucket.Waiter {
    fileprivate init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, let number = json["kind"]?.intValue,
            let kind = Int(exactly: number).flatMap(KISEndpoint.Kind.init),
            let since = RateBucket.instant(json["since"]), let asked = RateBucket.instant(json["asked"]),
            let kept = RateBucket.instant(json["kept"])
        else { return nil }
        self.init(id: id, kind: kind, since: since, askedAt: asked, keptUntil: kept)
    }
}
