import Testing

@testable import Settings

struct DotEnvTests {
    @Test(
        "A line gives the value that a shell would see",
        arguments: [
            ("NAME=value", "value"), ("export NAME=value", "value"), ("  NAME = value  ", "value"),
            ("NAME=7497   # 7496 live", "7497"), ("NAME=pass#word", "pass#word"), ("NAME='a # b'", "a # b"),
            ("NAME=\"a \\\"b\\\" \\n\" # note", "a \"b\" \n"), ("NAME='a\\nb'", "a\\nb"), ("NAME=a=b=c", "a=b=c"),
            ("NAME=value\r", "value"), ("NAME=\"\\$x\"", "$x"), ("NAME=a b c", "a b c"),
        ])
    func values(line: String, value: String) {
        var errors: [SettingsError] = []
        let read = DotEnv.read("# first\n\n\(line)\n", file: ".env", errors: &errors)
        #expect(read["NAME"] == DotEnv.Entry(text: value, line: 3))
        #expect(errors.isEmpty)
    }

    @Test("A variable set to nothing counts as not set", arguments: ["NAME=", "NAME=''", "NAME=   # later"])
    func nothing(line: String) {
        var errors: [SettingsError] = []
        #expect(DotEnv.read(line, file: ".env", errors: &errors)["NAME"] == nil)
        #expect(errors.isEmpty)
    }

    @Test("Lines that end in CR LF are lines")
    func windows() {
        var errors: [SettingsError] = []
        let read = DotEnv.read("A=1\r\nB=2\r\n", file: ".env", errors: &errors)
        #expect(read["A"]?.text == "1")
        #expect(read["B"] == DotEnv.Entry(text: "2", line: 2))
    }

    @Test(
        "A line that is no variable is an error with its line, and never shows the value",
        arguments: [
            ("hunter2", "no '='"), ("1A=hunter2", "no variable name"), ("A B=hunter2", "no variable name"),
            ("A=\"hunter2", "not closed"), ("A='hunter2' x", "follows the closing quote"),
            ("GIVEN=hunter2", "second time"),
        ])
    func bad(line: String, part: String) {
        var errors: [SettingsError] = []
        _ = DotEnv.read("GIVEN=1\n\(line)\n", file: ".env", errors: &errors)
        #expect(errors.count == 1)
        #expect(errors.first?.origin == .dotEnv(file: ".env", line: 2))
        #expect(errors.first?.message.contains(part) == true)
        #expect(errors.first?.description.contains("hunter2") == false)
    }
}
