internal import ArgumentParser
internal import Core
internal import Cycle
internal import Ledger
internal import Settings
internal import Store

struct PositionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "positions",
        abstract:
            "Lists positions from our ledger, valued at the newest closes; takes a price for one without a market.",
        discussion: "Example: takt positions --format json | jq '.items[] | {symbol, quantity, unrealised_pnl}'",
        subcommands: [List.self, StatePrice.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists positions (the default).",
            discussion: "Example: takt positions --all")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var filters: FilterOptions
        @Flag(name: .long, help: "Also positions that are flat by now, with what they realised.") var all = false

        func run() async throws {
            try filters.require([.symbol, .broker], global)
            let context = try CommandContext(global)
            let columns = PositionItems.columns
            try Listing(kind: "positions", columns: columns, empty: "No positions.").print(context) { reader in
                let books = try Books.load(
                    reader, settings: context.settings, calendars: context.calendars, at: context.clock.now())
                var valued = books.portfolio.positions.map(PositionItems.item)
                if all { valued += books.ledger.positions.filter(\.isFlat).map(Self.flat) }
                return valued.filter { item in
                    (filters.symbol.map { item["symbol"]?.stringValue == $0 } ?? true)
                        && (filters.broker.map { item["broker"]?.stringValue == $0 } ?? true)
                }
            }
        }

        private static func flat(_ position: LedgerPosition) -> JSONValue {
            [
                "symbol": JSONValue(position.symbol), "broker": JSONValue(position.broker),
                "account": JSONValue(position.account),
                "quantity": "0", "average_cost": "0", "currency": JSONValue(position.currency),
                "realised_pnl": JSONValue(position.realisedAverage.amount),
                "realised_pnl_fifo": JSONValue(position.realisedFIFO.amount),
            ]
        }
    }

    struct StatePrice: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "price", abstract: "Says what a unit of a holding is worth that has no market price.",
            discussion: """
                For a halted share, a right, a fund without bars: while nobody knows what it is worth, equity is not known and \
                no loss limit can be judged. The price stands until a bar or a fill is newer, and is recorded with who and why. It values \
                the account only: no stop-loss and no order acts on it. Of a position that the account was met with, it also counts as \
                what was paid in, until then unknown: a price that is more than five times away from what is known is refused unless \
                --force is given. --correct takes the place of a mistake: where that has settled what was paid in, this is put right with \
                it; any other correction is a gain or a loss like every change of a price.

                Example: takt positions price TWTR --price 54.20 --reason "halted; price of the merger"
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("What is held.", valueName: "symbol")) var symbol: String
        @Option(name: .long, help: .init("What a unit is worth, in the currency of the position.", valueName: "price"))
        var price: String
        @Option(name: .long, help: .init("Where it is held, if at several brokers.", valueName: "name"))
        var broker: String?
        @Flag(name: .long, help: "It is meant so, however far from what is known.") var force = false
        @Flag(
            name: .long,
            help:
                "The stated price that stands was a mistake: this one takes its place, also in what was paid in if it settled that."
        )
        var correct = false
        @OptionGroup var why: ReasonOption

        func validate() throws {
            try global.refuseProfile("Name the symbol, and --broker if several hold it.")
            guard let price = try? Price(price), !price.isNegative else {
                throw ValidationError("'\(price)' is no price of zero or more.")
            }
        }

        func run() async throws {
            let context = try CommandContext(global)
            let price = try Price(price)
            let desk = PriceDesk(
                context: try context.cycleContext(try context.openStore()), now: context.clock.now(),
                actor: "operator \(CommandContext.process.user)", isDryRun: context.isDryRun)
            let symbol = Symbol(symbol)
            let stated = try desk.state(
                PriceDesk.Saying(price: price, reason: why.reason, isForced: force, isCorrection: correct), of: symbol,
                broker: broker.map { BrokerID($0) })
            let document: JSONValue = [
                "schema": "takt.position-price/1", "symbol": JSONValue(symbol), "broker": JSONValue(stated.broker),
                "account": JSONValue(stated.account), "quantity": JSONValue(stated.quantity), "price": JSONValue(price),
                "currency": JSONValue(stated.currency), "reason": .string(why.reason),
                "dry_run": .bool(context.isDryRun),
                "at": JSONValue(context.clock.now()),
            ]
            try context.output.emit(document) {
                "\(stated.quantity) \(symbol) at \(stated.broker) \(context.isDryRun ? "would be" : "are") valued at "
                    + "\(price) \(stated.currency) until the market tells a newer price."
                    + (context.isDryRun ? " Nothing was changed." : "")
            }
        }
    }
}
