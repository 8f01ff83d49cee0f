import Core
import Rehearsal
import Testing

@testable import BrokerIB

/// The connection over real sockets, against the simulated gateway, which knows nothing of our codec.
@Suite("The connection to the gateway", .serialized, .timeLimit(.minutes(2)))
struct IBConnectionTests {
    private static func failure(toOpen client: IBConnection) async -> IBFailure? {
        do throws(IBFailure) { try await client.open() } catch { return error }
        return nil
    }

    /// What the session wants of others, of all that it tells.
    private static func wishes(of client: IBConnection, _ count: Int) async -> [String] {
        var seen: [String] = []
        for await event in client.events {
            switch event {
            case .subscribe: seen.append("subscribe")
            case .reconcile: seen.append("reconcile")
            case .message, .fault, .subscribeAccountValues, .missed: continue
            }
            if seen.count == count { break }
        }
        return seen
    }

    @Test("The handshake: accounts and the next order id are known, and everything is to be subscribed and compared")
    func handshake() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            #expect(await client.accounts == [Rig.account])
            #expect(await client.orderIDs?.nextID == 1)
            #expect(await Self.wishes(of: client, 2) == ["subscribe", "reconcile"])
            await client.close()
            #expect(await !client.isReady)
            await #expect(throws: IBFailure.self) { try await client.openOrders() }
        }
    }

    @Test("Where nobody listens it is tried as often as it is allowed, and nothing was sent")
    func nobody() async throws {
        try await Rig.run(hurry: 20) { rig in
            try await rig.simulator.close()
            let client = rig.client(attempts: 3)
            await #expect { try await client.open(within: .seconds(600)) } throws: { error in
                guard case IBFailure.notConnected(let detail)? = error as? IBFailure else { return false }
                return detail.contains("3 times in a row") && detail.contains("nobody answers there")
            }
        }
    }

    @Test("A client id in use is waited for, and never changed for another")
    func clientID() async throws {
        try await Rig.run(hurry: 10) { rig in
            let first = try await rig.ready()
            let second = rig.client()
            async let opening: Void = second.open(within: .seconds(600))
            #expect(try await eventually { rig.said("client id 7 is in use") })
            await first.close()
            try await opening
            #expect(await second.isReady)
        }
    }

    @Test("A client id that stays in use ends it, with what to do")
    func clientIDForGood() async throws {
        try await Rig.run(hurry: 20) { rig in
            let first = try await rig.ready()
            let second = rig.client()
            await #expect { try await second.open(within: .seconds(600)) } throws: { error in
                "\(error)".contains("client id 7 stays in use")
            }
            #expect(await first.isReady)
        }
    }

    @Test("A gateway that takes the connection and says nothing is left, and tried again")
    func silentHandshake() async throws {
        try await Rig.run(hurry: 20) { rig in
            rig.faults(.init(.silentHandshake, at: "connect", .calls([1])))
            let client = try await rig.ready()
            #expect(rig.said("took the connection and said nothing within 10 s"))
            #expect(await client.traffic.connections == 1)
        }
    }

    @Test("A slow handshake is waited for")
    func slowHandshake() async throws {
        try await Rig.run { rig in
            rig.faults(.init(.slowHandshake, at: "connect", .calls([1]), milliseconds: 700))
            let began = ContinuousClock.now
            let client = try await rig.ready()
            #expect(ContinuousClock.now - began >= .milliseconds(700))
            #expect(await client.isReady)
            #expect(!rig.said("not connected"))
        }
    }

    @Test("Another address is not gone to")
    func redirect() async throws {
        try await Rig.run { rig in
            rig.faults(.init(.redirect, at: "connect", .calls([1])))
            let client = rig.client()
            await #expect { try await client.open() } throws: { "\($0)".contains("takt does not follow") }
            #expect(rig.simulator.injectedFaults.count == 1)
        }
    }

    @Test("A gateway that falls silent is asked, left, and connected to again; who waited is told")
    func silence() async throws {
        try await Rig.run(hurry: 40) { rig in
            let client = try await rig.ready()
            rig.faults(.init(.silence, at: "reqAllOpenOrders", .calls([1])))
            let list = try await client.openOrders()
            #expect(!list.isComplete && list.problems == ["reqAllOpenOrders: no complete answer within 15 s"])
            #expect(try await eventually { await client.traffic.connections == 2 })
            #expect(rig.said("it has been silent for 40 s"))
            #expect(try await client.openOrders().isComplete)
        }
    }

    @Test(
        "A connection that drops fails everybody who waits, and comes back by itself",
        arguments: [
            IBFault.dropBeforeAccept, .dropAfterAccept,
        ])
    func drop(fault: IBFault) async throws {
        try await Rig.run(hurry: 5) { rig in
            let client = try await rig.ready()
            rig.faults(.init(fault, at: "reqAllOpenOrders", .calls([1])))
            let list = try await client.openOrders()
            #expect(!list.isComplete)
            #expect(list.problems.first?.contains("the connection ended before the answer did") == true)
            #expect(try await eventually { await client.isReady })
            #expect(try await client.openOrders().isComplete)
        }
    }

    @Test("Bytes that are no frames end the connection; garbage in a frame costs that one message")
    func garbage() async throws {
        try await Rig.run(hurry: 5) { rig in
            let client = try await rig.ready()
            rig.faults(
                .init(.garbageFrame, at: "openOrderEnd", .calls([1])),
                // On a new connection the list is asked for twice.
                .init(.oversizedLength, at: "openOrderEnd", .calls([3])))
            _ = try await client.openOrders()
            let traffic = await client.traffic
            #expect(traffic.faults + traffic.unknown >= 1)
            let list = try await client.openOrders()
            #expect(list.problems.first?.contains("bytes that are no frames") == true)
            #expect(try await eventually { await client.isReady })
        }
    }

    @Test("1100: lists are not trusted; 1102: they are again; 1101: everything is subscribed anew")
    func link() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            #expect(try await client.openOrders().isComplete)
            rig.simulator.lose()
            #expect(try await eventually { await !client.mayPlaceOrders })
            let list = try await client.openOrders()
            #expect(list.problems == ["the gateway had no link to IB's servers while it made the list"])
            rig.simulator.restore(keepsData: true)
            #expect(try await eventually { await client.mayPlaceOrders })
            #expect(try await client.openOrders().isComplete)
            rig.simulator.lose()
            rig.simulator.restore(keepsData: false)
            #expect(
                await Self.wishes(of: client, 5)
                    == ["subscribe", "reconcile", "reconcile", "subscribe", "reconcile"])
        }
    }

    @Test("The link that is lost while a list is made taints it")
    func linkDuringList() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            rig.faults(.init(.lostRestored, at: "reqCompletedOrders", .calls([1]), seconds: 5))
            #expect(try await !client.completedOrders().isComplete)
        }
    }

    @Test("A burst of requests goes at the pace that the gateway allows")
    func pace() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            let began = ContinuousClock.now
            for _ in 0..<110 { try await client.send(CurrentTimeRequest(), "reqCurrentTime") }
            #expect(try await client.openOrders().isComplete)
            #expect(ContinuousClock.now - began >= .seconds(2))
            #expect(!rig.said("too many messages") && rig.notices.allSatisfy { $0.weight == .log })
        }
    }

    @Test("A gateway that is read-only says so; its lists are refused and not empty")
    func readOnly() async throws {
        try await Rig.run(change: { $0.isReadOnly = true }) { rig in
            let client = try await rig.ready()
            let list = try await client.openOrders()
            #expect(!list.isComplete && list.problems.first?.contains("Read-Only API") == true)
            #expect(rig.said("Read-Only API"))
            #expect(await !client.mayPlaceOrders)
        }
    }

    @Test("A question that nobody waits for any more is given up")
    func cancelled() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            rig.faults(.init(.skipped, at: "positionEnd", .calls([1])))
            let asking = Task { try await client.positions() }
            #expect(try await eventually { await client.correlator.isWaiting(.positions) })
            asking.cancel()
            #expect(try await asking.value.problems == ["cancelled"])
        }
    }

    @Test("An order does not wait behind what else waits to be sent")
    func ordersFirst() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            // Two seconds' worth of requests.
            for _ in 0..<80 { try await client.send(CurrentTimeRequest(), "reqCurrentTime") }
            let began = ContinuousClock.now
            guard case .acknowledged = try await rig.place(client, "ref-1") else {
                Issue.record("not acknowledged")
                return
            }
            #expect(ContinuousClock.now - began < .milliseconds(900))
            #expect(try await client.openOrders().isComplete)
            #expect(!rig.said("too many messages"))
        }
    }

    @Test("Orders that are shown before anybody has asked are no trouble, and their ids are not used again")
    func download() async throws {
        try await Rig.run(change: { $0.downloadsOpenOrders = true }) { rig in
            let first = try await rig.ready()
            _ = try await rig.place(first, "ref-1", .limit(Price(1)))
            await first.close()
            let second = try await rig.ready()
            #expect(await second.orderIDs?.nextID == 2)
            #expect(try await second.openOrders().items.map(\.order.terms.reference) == ["ref-1"])
        }
    }

    @Test("Events that nobody takes are bounded, and how many were lost is told")
    func missed() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready { $0.limits.events = 4 }
            for number in 1...3 { _ = try await rig.place(client, "ref-\(number)", .limit(Price(1))) }
            #expect(await client.traffic.missedEvents > 0)
            var events = client.events.makeAsyncIterator()
            for _ in 0..<4 { _ = await events.next() }
            _ = try await rig.place(client, "ref-4", .limit(Price(1)))
            guard case .missed(let count)? = await events.next() else {
                Issue.record("nothing is said of what was lost")
                return
            }
            #expect(count > 0)
        }
    }

    @Test("The gateway's daily restart: the client comes back, and nothing that was asked meanwhile was sent")
    func restart() async throws {
        try await Rig.run(hurry: 5) { rig in
            let client = try await rig.ready()
            try await rig.simulator.close()
            #expect(try await eventually { await !client.isReady })
            do throws(IBFailure) {
                _ = try await client.positions()
                Issue.record("answered by nobody")
            } catch { #expect(error.isRetryable) }
            try await rig.simulator.reopen()
            #expect(try await eventually { await client.isReady })
            #expect(try await client.positions().isComplete)
        }
    }

    @Test("Who waits for the gateway and is cancelled waits no longer")
    func cancelledOpening() async throws {
        try await Rig.run { rig in
            rig.faults(.init(.silentHandshake, at: "connect", .calls([1])))
            let client = rig.client()
            let opening = Task { await Self.failure(toOpen: client) }
            let isSilent = try await eventually { !rig.simulator.injectedFaults.isEmpty }
            #expect(isSilent)
            opening.cancel()
            #expect(await opening.value == .cancelled)
        }
    }
}
