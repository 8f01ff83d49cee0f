internal import Core

/// A list as KIS delivered it, with everything that keeps it from being the whole list.
struct KISListing<Item: Sendable>: Sendable {
    var items: [Item]
    /// Rows that could not be read, pages that did not come: each as a sentence. A list with a problem proves no
    /// absence.
    var problems: [String]
    /// On our clock, before the first page was asked for.
    let takenAt: Instant

    init(_ items: [Item] = [], problems: [String] = [], takenAt: Instant) {
        self.items = items
        self.problems = problems
        self.takenAt = takenAt
    }

    var isComplete: Bool { problems.isEmpty }

    func map<Other>(_ transform: (Item) -> Other) -> KISListing<Other> {
        KISListing<Other>(items.map(transform), problems: problems, takenAt: takenAt)
    }
}

/// Reads lists that KIS gives out page by page.
struct KISPager: Sendable {
    /// The end of the names of the continuation keys: `CTX_AREA_FK100`.
    enum Keys: String, Sendable {
        case domestic = "100"
        case overseas = "200"
        case bare = ""
    }

    /// No account has so many; a host that never says that it is done is left here.
    static let pageLimit = 100
    /// `msg_cd` of a list without rows: such an answer may leave the list out.
    static let nothingToList = "KIOK0560"

    let caller: any KISCaller
    let clock: any WallClock

    /// All rows of a list.
    ///
    /// - Parameters:
    ///   - member: Where the rows stand in the body.
    ///   - fullPage: How many rows a page holds. A host that announces more without a key to ask by is done if its
    ///     page is not full, and owes us rows if it is.
    ///   - isEnough: Whether what has come so far is all that is wanted, asked after every page that announces more.
    ///   - read: A row as a value; `nil` for one that only fills up the page.
    func rows<Item: Sendable>(
        _ endpoint: KISEndpoint, _ fields: [KISField], _ keys: Keys, of member: String, fullPage: Int,
        isEnough: ([Item]) -> Bool = { _ in false }, read: (KISRecord) throws(KISRowProblem) -> Item?
    ) async throws(KISError) -> KISListing<Item> {
        var listing = KISListing<Item>(takenAt: clock.now())
        var seen: Set<[KISRecord]> = []
        var key = (forward: "", next: "")
        var rowCount = 0
        for page in 0..<Self.pageLimit {
            let answer = try await caller.call(
                endpoint,
                fields + [
                    KISField("CTX_AREA_FK\(keys.rawValue)", key.forward),
                    KISField("CTX_AREA_NK\(keys.rawValue)", key.next),
                ], isContinuation: page > 0)
            let rows = answer.body.rows(member)
            if !answer.body.isList(member), answer.code != Self.nothingToList {
                listing.problems.append("\(endpoint.name): \(member) is no list of rows")
            }
            // Taken in before it is compared: a page that comes twice ends the list, whatever its keys say.
            guard rows.isEmpty || seen.insert(rows).inserted else {
                listing.problems.append(
                    "\(endpoint.name): page \(page + 1) repeats an earlier one; the rest is missing")
                return listing
            }
            for row in rows {
                rowCount += 1
                do throws(KISRowProblem) {
                    if let item = try read(row) { listing.items.append(item) }
                } catch { listing.problems.append("\(endpoint.name), row \(rowCount): \(error)") }
            }
            guard answer.hasMore else {
                if rows.count >= fullPage, !answer.isLast {
                    listing.problems.append("\(endpoint.name): a full page, and not said to be the last")
                }
                return listing
            }
            if isEnough(listing.items) { return listing }
            key = (
                answer.body.raw("ctx_area_fk\(keys.rawValue)") ?? "",
                answer.body.raw("ctx_area_nk\(keys.rawValue)") ?? ""
            )
            guard answer.body.text("ctx_area_nk\(keys.rawValue)") != nil else {
                if rows.count >= fullPage {
                    listing.problems.append("\(endpoint.name): more rows are announced, without a key to ask for them")
                }
                return listing
            }
        }
        listing.problems.append("\(endpoint.name): no end after \(Self.pageLimit) pages; the rest is missing")
        return listing
    }
}
