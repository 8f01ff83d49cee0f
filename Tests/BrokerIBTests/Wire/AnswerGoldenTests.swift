import Core
import Foundation
import TestSupport
import Testing

@testable import BrokerIB

/// A value of a message of ours, to be found again under a name of ib_async's.
enum ReadValue {
    case text(String)
    case whole(Int64?)
    case decimal(FixedPoint?)
    case flag(Bool)

    static func price(_ price: Price?) -> ReadValue { .decimal(price?.value) }
    static func quantity(_ quantity: Quantity?) -> ReadValue { .decimal(quantity?.value) }

    /// What ib_async keeps where there is nothing: its own marks for unset, or 0.
    private static let none: Set<String> = [
        "", "0", "0.0", "1.7976931348623157e+308", "1.7976931348623157e308", "2147483647", "9223372036854775807", "-1",
        "-1.0", "-2.0",
    ]

    func agrees(with text: String) -> Bool {
        switch self {
        case .text(let own): own == text
        case .flag(let own): own == (text == "1")
        case .whole(let own?): String(own) == text
        case .whole(nil), .decimal(nil): Self.none.contains(text.lowercased())
        case .decimal(let own?):
            // Python prints the nearest binary number; ours is rounded to eight decimals.
            Double(text).map { abs($0 - own.doubleValue) <= 5.1e-9 + abs($0) * 1e-15 } ?? (own.isZero && text.isEmpty)
        }
    }
}

@Suite("Answers are read as ib_async reads them")
struct AnswerGoldenTests {
    @Test("Every message", arguments: Golden.answers)
    func messages(_ answer: Golden.Answer) throws {
        var decoder = IBDecoder(version: answer.version)
        let message = try decoder.decode(bytes: answer.body)
        #expect(decoder.counters == IBDecoderCounters(decoded: 1))
        let expected = ReadMessage(message)
        try #require(answer.calls.count == expected.calls.count, "\(answer.calls)")
        for (call, own) in zip(answer.calls, expected.calls) {
            #expect(call.method == own.method)
            for (key, value) in own.values {
                let theirs = call.values[key] ?? ""
                #expect(value.agrees(with: theirs), "\(key): \(value), and ib_async has '\(theirs)'")
            }
        }
    }

    @Test("Of every kind of message there is one")
    func coverage() {
        var numbers: Set<Int64> = []
        for answer in Golden.answers {
            if let number = Int64(Golden.text(answer.body).prefix { $0 != "|" }) { numbers.insert(number) }
        }
        let missing = AnswerNumber.allCases.map(\.rawValue).filter { !numbers.contains($0) }
        #expect(missing.isEmpty)
    }

    @Test("A body that ends before any of the fields that are read is a fault, and one with more is none")
    func lengths() throws {
        for answer in Golden.answers {
            var decoder = IBDecoder(version: answer.version)
            let whole = try decoder.decode(bytes: answer.body)
            let surplus = try decoder.decode(bytes: answer.body + Array("more\0".utf8))
            #expect("\(whole)" == "\(surplus)")
            let fields = answer.body.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            for count in 1..<max(2, fields.count) {
                let short: [UInt8] = fields.prefix(count).flatMap { Array($0) + [0] }
                // What is left out at the end may be what nobody reads; nothing else may be read for it.
                if let message = try? decoder.decode(bytes: short) { #expect("\(message)" == "\(whole)") }
            }
        }
    }
}
