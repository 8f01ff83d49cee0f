internal import ArgumentParser
internal import Core
internal import Cycle
internal import Store

struct ReviseOrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revise",
        abstract: "Gives a working order new prices: recorded first, sent once, believed when the broker lists it.",
        discussion: """
            Quantity, side and time stay: for others cancel the order and propose another. The rules of risk see it as a new \
            order in the place of this one. At which price it stands is what `takt reconcile --again` finds in the broker's \
            list; while that is not known, nothing is sent again and the dearer price counts.

            Example: takt orders revise NVDA-entry-8c2k1x0zq4ab --limit-price 181.50 --reason "the market left it behind"
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("The client order id.", valueName: "id")) var id: String
    @Option(name: .long, help: .init("The new limit, in the instrument's currency.", valueName: "price"))
    var limitPrice: String?
    @Option(name: .long, help: .init("The new stop, in the instrument's currency.", valueName: "price"))
    var stopPrice: String?
    @OptionGroup var why: ReasonOption

    func validate() throws {
        guard limitPrice != nil || stopPrice != nil else {
            throw ValidationError("Give --limit-price, --stop-price, or both. Nothing was done.")
        }
        _ = try (price(limitPrice, "--limit-price"), price(stopPrice, "--stop-price"))
    }

    private func price(_ text: String?, _ flag: String) throws -> Price? {
        guard let text else { return nil }
        guard let price = try? Price(text), price.isPositive else {
            throw ValidationError("\(flag): '\(text)' is no price above zero. Nothing was done.")
        }
        return price
    }

    func run() async throws {
        let context = try CommandContext(global)
        let store = try context.openStore()
        let type = try store.read { try terms($0) }
        let desk = RevisionDesk(
            context: try await context.tradingContext(store, stop: Signals().stop),
            actor: "operator \(CommandContext.process.user)", reason: why.reason)
        let outcome = try await desk.revise(ClientOrderID(id), to: type, isDryRun: context.isDryRun)
        let items = try store.read { try [$0.order(ClientOrderID(id))].compactMap { $0 }.map(DocumentItems.order) }
        let document = JSONValue.object([
            .init("schema", "takt.revise/1"), .init("outcome", .string(outcome.name)),
            .init("detail", outcome.detail.map { .string($0) } ?? .null), .init("reason", .string(why.reason)),
            .init("dry_run", .bool(context.isDryRun)), .init("count", .int(Int64(items.count))),
            .init("items", .array(items)),
        ])
        try context.output.emit(document) { Self.text(outcome, id) }
        try CommandEnd.check(Self.exitCode(outcome))
    }

    /// The order's own terms with the prices that were given.
    private func terms(_ reader: StoreReader) throws -> OrderType {
        guard let order = try reader.order(ClientOrderID(id)) else { throw refusal("there is no such order") }
        let (limit, stop) = (try price(limitPrice, "--limit-price"), try price(stopPrice, "--stop-price"))
        if limit != nil, order.type.limitPrice == nil {
            throw refusal("it is a \(order.type.name) order without a limit")
        }
        if stop != nil, order.type.stopPrice == nil { throw refusal("it is a \(order.type.name) order without a stop") }
        var prices = order.type.prices
        prices.limit = limit ?? prices.limit
        prices.stop = stop ?? prices.stop
        guard let type = OrderType(name: order.type.name, prices) else {
            throw refusal("it is a \(order.type.name) order")
        }
        return type
    }

    private func refusal(_ why: String) -> StepFailure {
        StepFailure(
            code: "not-revisable", message: "Order \(id) cannot be given new prices: \(why).",
            hint: "Nothing was sent; it stands as it was. See `takt orders`.", isRetryable: false, exitCode: .badInput)
    }

    private static func text(_ outcome: RevisionDesk.Outcome, _ id: String) -> String {
        switch outcome {
        case .unchanged: "\(id) stands at these prices already; nothing was sent."
        case .underWay: "This revision of \(id) is under way; nothing was sent. Run takt reconcile --again."
        case .accepted: "The broker took it. Run takt reconcile --again to see at which price \(id) stands."
        case .refused(_, let message): "Refused, \(id) stands as it was: \(message)"
        case .wouldSend: "Would be sent; nothing was recorded or sent."
        case .notSent(let detail): "Not sent, \(id) stands as it was: \(detail)"
        case .unknown(let detail):
            "Nobody knows whether it arrived (\(detail)); it is not sent again. Run takt reconcile --again."
        }
    }

    private static func exitCode(_ outcome: RevisionDesk.Outcome) -> Cycle.ExitCode {
        switch outcome {
        case .unchanged, .wouldSend, .underWay, .accepted: .success
        case .refused: .badInput
        case .notSent: .unavailable
        case .unknown: .ordersInDoubt
        }
    }
}
