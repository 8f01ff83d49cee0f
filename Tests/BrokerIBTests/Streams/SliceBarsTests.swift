import Core
import Sessions
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Bars made of live five seconds")
struct SliceBarsTests {
    /// Half past nine in New York on a Friday.
    private static let open = Rig.open
    private static let newYork = CalendarBook.embedded.calendar(ExchangeID("XNYS"))

    private static func at(_ second: Int64) -> Instant { open.advanced(bySeconds: second) }

    /// One share more for each five seconds of the session, and prices that fall and rise again.
    private static func slice(_ second: Int64, quiet: Bool = false) -> SliceBars.Slice {
        let place = Int(second / 5)
        let base = 20_000 + abs(place % 40 - 20)
        func price(_ cents: Int) -> Price { Price(FixedPoint(int64Units: Int64(cents) * 1_000_000)) }
        return SliceBars.Slice(
            openAt: at(second), open: price(base), high: price(base + 3), low: price(base - 2), close: price(base + 1),
            volume: quiet ? .zero : Quantity(place + 1), count: quiet ? 0 : 1)
    }

    private func builder(
        _ timeframes: [Timeframe] = [.fiveMinutes, .fifteenMinutes], startingAt: Instant = open
    ) throws -> SliceBars {
        SliceBars(timeframes, calendar: try #require(Self.newYork), startingAt: startingAt)
    }

    private static func bars(_ made: [SliceBars.Made], _ timeframe: Timeframe) -> [(Bar, IBStreamBar.Standing)] {
        made.compactMap { if case .bar(timeframe, let bar, let standing) = $0 { (bar, standing) } else { nil } }
    }

    private static func seconds(_ range: Range<Int64>) -> [Int64] {
        stride(from: range.lowerBound, to: range.upperBound, by: 5).map { $0 }
    }

    @Test(
        "A quarter of an hour that was seen whole gives three bars of five minutes and one of fifteen, final, with exact sums"
    )
    func whole() throws {
        var bars = try builder()
        var made: [SliceBars.Made] = []
        for second in Self.seconds(0..<900) {
            let new = bars.take(Self.slice(second))
            // A bar is told by the slice that ends it, with nobody's clock.
            #expect(new.isEmpty == ((second + 5) % 300 != 0))
            made += new
        }
        let five = Self.bars(made, .fiveMinutes)
        #expect(five.map(\.0.openAt) == [0, 300, 600].map { Self.at($0) })
        #expect(five.allSatisfy { $0.1 == .final && $0.0.source == .stream })
        // 1 + 2 + … + 60, and so on: counted by hand, not by the builder.
        #expect(five.map(\.0.volume) == [1830, 5430, 9030].map { Quantity($0) })
        #expect(five.first?.0.open == Price.of("200.2") && five.first?.0.close == Price.of("200.02"))
        #expect(five.first?.0.high == Price.of("200.23") && five.first?.0.low == Price.of("199.98"))
        let fifteen = Self.bars(made, .fifteenMinutes)
        #expect(fifteen.count == 1 && fifteen.first?.0.volume == Quantity(1830 + 5430 + 9030))
        #expect(fifteen.first?.1 == .final && bars.refused == 0)
    }

    @Test("One lost slice makes its bars incomplete and names the minute; the next bar is final again")
    func hole() throws {
        var bars = try builder()
        var made: [SliceBars.Made] = []
        for second in Self.seconds(0..<900) where second != 425 { made += bars.take(Self.slice(second)) }
        #expect(
            Self.bars(made, .fiveMinutes).map(\.1) == [.final, .incomplete(missing: [Self.at(420)]), .final])
        #expect(Self.bars(made, .fifteenMinutes).map(\.1) == [.incomplete(missing: [Self.at(420)])])
    }

