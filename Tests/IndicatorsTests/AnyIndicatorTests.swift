import Foundation
import Indicators
import Testing

/// The stored form.
struct AnyIndicatorTests {
    private func stored(_ spec: String, bars: Int = 30) throws -> String {
        var indicator = try AnyIndicator(spec)
        for bar in Series.walk(bars, seed: 41) { _ = indicator.update(bar) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(indicator), as: UTF8.self)
    }

    private func restore(_ text: String) throws -> AnyIndicator {
        try JSONDecoder().decode(AnyIndicator.self, from: Data(text.utf8))
    }

    @Test("The stored form carries version, spec and state; numbers JSON lacks are texts")
    func form() throws {
        let text = try stored("STOCHF:2,1", bars: 0)
        #expect(text.contains(#""version":1"#))
        #expect(text.contains(#""spec":"STOCHF:2,1""#))
        #expect(text.contains(#"["-inf","-inf","-inf"]"#) && text.contains(#"["inf","inf","inf"]"#))
        #expect(try stored("TRANGE", bars: 0).contains(#""last":"nan""#))
    }

    @Test("Numbers come back to the last bit: tiny, huge, negative zero")
    func exactNumbers() throws {
        for price in [Double.leastNonzeroMagnitude, 1.0 / 3, Double.greatestFiniteMagnitude, -0.0, 0.1 + 0.2] {
            var indicator = TrueRange()
            let bar = BarValues(open: price, high: price, low: price, close: price, volume: 0)
            _ = indicator.update(bar)
            let back = try JSONDecoder().decode(TrueRange.self, from: JSONEncoder().encode(indicator))
            #expect(back == indicator)
        }
    }

    @Test("A state of another version is refused")
    func version() throws {
        let text = try stored("EMA:5").replacingOccurrences(of: #""version":1"#, with: #""version":2"#)
        let error = #expect(throws: IndicatorError.self) { try restore(text) }
        #expect(
            error?.description == "the stored state of EMA:5 has version 2, this program reads version 1; "
                + "compute it anew from the bars")
    }

    @Test(
        "A state of other parameters is refused under this name", arguments: [("SMA:5", "SMA:6"), ("RSI:5", "RSI:6")])
    func otherParameters(stored spec: String, claimed: String) throws {
        let text = try stored(spec).replacingOccurrences(of: "\"\(spec)\"", with: "\"\(claimed)\"")
        #expect(throws: IndicatorError.damagedState(spec: claimed, reason: "it was made with other parameters")) {
            try restore(text)
        }
    }

    @Test(
        "A part of other parameters or another length inside a state is refused by its name",
        arguments: [
            ("TEMA:5", "TEMA:7", "second", "its part 'chain.second' was made with other parameters"),
            ("RSI_SIMPLE:5", "RSI_SIMPLE:7", "losses", "its part 'losses.slots' has 8 values instead of 6"),
            ("ADX:5", "ADX:7", "average", "its part 'average' was made with other parameters"),
            ("BBANDS:5", "BBANDS:7", "window", "made with other parameters"),
            ("MFI:5", "MFI:7", "outflow", "its part 'outflow.slots' has"),
        ])
    func otherPart(spec: String, other: String, part: String, reason: String) throws {
        let text = try stored(spec)
        let error = #expect(throws: IndicatorError.self) {
            try restore(try graft(part, of: try stored(other), into: text))
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(throws: Never.self) { try restore(text) }
    }

    /// The first text with the part of that name, wherever it stands, taken from the second.
    private func graft(_ part: String, of donor: String, into text: String) throws -> String {
        let from = try JSONSerialization.jsonObject(with: Data(donor.utf8))
        let onto = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let found = try #require(find(part, in: from), "\(donor)")
        let data = try JSONSerialization.data(withJSONObject: replace(part, by: found, in: onto))
        return String(decoding: data, as: UTF8.self)
    }

    private func find(_ part: String, in value: Any) -> Any? {
        guard let object = value as? [String: Any] else { return nil }
        return object[part] ?? object.values.lazy.compactMap { find(part, in: $0) }.first
    }

    private func replace(_ part: String, by new: Any, in value: Any) -> Any {
        guard let object = value as? [String: Any] else { return value }
        return Dictionary(
            uniqueKeysWithValues: object.map { ($0, $0 == part ? new : replace(part, by: new, in: $1)) })
    }

    @Test("A counter below zero is refused: the indicator would never be ready")
    func negativeCounter() throws {
        let text = try stored("EMA:5", bars: 2)
        let damaged = text.replacingOccurrences(of: #""count":2"#, with: #""count":-2"#)
        try #require(damaged != text)
        let error = #expect(throws: IndicatorError.self) { try restore(damaged) }
        #expect(error?.description.contains("its part 'average.count' is -2") == true, "\(error?.description ?? "")")
    }

    @Test("The same indicator with other factors is refused")
    func otherFactors() throws {
        let text = try stored("BBANDS:5,2,2").replacingOccurrences(of: #""BBANDS:5,2,2""#, with: #""BBANDS:5,3,2""#)
        #expect(throws: IndicatorError.self) { try restore(text) }
    }

    @Test(
        "A damaged state is refused and never read beyond its end",
        arguments: [
            (#""position":0"#, #""position":5"#), (#""position":0"#, #""position":-1"#),
            (#""position":0"#, #""position":"x""#), (#""prefix":0"#, #""prefix":"zero""#),
        ])
    func damaged(old: String, new: String) throws {
        let text = try stored("SMA:5")
        try #require(text.contains(old), "\(text)")
        let error = #expect(throws: IndicatorError.self) { try restore(text.replacingOccurrences(of: old, with: new)) }
        #expect(error?.description.hasPrefix("the stored state of SMA:5 is damaged: ") == true)
    }

    @Test("A name that is no longer known is refused by name")
    func unknownName() throws {
        let text = try stored("SMA:5").replacingOccurrences(of: "SMA:5", with: "SMB:5")
        #expect(throws: IndicatorError.unknownName("SMB", nearest: ["SMA", "CMO", "EMA"])) { try restore(text) }
    }
}
