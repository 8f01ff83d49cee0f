import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("What waits to be sent")
struct OutgoingQueueTests {
    private let never = Duration.seconds(1_000_000)

    @Test("Orders go before inquiries before data, each kind in its order")
    func order() throws {
        var queue = OutgoingQueue()
        for (number, urgency) in [OutgoingQueue.Urgency.data, .inquiry, .data, .order, .inquiry, .order].enumerated() {
            #expect(try queue.add([UInt8(number)], urgency, deadline: never) == number + 1)
        }
        var sent: [UInt8] = []
        while case .send(let entry) = queue.next(at: .zero) { sent += entry.frame }
        #expect(sent == [3, 5, 1, 4, 0, 2] && queue.next(at: .zero) == .idle)
    }

    @Test("A burst of subscriptions leaves room for an order at once")
    func reserve() throws {
        var queue = OutgoingQueue()
        for _ in 0..<100 { _ = try queue.add([1], .data, deadline: never) }
        var sent = 0
        while case .send = queue.next(at: .zero) { sent += 1 }
        #expect(sent == MessagePacing.perSecond - OutgoingQueue.reserve)
        #expect(queue.next(at: .zero) == .wait(.seconds(1)))
        for _ in 0..<OutgoingQueue.reserve {
            let ticket = try queue.add([2], .order, deadline: never)
            guard case .send(let entry) = queue.next(at: .zero) else {
                Issue.record("an order waits")
                return
            }
            #expect(entry.ticket == ticket)
        }
        _ = try queue.add([2], .order, deadline: never)
        #expect(queue.next(at: .milliseconds(10)) == .wait(.milliseconds(990)), "fifty a second hold for orders too")
    }

    @Test("What is late is handed back and never sent")
    func late() throws {
        var queue = OutgoingQueue()
        queue.refused(at: .zero)
        let first = try queue.add([1], .order, deadline: .seconds(1))
        let second = try queue.add([2], .order, deadline: .seconds(10))
        #expect(queue.next(at: .zero) == .wait(.seconds(1)), "until the first is late")
        #expect(queue.next(at: .seconds(1)) == .wait(.seconds(1)))
        #expect(queue.expired(at: .seconds(1)).map(\.ticket) == [first])
        // Whoever does not ask for what is late, does not get it sent either.
        let third = try queue.add([3], .order, deadline: .seconds(2))
        guard case .send(let entry) = queue.next(at: .seconds(2)) else {
            Issue.record("nothing is sent after the pause")
            return
        }
        #expect(entry.ticket == second && queue.expired(at: .seconds(2)).map(\.ticket) == [third])
    }

    @Test("It is bounded for each kind, and an end hands everything back")
    func bounds() throws {
        var queue = OutgoingQueue()
        for _ in 0..<OutgoingQueue.capacity { _ = try queue.add([1], .data, deadline: never) }
        #expect(throws: OutgoingQueue.Full()) { try queue.add([1], .data, deadline: never) }
        _ = try queue.add([2], .order, deadline: never)
        let back = queue.close()
        #expect(back.count == OutgoingQueue.capacity + 1 && back.first?.frame == [2])
        #expect(queue.next(at: .seconds(5)) == .idle && queue.close() == [])
    }

    @Test("Every entry is sent or handed back, once; no second has too many", arguments: propertySeeds)
    func everything(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "outgoing")
        var queue = OutgoingQueue()
        var open: Set<Int> = []
        var sent: [Duration] = []
        var now = Duration.zero
        for _ in 0..<3000 {
            switch random.int(0...3) {
            case 0, 1:
                let urgency = random.pick(OutgoingQueue.Urgency.allCases)
                let deadline = now + .milliseconds(random.int(1...3000))
                open.insert(try queue.add([0], urgency, deadline: deadline))
            case 2: now += .milliseconds(random.int(0...100))
            default:
                for entry in queue.expired(at: now) {
                    #expect(open.remove(entry.ticket) != nil && entry.deadline <= now)
                }
                switch queue.next(at: now) {
                case .send(let entry):
                    #expect(open.remove(entry.ticket) != nil && entry.deadline > now)
                    sent.append(now)
                case .wait(let wait):
                    #expect(wait > .zero && !open.isEmpty)
                    now += wait
                case .idle: #expect(queue.count == 0)
                }
            }
        }
        for entry in queue.close() { #expect(open.remove(entry.ticket) != nil) }
        #expect(open.isEmpty && sent.count > 500)
        for (first, oneTooMany) in zip(sent, sent.dropFirst(MessagePacing.perSecond)) {
            #expect(oneTooMany - first >= .seconds(1))
        }
    }
}
