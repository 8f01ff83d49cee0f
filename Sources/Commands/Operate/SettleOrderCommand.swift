internal import ArgumentParser
internal import Core
internal import Cycle
internal import Store

struct SettleOrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle", abstract: "Settles by hand an order in doubt, or one missing from the broker's lists.",
        discussion: """
            Look first: `takt reconcile --again` names the broker's orders that could be it. Nothing is sent; the verdict is \
            recorded with who and why, and the next reconcile books the fills of an order that was bound.

            Examples: takt orders settle NVDA-entry-8c2k1x0zq4ab --bind 0000000042 --reason "seen in the broker's app"
                      takt orders settle NVDA-entry-8c2k1x0zq4ab --absent --reason "support confirms: never received"
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("The client order id.", valueName: "id")) var id: String
    @Option(name: .long, help: .init("It is this order of the broker's.", valueName: "number")) var bind: String?
    @Flag(name: .long, help: "It never reached the broker, or does not stand there any more.") var absent = false
    @OptionGroup var why: ReasonOption

    func validate() throws {
        guard !global.dryRun else { throw ValidationError("A verdict has no dry run. Nothing was done.") }
        guard (bind != nil) != absent else { throw ValidationError("Give either --bind NUMBER or --absent.") }
    }

    func run() async throws {
        let context = try CommandContext(global)
        let store = try context.openStore()
        let desk = DoubtDesk(
            context: try context.cycleContext(store), now: context.clock.now(),
            actor: "operator \(CommandContext.process.user)", reason: why.reason)
        let order: ManagedOrder
        if let bind {
            order = try await desk.bind(ClientOrderID(id), to: BrokerOrderID(bind))
        } else {
            order = try desk.declareAbsent(ClientOrderID(id))
        }
        let warnings = absent ? try store.read { try doubts(about: order, $0) } : []
        let document = JSONValue.object([
            .init("schema", "takt.settle/1"), .init("count", 1), .init("items", [DocumentItems.order(order)]),
            .init("warnings", .array(warnings.map { .string($0) })),
        ])
        try context.output.emit(document) {
            (["\(order.clientOrderID) is now \(order.state.rawValue). Run takt reconcile --again."] + warnings)
                .joined(separator: "\n")
        }
    }

    /// An order that was executed after all shows as a difference in what is held.
    private func doubts(about order: ManagedOrder, _ reader: StoreReader) throws -> [String] {
        try reader.openBreaks(broker: order.broker).filter {
            $0.account == order.account && $0.symbol == order.symbol && $0.subject != order.clientOrderID.text
        }.map { found in
            "Break \(found.id) (\(found.kind) \(found.subject): ours \(found.ours), theirs \(found.theirs)) is open: the order may "
                + "have been executed. Look at the broker before anything is booked for it."
        }
    }
}
