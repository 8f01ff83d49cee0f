import Core
import Foundation
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Fields")
struct FieldReaderTests {
    /// Reads one field and gives what became of it.
    private func read<Value>(
        _ field: String, _ take: (inout FieldReader) -> Value
    ) throws -> (value: Value, fault: FieldFault?, restIsSound: Bool) {
        let bytes = Array(field.utf8) + [0] + Array("after\0".utf8)
        return try bytes.withUnsafeBufferPointer { buffer in
            var reader = try #require(FieldReader(buffer, version: .newest))
            let value = take(&reader)
            let fault = reader.fault
            return (value, fault?.reason, fault != nil || reader.text() == "after")
        }
    }

    private struct Decimal: CustomTestStringConvertible {
        let text: String
        /// `nil` for unset.
        let value: String?
        var testDescription: String { text }
        init(_ text: String, _ value: String?) {
            self.text = text
            self.value = value
        }
    }

    private static let decimals: [Decimal] = [
        Decimal("150.25", "150.25"), Decimal("-0.5", "-0.5"), Decimal("0.0", "0"), Decimal("-0.0", "0"),
        Decimal("9999999999.99999999", "9999999999.99999999"), Decimal("123456789012.5", "123456789012.5"),
        Decimal("1000000000000000000", "1000000000000000000"), Decimal("007", "7"), Decimal(".5", "0.5"),
        Decimal("5.", "5"),
        // Exponents, as Java prints what is small or large.
        Decimal("1.0E-4", "0.0001"), Decimal("2.5E7", "25000000"), Decimal("1.23e+3", "1230"),
        Decimal("-4E-8", "-0.00000004"),
        // A ninth decimal is rounded, half to even.
        Decimal("141.07142857142858", "141.07142857"), Decimal("0.000000005", "0"),
        Decimal("0.000000015", "0.00000002"),
        Decimal("0.0000000150001", "0.00000002"), Decimal("-0.000000025", "-0.00000002"), Decimal("1E-30", "0"),
        Decimal("0.00000000000000000000000000000000000000001", "0"),
        // What stands for none.
        Decimal("", nil), Decimal("2147483647", nil), Decimal("2147483647.0", nil), Decimal("2.147483647E9", nil),
        Decimal("9223372036854775807", nil), Decimal("-9223372036854775808", nil), Decimal("9.223372036854776E18", nil),
        Decimal("1.7976931348623157E308", nil), Decimal("-1.7976931348623157e+308", nil), Decimal("Infinity", nil),
        Decimal("-Infinity", nil), Decimal("Infinite", nil), Decimal("NaN", nil),
        // And what does not.
        Decimal("2147483648", "2147483648"), Decimal("2147483647.5", "2147483647.5"),
        Decimal("-2147483647", "-2147483647"),
    ]

    @Test("Decimals: exact, rounded only behind the eighth, and unset where a sign for it stands", arguments: decimals)
    private func decimal(_ row: Decimal) throws {
        let (value, fault, restIsSound) = try read(row.text) { $0.decimal() }
        #expect(value?.description == row.value)
        #expect(fault == nil && restIsSound)
    }

    @Test(
        "No decimals",
        arguments: [
            "1.2.3", "1,5", "--1", "1-", "abc", "1e", "E5", "1e5x", ".", "-", "+", " 1", "1 ", "1000000000000000001",
            "1E19", "1E300", "0x10", String(repeating: "1", count: 65), "٣",
        ])
    func noDecimals(_ text: String) throws {
        let (value, fault, _) = try read(text) { $0.decimal() }
        #expect(value == nil && fault == .notDecimal)
    }

