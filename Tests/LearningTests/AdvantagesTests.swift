import Core
import TestSupport
import Testing

@testable import Learning

struct AdvantagesTests {
    /// Three rollouts, the last of which ended a step earlier; worked out by hand.
    private static let rewards = [[1.0, 2, 3], [0, 1, -1], [2, 4]]

    @Test("A step answers for what comes after it, relative to the mean of the others")
    func toGo() throws {
        // To go: 6 5 3, 0 0 -1, 6 4 (and 0).
        let advantages = try #require(AdvantageForm().advantages(Self.rewards))
        #expect(advantages == [[3, 3, 3.5], [-6, -4.5, -2.5], [3, 1.5]])
    }

    @Test("Or every step for the whole episode")
    func episode() throws {
        let advantages = try #require(AdvantageForm(horizon: .episode).advantages(Self.rewards))
        #expect(advantages == [[3, 3, 3], [-6, -6, -6], [3, 3]])
    }

    @Test("The literature's form: returns less their mean over their deviation")
    func group() throws {
        let advantages = try #require(
            AdvantageForm(horizon: .episode, scale: .group).advantages(Self.rewards))
        // Returns 6, 0, 6: mean 4, population deviation √8.
        let unit = 1 / (8.0.squareRoot() + 1e-8)
        #expect(advantages == [[2, 2, 2], [-4, -4, -4], [2, 2]].map { $0.map { $0 * unit } })
    }

    @Test(
        "The literature's form is that of the fixture",
        .enabled(if: SharedFolder.exists, "the shared folder is not there"),
        arguments: ["grad-mlp", "grad-transformer"])
    func fixture(name: String) throws {
        let fixture = try GradientFixture(name)
        let expected = try fixture.json.member("advantages").numbers
        let found = try (try fixture.json.member("returns").arrayValue ?? []).flatMap { group in
            try #require(
                AdvantageForm(horizon: .episode, scale: .group).advantages(group.numbers.map { [$0] })
            ).flatMap { $0 }
        }
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-9) }
    }

    @Test("A group without spread teaches nothing, whatever its form")
    func spread() {
        for horizon in AdvantageForm.Horizon.allCases {
            for scale in AdvantageForm.Scale.allCases {
                let form = AdvantageForm(horizon: horizon, scale: scale)
                #expect(form.advantages([[1, -2], [1, -2], [1, -2]]) == nil)
                #expect(form.advantages([[1, -2], [1, -2], [1, -1]]) != nil)
            }
        }
    }

    @Test("Rollouts in another order have the same advantages in that order", arguments: propertySeeds)
    func order(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "advantages")
        let rewards = (0..<6).map { _ in (0..<random.int(1...9)).map { _ in random.normal() } }
        let order = (0..<6).shuffled(using: &random)
        for form in [AdvantageForm(), AdvantageForm(horizon: .episode, scale: .group)] {
            let straight = try #require(form.advantages(rewards))
            let turned = try #require(form.advantages(order.map { rewards[$0] }))
            for (place, rollout) in order.enumerated() {
                for (left, right) in zip(turned[place], straight[rollout]) { #expect(abs(left - right) < 1e-12) }
            }
        }
    }

    @Test("The running scale starts at the first iteration's size and follows the later ones")
    func scale() {
        var scale = RunningScale()
        #expect(scale.value == 1)
        scale.add(meanSquare: 4, decay: 0.9)
        #expect(abs(scale.value - 2) < 1e-12)
        for _ in 0..<500 { scale.add(meanSquare: 9, decay: 0.9) }
        #expect(abs(scale.value - 3) < 1e-9)
    }
}

struct DistributionTests {
    @Test("What is impossible has no probability; the rest adds up to one, and is drawn as often")
    func masks() {
        let logits: [Double] = [1, 50, 2, -1]
        var logarithms = [Double](repeating: 0, count: 4)
        let allowed = ActionMask([0, 2, 3])
        #expect(allowed.count == 3 && !allowed.allows(1))
        Distribution.logarithms(of: logits, count: 4, allowed, to: &logarithms)
        let probabilities = logarithms.map { Double.exponential($0) }
        #expect(probabilities[1] == 0 && abs(probabilities.reduce(0, +) - 1) < 1e-15)
        // e / (e + e² + 1/e) by hand.
        #expect(abs(probabilities[0] - 0.259496) < 1e-6)
        var random = SeededGenerator(seed: 9, stream: "draws")
        var counts = [0, 0, 0, 0]
        let singles = logarithms.map { Float($0) }
        for _ in 0..<20_000 {
            counts[Distribution.draw(random.uniform(), logarithms: singles, count: 4, allowed)] += 1
        }
        for action in 0..<4 { #expect(abs(Double(counts[action]) / 20_000 - probabilities[action]) < 0.012) }
        #expect(Distribution.draw(1.0.nextDown, logarithms: singles, count: 4, allowed) == 3)
    }

    @Test("Schedules go straight and stay where they end")
    func schedules() {
        let schedule = Schedule(from: 1, to: 0, over: 4)
        #expect((0..<7).map { schedule.value(at: $0) } == [1, 0.75, 0.5, 0.25, 0, 0, 0])
        #expect(Schedule.constant(3).value(at: 0) == 3)
    }
}
