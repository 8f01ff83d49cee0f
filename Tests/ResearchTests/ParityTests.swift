import Broker
import BrokerPaper
import Core
import Foundation
import Learning
import Ledger
import Sessions
import Synchronization
import TestSupport
import Testing

@testable import Research

/// The environment beside the paper exchange itself: the same orders have to give the same fills, fees and money.
struct ParityTests {
    private final class HandClock: WallClock {
        private let microseconds: Mutex<Int64>
        init(_ instant: Instant) { microseconds = Mutex(instant.microseconds) }
        func now() -> Instant { Instant(microseconds: microseconds.withLock { $0 }) }
        func set(_ instant: Instant) { microseconds.withLock { $0 = instant.microseconds } }
        func sleep(for duration: Duration) async throws {}
    }

    private struct Feed: PaperFeed {
        let all: [Bar]
        func bars(_ symbol: Symbol, from: Instant, until: Instant) async throws -> [Bar] {
            all.filter { $0.openAt >= from && $0.openAt < until }
        }
        func timeframe(_ symbol: Symbol) -> Timeframe { PaperStage.timeframe }
    }

    private struct Hours: PaperMarket {
        let calendar: ExchangeCalendar
        func isOpen(_ symbol: Symbol, at instant: Instant) -> Bool { calendar.isOpen(at: instant) }
        func sessionClose(_ symbol: Symbol, containing instant: Instant) -> Instant? {
            calendar.session(at: instant)?.close
        }
        func nextSessionClose(_ symbol: Symbol, after instant: Instant) -> Instant? {
            calendar.nextClose(after: instant)
        }
        func startOfDay(_ symbol: Symbol, _ date: CivilDate) -> Instant? {
            calendar.zone.instant(of: date, secondOfDay: 0)
        }
        func session(_ symbol: Symbol, on date: CivilDate) -> Range<Instant>? {
            calendar.session(on: date).map { $0.open..<$0.close }
        }
    }

    private struct Execution: Equatable, CustomStringConvertible {
        let side: Side
        let quantity: Quantity
        let price: Price
        let fee: FixedPoint
        let tax: FixedPoint
        let at: Instant
        var description: String { "\(side) \(quantity) at \(price), fee \(fee), tax \(tax), \(at)" }

        init(_ execution: BrokerExecution) {
            (side, quantity, price) = (execution.side, execution.quantity, execution.price)
            (fee, tax, at) = (execution.fee, execution.tax, execution.filledAt)
        }

        init?(_ entry: LedgerEntry) {
            guard case .fill(_, _, let side, let quantity, let price, _, let fee, let tax, _) = entry.fact else {
                return nil
            }
            (self.side, self.quantity, self.price) = (side, quantity, price)
            (self.fee, self.tax, at) = (fee, tax, entry.at)
        }
    }

    @Test("The same orders at the paper exchange give the same executions and the same cash", arguments: 1...8)
    func exchange(seed: UInt64) async throws {
        var stage = PaperStage()
        (stage.fees, stage.slippage, stage.percent, stage.sessions) = (.auto, "0.0007", "0.6", 3)
        (stage.allowsShort, stage.stopLoss, stage.noEntryMinutes) = (seed.isMultiple(of: 2), "0.012", 15)
        let path = PaperStage.walk(sessions: 6, seed: seed)
        var random = SeededGenerator(seed: seed, stream: "parity")
        let volumes = path.map { _ in 500 + Int(random.uniform() * 9000) }
        var market = try stage.market(path, volumes: volumes)
        let start = Int(seed) % market.startCount
        _ = try market.reset(at: start)
        let (folder, calendar) = (try TemporaryFolder("takt-parity"), try #require(PaperStage.calendar))
        let clock = HandClock(market.record.closedAt)
        let exchange = try PaperExchange(
            path: folder.path("paper.sqlite"), configuration: try stage.exchange(),
            feed: Feed(all: try stage.bars(path, volumes: volumes).map(\.bar)), market: Hours(calendar: calendar),
            clock: clock)
        var isDone = false
        while !isDone { isDone = try market.step(Int(random.uniform() * 3)).isDone }
        let record = market.record
        var numbers: [ClientOrderID: BrokerOrderID] = [:]
        func takeBack(before instant: Instant) async {
            for (order, at) in record.cancelled where at < instant {
                guard let number = numbers.removeValue(forKey: order) else { continue }
                clock.set(at)
                _ = await exchange.cancel(
                    CancelRequest(clientOrderID: order, brokerOrderID: number, symbol: Symbol("TEST")))
            }
        }
        for order in record.orders {
            // Of one moment, what is new goes out first.
            await takeBack(before: order.createdAt)
            clock.set(order.createdAt)
            let outcome = await exchange.submit([
                OrderRequest(
                    clientOrderID: order.clientOrderID, instrument: try PaperStage.instrument(), side: order.side,
                    type: order.type, quantity: order.quantity, timeInForce: order.timeInForce)
            ])
            guard case .acknowledged(let number, _) = outcome[0] else {
                Issue.record("\(order.id) is refused: \(outcome[0])")
                return
            }
            numbers[order.clientOrderID] = number
        }
        await takeBack(before: record.closedAt)
        clock.set(record.closedAt)
        // What the episode was charged for its end happened in no market.
        let isClosed = record.entries.last?.at == record.closedAt
        let entries = isClosed ? Array(record.entries.dropLast()) : record.entries
        let played = entries.compactMap { Execution($0) }
        let books = try await exchange.books()
        #expect(played == books.executions.map { Execution($0.execution) })
        #expect(played.count > 12 && record.orders.count < played.count)
        let ledger = try Ledger.fold(entries)
        let cash = try #require(try await exchange.cash().items.first { $0.currency == .usd })
        #expect(try ledger.cash(.usd).rounded == cash.amount)
    }

    @Test("Equity after every step is what the ledger's own valuation says", arguments: [1, 2, 3] as [UInt64])
    func portfolio(seed: UInt64) throws {
        var stage = PaperStage()
        (stage.fees, stage.allowsShort, stage.volume) = (.auto, true, 4000)
        let path = PaperStage.walk(sessions: 4, seed: seed)
        var market = try stage.market(path)
        let bars = try stage.bars(path).map(\.bar)
        _ = try market.reset(at: 1)
        var random = SeededGenerator(seed: seed, stream: "portfolio")
        var (index, sum, isDone) = (2 * PaperStage.barsOfSession, 0.0, false)
        while !isDone {
            let outcome = try market.step(Int(random.uniform() * 3))
            (index, sum, isDone) = (index + 1, sum + outcome.reward, outcome.isDone)
            let record = market.record
            let marks = Marks(
                base: .usd, prices: [record.symbol: .init(price: bars[index].close, asOf: record.closedAt)])
            let portfolio = try Portfolio.value(try Ledger.fold(record.entries), marks)
            #expect(portfolio.equity.amount == record.equity && portfolio.isComplete)
            #expect(abs(sum - log(portfolio.equity.amount.doubleValue / 100_000)) < 1e-9)
        }
    }
}
