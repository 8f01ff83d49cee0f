import Testing

@testable import Settings

struct InterpolationTests {
    private func fill(_ text: String) -> Interpolation.Outcome {
        var errors: [SettingsError] = []
        let dotEnv = DotEnv.read("B=from-file\nA=from-file", file: ".env", errors: &errors)
        return Interpolation(environment: Environment(["A": "from-env", "EMPTY": ""]), dotEnv: dotEnv).fill(text)
    }

    @Test(
        "Variables are filled from the environment, then from .env, then from their default",
        arguments: [
            ("${A}", "from-env"), ("${B}", "from-file"), ("x${A}y${B}z", "xfrom-envyfrom-filez"),
            ("${C:-seven}", "seven"), ("${EMPTY:-seven}", "seven"), ("${A:-seven}", "from-env"),
            ("$${A}", "${A}"), ("${C:-a:-b}", "a:-b"),
        ])
    func filled(text: String, value: String) { #expect(fill(text) == .filled(value)) }

    @Test("A text without a variable is left alone", arguments: ["plain", "$A", "a}b", "5 $"])
    func untouched(text: String) { #expect(fill(text) == .untouched) }

    @Test("A variable that is not set makes the value absent", arguments: ["${C}", "http://${C}/x", "${C:-}"])
    func absent(text: String) { #expect(fill(text) == .absent(variable: "C")) }

    @Test("A malformed variable is an error", arguments: [("ab${", 2), ("${1A}", 0), ("x ${A B} y", 2), ("${}", 0)])
    func bad(text: String, offset: Int) {
        guard case .bad(_, _, let found) = fill(text) else {
            Issue.record("'\(text)' was taken")
            return
        }
        #expect(found == offset)
    }

    @Test("A malformed variable is reported at its own column")
    func place() {
        let found = errors(ConfigurationTexts(brokers: "brokers:\n  ib:\n    host: \"a${\"\n"))
        #expect(found.map(\.origin) == [.yaml(file: "/h/config/brokers.yaml", line: 3, column: 13)])
    }
}