    @Test("Any number that FixedPoint can hold is read as FixedPoint reads it", arguments: propertySeeds)
    func anyDecimal(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "decimals")
        for _ in 0..<2000 {
            let number = try random.fixedPoint()
            // The one number that stands for none.
            guard number.units != Int128(Unset.int32Units) else { continue }
            let (value, fault, _) = try read(number.description) { $0.decimal() }
            #expect(value == number && fault == nil)
        }
    }

    @Test("Binary numbers as Python prints them come out as the nearest decimal", arguments: propertySeeds)
    func anyBinary(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "binaries")
        for _ in 0..<2000 {
            let number = (random.uniform() - 0.5) * pow(10, Double(random.int(-12...12)))
            let (value, _, _) = try read("\(number)") { $0.decimal() }
            // Foundation's decimals are exact to 38 digits, and round to even too.
            var exact = Foundation.Decimal(string: "\(number)") ?? 0
            var rounded = Foundation.Decimal()
            NSDecimalRound(&rounded, &exact, 8, .bankers)
            let same = value.map { Foundation.Decimal(string: $0.description) == rounded } ?? false
            #expect(same, "\(number) was read as \(value?.description ?? "nothing")")
        }
    }

    @Test("Whole numbers: 64 bits, with a sign or without; nothing is 0, or unset where that is asked for")
    func wholes() throws {
        for (text, expected) in [
            ("7", 7), ("-3", -3), ("0", 0), ("", 0), ("600745656", 600_745_656), ("9223372036854775807", Int64.max),
            ("-9223372036854775808", .min), ("000000000000000000000012", 12),
        ] as [(String, Int64)] {
            let (value, fault, restIsSound) = try read(text) { $0.number() }
            #expect(value == expected && fault == nil && restIsSound, "\(text)")
        }
        for text in [
            "1.0", "x", "-", "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1 ", "+1",
        ] {
            #expect(try read(text) { $0.number() }.fault == .notWhole, "\(text)")
        }
        for text in ["", "2147483647", "9223372036854775807"] {
            let (value, fault, restIsSound) = try read(text) { $0.optionalNumber() }
            #expect(value == nil && fault == nil && restIsSound)
        }
        #expect(try read("-1") { $0.optionalNumber() }.value == -1)
    }

    @Test("Booleans are 0, 1 or nothing; times lie between 1970 and 5138")
    func others() throws {
        #expect(try read("1") { $0.bool() }.value)
        #expect(try !read("0") { $0.bool() }.value && !read("") { $0.bool() }.value)
        for text in ["2", "true", "01"] { #expect(try read(text) { $0.bool() }.fault == .notBoolean) }
        #expect(try read("1795788000") { $0.epochSeconds() }.value == Instant(epochSeconds: 1_795_788_000))
        for text in ["-1", "9223372036854775807", "100000000001"] {
            #expect(try read(text) { $0.epochSeconds() }.fault == .notATime)
        }
        #expect(try read("20261127") { $0.barTime() }.value == .day(#require(CivilDate(compact: "20261127"))))
        #expect(try read("1795788000") { $0.barTime() }.value == .instant(Instant(epochSeconds: 1_795_788_000)))
        for text in ["20261131", "2026112x"] { #expect(try read(text) { $0.barTime() }.fault == .notATime) }
        #expect(try read("20261127 10:30:00") { $0.barTime() }.fault == .notWhole)
    }

    @Test("Bytes that are no UTF-8 are replaced")
    func latin() throws {
        let bytes: [UInt8] = [0x4D, 0xFC, 0x6E, 0x63, 0x68, 0x65, 0x6E, 0]
        try bytes.withUnsafeBufferPointer { buffer in
            var reader = try #require(FieldReader(buffer, version: .newest))
            #expect(reader.text() == "M\u{FFFD}nchen" && reader.fault == nil)
        }
    }

    @Test("A field without its NUL is not there, and what comes after the first fault is empty")
    func missing() throws {
        for text in ["12", "1.5", "x", ""] {
            for take in [
                { _ = $0.number() }, { _ = $0.decimal() }, { _ = $0.text() }, { _ = $0.bool() },
                { _ = $0.optionalNumber() },
                { $0.skip() }, { _ = $0.barTime() },
            ] as [(inout FieldReader) -> Void] {
                let bytes = Array("a\0\(text)".utf8)
                try bytes.withUnsafeBufferPointer { buffer in
                    var reader = try #require(FieldReader(buffer, version: .newest))
                    reader.skip()
                    take(&reader)
                    #expect(reader.fault?.reason == .missing && reader.fault?.index == 1)
                    #expect(reader.text() == "" && reader.number() == 0 && reader.decimal() == nil)
                    #expect(reader.fault?.index == 1)
                }
            }
        }
    }

    @Test("A count that the body cannot hold is refused before anything is made of it")
    func counts() throws {
        for (text, expected) in [("3", nil), ("2", nil), ("1", 1), ("0", 0), ("", 0), ("-1", nil), ("999999999", nil)]
            as [(String, Int?)]
        {
            // Six bytes follow.
            let (value, fault, _) = try read(text) { $0.count(fieldsEach: 4) }
            #expect(fault == (expected == nil ? .impossibleCount : nil))
            if let expected { #expect(value == expected) }
        }
    }
}

@Suite("Times of IB's")
struct IBTimeTests {
    @Test("The three forms, each with its zone")
    func forms() throws {
        let day = try #require(CivilDate(compact: "20261127"))
        for (text, zone) in [
            ("20261127  10:31:05", nil), ("20261127 10:31:05", nil), ("20261127 10:31:05 US/Eastern", "US/Eastern"),
            ("20261127 10:31:05 America/New_York", "America/New_York"), ("20261127-10:31:05", "UTC"),
            ("20261127 10:31:05 British Summer Time", "British Summer Time"),
        ] as [(String, String?)] {
            let stamp = try #require(IBTime.Stamp(text), "\(text)")
            #expect(stamp.date == day && stamp.secondOfDay == 37_865 && stamp.zone == zone)
        }
        for text in [
            "", "20261127", "20261127 25:00:00", "20261127 10:31", "20261131 10:31:05", "20261127-10:31:05 a",
            "20261127 1:31:05", "20261127 +1:31:05",
        ] { #expect(IBTime.Stamp(text) == nil, "\(text)") }
        #expect(IBTime.utc(Instant(epochSeconds: 1_795_813_200)) == "20261127-21:00:00")
    }
}
