internal import ArgumentParser
internal import Core
internal import Cycle
internal import Store

struct BookBreakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "book", abstract: "Books what explains a break in a position or in cash.",
        discussion: """
            For what no list of the broker's tells: shares moved in or out, a spin-off, money paid in, interest, a fee. The \
            difference is booked as the last reconcile saw it, with who and why, and the break is closed. Nothing is sent. \
            A transfer changes the capital of the account by what the shares are worth now, so that it is neither profit nor \
            loss; an adjustment is profit or loss. While an open order may explain the break it is refused: its fill would be \
            booked twice. Several breaks are booked together or not at all, such as the two halves of a merger.

            Examples: takt breaks book 7 --as transfer --price 41.20 --reason "200 shares moved in from the old broker"
                      takt breaks book 8 --as adjustment --reason "interest of October"
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("The ids that `takt breaks` shows.", valueName: "id")) var ids: [Int64]
    @Option(
        name: .customLong("as"),
        help: .init(
            "deposit (cash paid in or taken out), transfer (units moved in or out) or adjustment (profit or loss: "
                + "interest, a fee, a spin-off).", valueName: "kind"))
    var kind: Kind
    @Option(
        name: .long,
        help: .init("What a unit cost, 0 for what came free; needed where units came in.", valueName: "price"),
        transform: Self.price)
    var price: Price?
    @Option(
        name: .long,
        help: .init(
            "What a unit is worth now, where no bar of the newest session says so; with an adjustment of what is valued at a "
                + "stated price: what a unit is worth afterwards, with --force if all that is held is then worth more than "
                + "five times as much or as little.", valueName: "price"),
        transform: Self.price)
    var marketPrice: Price?
    @Option(
        name: .long,
        help: .init("Of a symbol that symbols.yaml does not list.", valueName: "currency"), transform: Self.currency)
    var currency: Currency?
    @Flag(name: .long, help: "The market price is meant so, however much it changes what is held.") var force = false
    @OptionGroup var why: ReasonOption

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case deposit, transfer, adjustment

        var kind: BreakDesk.Kind {
            switch self {
            case .deposit: .deposit
            case .transfer: .transfer
            case .adjustment: .adjustment
            }
        }
    }

    private static func price(_ text: String) throws -> Price {
        guard let price = try? Price(text), !price.isNegative else {
            throw ValidationError("'\(text)' is no price of zero or more.")
        }
        return price
    }

    private static func currency(_ text: String) throws -> Currency {
        guard let currency = Currency(text) else {
            throw ValidationError("'\(text)' is no currency; three capital letters, such as USD.")
        }
        return currency
    }

    func run() async throws {
        let context = try CommandContext(global)
        let desk = BreakDesk(
            context: try context.cycleContext(try context.openStore()), now: context.clock.now(),
            actor: "operator \(CommandContext.process.user)", isDryRun: context.isDryRun)
        let bookings = try desk.book(
            ids,
            as: BreakDesk.Explanation(
                kind: kind.kind, price: price, marketPrice: marketPrice, currency: currency, reason: why.reason,
                isForced: force))
        let document: JSONValue = [
            "schema": "takt.break-book/1", "reason": .string(why.reason), "booked": .bool(!context.isDryRun),
            "dry_run": .bool(context.isDryRun), "items": .array(bookings.map(Self.item)),
        ]
        try context.output.emit(document) {
            let lines = bookings.map { found, fact in
                "Break \(found.id) (\(found.kind) \(found.subject) at \(found.broker)) "
                    + "\(context.isDryRun ? "would be" : "is") closed with a booking of \(Self.described(fact).1)."
            }
            return lines.joined(separator: "\n") + (context.isDryRun ? "" : "\nRun takt reconcile --again.")
        }
    }

    private static func item(_ booking: BreakDesk.Booking) -> JSONValue {
        let (found, fact) = booking
        return [
            "break_id": .string(String(found.id)), "kind": .string(found.kind), "broker": JSONValue(found.broker),
            "ours": .string(found.ours), "theirs": .string(found.theirs), "entry": described(fact).0,
        ]
    }

    private static func described(_ fact: LedgerEntry.Fact) -> (JSONValue, String) {
        switch fact {
        case .transfer(let symbol, let quantity, let averageCost, let paidIn, _, let currency):
            (
                [
                    "kind": "transfer", "symbol": JSONValue(symbol), "quantity": JSONValue(quantity),
                    "average_cost": JSONValue(averageCost), "paid_in_price": JSONValue(paidIn),
                    "currency": JSONValue(currency),
                ],
                "\(quantity) \(symbol) at \(averageCost) \(currency), \(paidIn) a unit of it as capital"
            )
        case .deposit(let money): (cash("deposit", money), "\(money) as a deposit")
        case .adjustment(let money): (cash("adjustment", money), "\(money) as an adjustment")
        case .fill, .bust, .openingPosition, .dividend, .split, .conversion, .valuation: (.null, "\(fact)")
        }
    }

    private static func cash(_ kind: String, _ money: Money) -> JSONValue {
        ["kind": .string(kind), "amount": JSONValue(money.amount), "currency": JSONValue(money.currency)]
    }
}
