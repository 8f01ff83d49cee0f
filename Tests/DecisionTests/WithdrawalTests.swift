import Core
import Testing

@testable import Decision

@Suite("Which orders of ours a decision takes back")
struct WithdrawalDecisionTests {
    private static let id = ClientOrderID("ours")

    struct Case: Sendable, CustomTestStringConvertible {
        let position: String
        let vote: Action
        let order: Side
        let isTaken: Bool
        var testDescription: String { "\(vote) at \(position) with an order to \(order)" }
    }

    static let cases: [Case] = [
        // A sale closes; a purchase beside it would open again.
        Case(position: "60", vote: .sell, order: .buy, isTaken: true),
        Case(position: "0", vote: .sell, order: .buy, isTaken: true),
        Case(position: "-60", vote: .buy, order: .sell, isTaken: true),
        Case(position: "0", vote: .buy, order: .sell, isTaken: true),
        // What is on its way out stays: it may be a stop-loss.
        Case(position: "60", vote: .buy, order: .sell, isTaken: false),
        Case(position: "-60", vote: .sell, order: .buy, isTaken: false),
        Case(position: "60", vote: .sell, order: .sell, isTaken: false),
        Case(position: "60", vote: .buy, order: .buy, isTaken: false),
        Case(position: "60", vote: .hold, order: .buy, isTaken: false),
        Case(position: "0", vote: .hold, order: .sell, isTaken: false),
    ]

    private func scene(_ row: Case, id: ClientOrderID? = id) throws -> Scene {
        var scene = try Scene()
        scene.position = row.position
        scene.orders = [WorkingOrder(side: row.order, open: Quantity(40), isInDoubt: false, clientOrderID: id)]
        return scene
    }

    @Test("Those that enlarge what it wants to be smaller", arguments: cases)
    func table(_ row: Case) throws {
        let decision = try scene(row).decide(row.vote, .fixture())
        #expect(decision.cancels == (row.isTaken ? [Self.id] : []))
        #expect((decision.json["cancels"] != nil) == row.isTaken)
    }

    @Test("None of them under the first rules, and none that is not ours")
    func left() throws {
        var old = try scene(Self.cases[0])
        old.rules = .first
        #expect(try old.decide(.sell, .fixture()).cancels == [])
        #expect(try scene(Self.cases[0], id: nil).decide(.sell, .fixture()).cancels == [])
    }

    @Test("None by a vote below the minimum confidence", arguments: [(0.4, false), (0.5, true)])
    func weak(confidence: Double, isTaken: Bool) throws {
        let settings = try DecisionSettings.fixture(minimumConfidence: "0.5")
        let decision = try scene(Self.cases[0]).decide(.sell, settings, confidence: confidence)
        #expect(decision.cancels.isEmpty != isTaken)
    }

    @Test("They go through the evidence unchanged; a document of before names none")
    func evidence() throws {
        let input = try scene(Self.cases[0]).input(.fixture())
        #expect(try DecisionInput(json: try JSONValue(parsing: input.json().text)) == input)
        let old = try scene(Self.cases[0], id: nil).input(.fixture()).json()
        #expect(!old.text.contains("client_order_id"))
    }

    @Test("An order that is being cancelled, or is not ours, is not taken back", arguments: OrderState.allCases)
    func states(state: OrderState) {
        func working(_ origin: ManagedOrder.Origin) -> WorkingOrder? {
            WorkingOrder(
                ManagedOrder(
                    clientOrderID: ClientOrderID("A"), intentID: nil, attempt: 1, origin: origin, profile: nil,
                    broker: .paper, account: AccountID("A"), brokerOrderID: nil, symbol: nvda, side: .buy,
                    type: .market, quantity: Quantity(10), timeInForce: .day, state: state, submittedAt: barClose),
                open: Quantity(10))
        }
        let isUnderWay = [.cancelling, .cancelInDoubt].contains(state)
        #expect(working(.takt)?.clientOrderID == (state.mayBeLive && !isUnderWay ? ClientOrderID("A") : nil))
        #expect(working(.external)?.clientOrderID == nil)
    }
}
