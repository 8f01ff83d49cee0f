/// A sum without end that keeps the digits its terms lose (Neumaier 1974).
struct RunningSum: Codable, Equatable, Sendable {
    @Exact private var sum = 0.0
    @Exact private var lost = 0.0

    mutating func add(_ term: Double) -> Double {
        let next = sum + term
        lost += sum.magnitude >= term.magnitude ? (sum - next) + term : (term - next) + sum
        sum = next
        return sum + lost
    }

    var value: Double { sum + lost }
}
