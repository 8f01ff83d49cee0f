import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Ids")
struct IBIdentifiersTests {
    private func ids(next: Int64, used: Int64 = 0) -> OrderIDs {
        OrderIDs(welcome: IBWelcome(version: .newest, accounts: ["DU1"], nextOrderID: next), used: used)
    }

    @Test(
        "An order id is greater than the gateway's, than our own record, and than any that was shown",
        arguments: propertySeeds)
    func orders(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "ids")
        var ids = ids(next: Int64(random.int(-5...50)), used: Int64(random.int(0...50)))
        var greatest: Int64 = 0
        for _ in 0..<500 {
            let shown = Int64(random.int(-10...1000))
            if random.chance(0.3) {
                ids.seen(shown)
                greatest = max(greatest, shown)
            }
            let taken = ids.take(random.int(1...3))
            for id in try #require(taken) {
                #expect(id > greatest && id >= 1)
                greatest = id
            }
        }
    }

    @Test("The sequence of a gateway that was reset does not go back behind our record")
    func reset() throws {
        var ids = ids(next: 1, used: 77)
        let first = ids.take()
        #expect(first == [78])
        guard case .nextValidID(let answer) = try IBDecoder.decode("9|1|500|") else { return }
        ids.answered(answer)
        let bracket = ids.take(3)
        #expect(bracket == [500, 501, 502])
    }

    @Test("Requests and orders never share an id, and neither is the number for none")
    func ranges() throws {
        var requests = RequestIDs()
        let some = [requests.next(), requests.next()]
        #expect(some == [1_000_000_000, 1_000_000_001])
        #expect(
            RequestIDs.contains(1_000_000_001) && !RequestIDs.contains(999_999_999)
                && !RequestIDs.contains(2_147_483_647))
        var orders = ids(next: 999_999_999)
        // What somebody else numbers like a request is no reason to go there.
        orders.seen(1_500_000_000)
        let last = [orders.take(), orders.take()]
        #expect(last == [[999_999_999], nil])
    }

    @Test("Each role has an id of its own, and none is 0")
    func roles() {
        for base in [0, 1, 42] {
            let ids = IBClientRole.allCases.map { $0.clientID(base: base) }
            #expect(Set(ids).count == ids.count && !ids.contains(0))
        }
    }
}
