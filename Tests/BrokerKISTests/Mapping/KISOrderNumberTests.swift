import Broker
import Core
import Testing
import TestSupport

@testable import BrokerKIS

@Suite("Order numbers")
struct KISOrderNumberTests {
    private let day = CivilDate.day("2031-03-04")

    @Test(
        "A number is one order's whether or not KIS writes its zeros", arguments: ["0000047589", "47589", "000047589"])
    func padding(text: String) throws {
        let number = try #require(KISOrderNumber(date: day, desk: .domestic, text: text))
        #expect(number.id == BrokerOrderID("20310304-K-0000047589"))
    }

    @Test("Days and desks keep equal numbers apart")
    func apart() {
        let ids = [
            KISOrderNumber(date: day, desk: .domestic, text: "7"),
            KISOrderNumber(date: day, desk: .overseas, text: "7"),
            KISOrderNumber(date: day.advanced(byDays: 1), desk: .domestic, text: "7"),
        ].compactMap { $0?.id }
        #expect(Set(ids).count == 3)
    }

    @Test("An id reads back as the number it was made of", arguments: propertySeeds)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let number = KISOrderNumber(
                date: day.advanced(byDays: random.int(-4000...4000)), desk: random.chance(0.5) ? .domestic : .overseas,
                number: UInt64(random.int(1...9_999_999_999)))
            #expect(KISOrderNumber(number.id) == number)
        }
    }

    @Test(
        "Only the one spelling is an id",
        arguments: [
            "", "7", "20310304-K-47589", "20310304-K-0000000000", "20310304-X-0000047589", "20310304-KK-0000047589",
            "20310230-K-0000047589", "20310304-K-000004758a", "20310304-K-0000047589-1", "20310304-K-00000000047589",
            "20310304-K-+000047589",
        ])
    func strict(text: String) {
        #expect(KISOrderNumber(BrokerOrderID(text)) == nil)
    }
}