    @Test("Whatever is lost, a bar is final exactly if all of its sixty slices were seen", arguments: propertySeeds)
    func anyHole(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "slices")
        var bars = try builder([.fiveMinutes])
        var seen: [Int64: Int] = [:]
        var volumes: [Int64: Int] = [:]
        var made: [SliceBars.Made] = []
        var isDown = false
        for second in Self.seconds(0..<7200) {
            // A few long absences, and the odd single slice.
            if random.chance(0.004) { isDown.toggle() }
            if isDown || random.chance(0.001) { continue }
            seen[second / 300, default: 0] += 1
            volumes[second / 300, default: 0] += Int(second / 5) + 1
            made += bars.take(Self.slice(second))
        }
        made += bars.advance(to: Self.at(7300))
        var slots: Set<Int64> = []
        for item in made {
            switch item {
            case .bar(_, let bar, let standing):
                let slot = (bar.openAt.epochSeconds - Self.open.epochSeconds) / 300
                #expect(slots.insert(slot).inserted, "seed \(seed): slot \(slot) twice")
                #expect((standing == .final) == (seen[slot] == 60), "seed \(seed): slot \(slot)")
                #expect(bar.volume == Quantity(volumes[slot] ?? -1), "seed \(seed): slot \(slot)")
            case .slot(_, let slot, let reason):
                let number = (slot.openAt.epochSeconds - Self.open.epochSeconds) / 300
                #expect(slots.insert(number).inserted && seen[number] == nil && reason == .unobserved, "seed \(seed)")
            }
        }
        #expect(slots == Set(0..<24), "seed \(seed)")
    }

    @Test("What begins late is incomplete, and the first whole bar after it final")
    func late() throws {
        var bars = try builder([.fiveMinutes], startingAt: Self.at(127))
        let made = Self.seconds(130..<600).flatMap { bars.take(Self.slice($0)) }
        let five = Self.bars(made, .fiveMinutes)
        #expect(five.map(\.1) == [.incomplete(missing: [0, 60, 120].map { Self.at($0) }), .final])
    }

    @Test("Seconds without a trade count as seen and move no price; a slot of nothing else is quiet, and no bar")
    func quiet() throws {
        var bars = try builder([.fiveMinutes])
        // Yesterday's price until the first trade, far away from today's.
        var made: [SliceBars.Made] = []
        for second in Self.seconds(0..<600) { made += bars.take(Self.slice(second, quiet: second != 100)) }
        #expect(made.count == 2)
        guard case .bar(_, let bar, .final)? = made.first else { return #expect(Bool(false)) }
        #expect(bar.open == Self.slice(100).open && bar.high == Self.slice(100).high && bar.volume == Quantity(21))
        guard case .slot(_, let slot, .quiet)? = made.last else { return #expect(Bool(false)) }
        #expect(slot.openAt == Self.at(300))
    }

    @Test("What does not come is ended by the clock, after a grace, and what comes later is in no bar")
    func clock() throws {
        var bars = try builder()
        for second in Self.seconds(0..<200) { #expect(bars.take(Self.slice(second)).isEmpty) }
        #expect(bars.advance(to: Self.at(309)).isEmpty)
        let made = bars.advance(to: Self.at(310))
        #expect(Self.bars(made, .fiveMinutes).map(\.1) == [.incomplete(missing: [180, 240].map { Self.at($0) })])
        #expect(bars.take(Self.slice(200)).isEmpty && bars.refused == 1)
        // The fifteen minutes go on, and know of it.
        var rest = Self.seconds(300..<900).flatMap { bars.take(Self.slice($0)) }
        rest += bars.advance(to: Self.at(1000))
        #expect(Self.bars(rest, .fiveMinutes).map(\.1) == [.final, .final])
        #expect(Self.bars(rest, .fifteenMinutes).map(\.1) == [.incomplete(missing: [180, 240].map { Self.at($0) })])
    }

    @Test("A slice that comes twice, late, off the grid, without volume or without sense counts for nothing")
    func refused() throws {
        var bars = try builder([.fiveMinutes])
        for second in Self.seconds(0..<295) { _ = bars.take(Self.slice(second)) }
        func last(_ second: Int64, high: Price? = nil, volume: Quantity? = Quantity(1)) -> SliceBars.Slice {
            let like = Self.slice(290)
            return SliceBars.Slice(
                openAt: Self.at(second), open: like.open, high: high ?? like.high, low: like.low, close: like.close,
                volume: volume, count: 1)
        }
        #expect(bars.take(last(290)).isEmpty && bars.take(last(100)).isEmpty && bars.take(last(297)).isEmpty)
        #expect(bars.take(last(295, high: Price(1))).isEmpty && bars.take(last(295, volume: nil)).isEmpty)
        #expect(bars.take(last(295, volume: Quantity(-1))).isEmpty && bars.refused == 6)
        let made = bars.advance(to: Self.at(400))
        #expect(Self.bars(made, .fiveMinutes).map(\.1) == [.incomplete(missing: [Self.at(240)])])
        #expect(Self.bars(made, .fiveMinutes).first?.0.volume == Quantity(59 * 60 / 2))
    }

    @Test("The grid is the session's: nothing outside it, a half day ends at one, and the next bar is Monday's first")
    func session() throws {
        // The day after Thanksgiving 2026, a half day, from a quarter to one on.
        let quarter = Instant(epochSeconds: 1_795_801_500)
        var bars = try builder([.fifteenMinutes], startingAt: quarter)
        func slice(_ at: Instant) -> SliceBars.Slice {
            let like = Self.slice(0)
            return SliceBars.Slice(
                openAt: at, open: like.open, high: like.high, low: like.low, close: like.close, volume: Quantity(1),
                count: 1)
        }
        let made = Self.seconds(0..<905).flatMap { bars.take(slice(quarter.advanced(bySeconds: $0))) }
        #expect(Self.bars(made, .fifteenMinutes).map(\.1) == [.final] && bars.refused == 1)
        #expect(bars.advance(to: quarter.advanced(bySeconds: 2 * 86_400)).isEmpty)
        let monday = quarter.advanced(bySeconds: 3 * 86_400 - 195 * 60)
        #expect(Self.newYork?.isOpen(at: monday) == true)
        let next = Self.seconds(0..<900).flatMap { bars.take(slice(monday.advanced(bySeconds: $0))) }
        #expect(Self.bars(next, .fifteenMinutes).map(\.0.openAt) == [monday])
        #expect(Self.bars(next, .fifteenMinutes).map(\.1) == [.final])
    }
}
