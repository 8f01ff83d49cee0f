import Core
import TestSupport
import Testing

@Suite struct SeededGeneratorTests {
    @Test("The sequence is xoshiro256** seeded by SplitMix64, as reimplemented in Python")
    func goldens() throws {
        let rows = try Fixture.rows("xoshiro.csv")
        #expect(rows.count == 5)
        for row in rows {
            var generator = SeededGenerator(seed: try #require(UInt64(row[0])))
            for expected in row[1].split(separator: " ") { #expect("\(generator.next())" == expected) }
        }
    }

    @Test("A named stream is seeded by the SHA-256 of seed and name")
    func streams() throws {
        let named = try #require(try Fixture.rows("xoshiro.csv").last)
        var generator = SeededGenerator(seed: 42, stream: "fills")
        var other = SeededGenerator(seed: 42, stream: "prices")
        let first = generator.next()
        #expect("\(first)" == named[1].prefix { $0 != " " })
        #expect(first != other.next())
    }

    @Test("Uniform draws fill [0, 1) evenly", arguments: [1, 2, 3] as [UInt64])
    func uniform(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var tenths = [Int](repeating: 0, count: 10)
        for _ in 0..<50_000 {
            let draw = generator.uniform()
            guard draw >= 0, draw < 1 else {
                Issue.record("\(draw) is outside [0, 1)")
                continue
            }
            tenths[Int(draw * 10)] += 1
        }
        // Five standard deviations of a binomial with n = 50,000 and p = 0.1.
        #expect(tenths.allSatisfy { abs($0 - 5000) < 336 })
    }

    @Test("Normal draws have the moments of the standard normal", arguments: [1, 2, 3] as [UInt64])
    func normal(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let count = 100_000
        let draws = (0..<count).map { _ in generator.normal() }
        func moment(_ power: Int) -> Double {
            draws.reduce(0) { sum, draw in sum + (0..<power).reduce(1.0) { product, _ in product * draw } }
                / Double(count)
        }
        // Five standard errors of each sample moment: sqrt(1, 2, 15, 96 ÷ n).
        #expect(abs(moment(1)) < 0.016)
        #expect(abs(moment(2) - 1) < 0.023)
        #expect(abs(moment(3)) < 0.062)
        #expect(abs(moment(4) - 3) < 0.155)
        #expect(draws.allSatisfy { $0.isFinite })
    }
}
