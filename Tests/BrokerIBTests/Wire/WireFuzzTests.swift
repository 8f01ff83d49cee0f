import Core
import Foundation
import TestSupport
import Testing

@testable import BrokerIB

/// Messages that were changed on their way. Nothing crashes, and whatever is decoded stands in the message: a second reader,
/// which splits strings and shares no line with the decoder, finds the values at their places.
///
/// `TAKT_FUZZ_FRAMES` says how many messages; the tests alone are content with a hundred thousand.
@Suite("Changed messages", .timeLimit(.minutes(30)))
struct WireFuzzTests {
    private static let messages = ProcessInfo.processInfo.environment["TAKT_FUZZ_FRAMES"].flatMap { Int($0) } ?? 100_000
    private static let seeds: [UInt64] = [1, 2, 3, 4]

    /// Lets the tests run that wait for a server: the threads they share are as many as the processors.
    private static func giveWay(_ round: Int) async { if round % 200 == 0 { await Task.yield() } }

    @Test("No crash, and no value that does not stand in the message", arguments: seeds)
    func bodies(seed: UInt64) async {
        var random = SeededGenerator(seed: seed, stream: "ib-bodies")
        var survivors = 0
        let rounds = Self.messages / Self.seeds.count
        for round in 0..<rounds {
            await Self.giveWay(round)
            let original = random.pick(Golden.answers)
            let version = random.chance(0.1) ? ServerVersion(random.int(157...178)) : original.version
            let body = Self.changed(original.body, &random)
            var decoder = IBDecoder(version: version)
            do {
                let message = try decoder.decode(bytes: body)
                survivors += 1
                if let objection = PlainReader.objection(to: message, in: body, version) {
                    Issue.record("seed \(seed), round \(round): \(objection)\n\(Golden.text(body))")
                    return
                }
                #expect(decoder.counters.decoded + decoder.counters.unknown == 1)
            } catch {
                #expect(decoder.counters == IBDecoderCounters(decoded: 0, unknown: 0, faults: 1))
                #expect(error.length == body.count)
            }
        }
        // A fuzz that only ever meets refusals proves little.
        #expect(survivors > rounds / 10)
    }

    @Test("Streams: frames come out whole, or the stream ends with a fault", arguments: seeds)
    func streams(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed, stream: "ib-streams")
        for round in 0..<(Self.messages / Self.seeds.count / 20) {
            await Self.giveWay(round)
            let bodies = (0..<20).map { _ in random.pick(Golden.answers).body }
            var stream = bodies.flatMap(FrameReaderTests.framed)
            let isChanged = random.chance(0.5)
            if isChanged { stream = Self.changed(stream, &random) }
            var reader = FrameReader()
            var seen: [[UInt8]] = []
            var rest = stream[...]
            do throws(FrameFault) {
                while !rest.isEmpty {
                    let piece = rest.prefix(random.int(1...2000))
                    rest = rest.dropFirst(piece.count)
                    reader.append(piece)
                    while try reader.advance() { seen.append(reader.withBody { Array($0) }) }
                }
                // What came out, and what waits, is the stream.
                let taken = seen.flatMap(FrameReaderTests.framed)
                #expect(stream.starts(with: taken) && taken.count + reader.pendingCount == stream.count)
            } catch {
                #expect(isChanged && stream.starts(with: seen.flatMap(FrameReaderTests.framed)))
            }
            if !isChanged { #expect(seen == bodies, "seed \(seed), round \(round)") }
        }
    }

    @Test("Bytes of no meaning at all", arguments: seeds)
    func noise(seed: UInt64) async {
        var random = SeededGenerator(seed: seed, stream: "ib-noise")
        for round in 0..<(Self.messages / Self.seeds.count / 10) {
            await Self.giveWay(round)
            let known = random.pick(AnswerNumber.allCases).rawValue
            let head = random.chance(0.8) ? Array("\(known)\0".utf8) : []
            let body = head + (0..<random.int(0...200)).map { _ in UInt8(truncatingIfNeeded: random.int(0...255)) }
            var decoder = IBDecoder(version: ServerVersion(random.int(157...178)))
            _ = try? decoder.decode(bytes: body)
            _ = body.withUnsafeBufferPointer { Hello.OfServer($0) }
        }
    }

    /// One to four changes of the kinds that wires, proxies and other people's programs make.
    private static func changed(_ original: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        let special: [UInt8] = Array("\0-.0 +A9E;,".utf8) + [0xFF, 0x80]
        let values = [
            "2147483647", "1.7976931348623157E308", "-1", "Infinity", "9223372036854775808", "1e18", "999999999",
        ]
        for _ in 0..<random.int(1...4) where !bytes.isEmpty {
            let place = random.int(0...bytes.count - 1)
            switch random.int(0...9) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.int(0...255))
            case 1: bytes[place] = random.pick(special)
            case 2: bytes.insert(random.pick(special), at: place)
            case 3: bytes.remove(at: place)
            case 4: bytes = Array(bytes[..<place])
            case 5:
                let end = min(bytes.count, place + random.int(1...60))
                bytes.insert(contentsOf: bytes[place..<end], at: random.int(0...bytes.count))
            case 6: bytes.removeSubrange(place..<min(bytes.count, place + random.int(1...60)))
            case 7: bytes[place] = UInt8(ascii: "0") + UInt8(random.int(0...9))
            default:
                // A field becomes another value.
                let start = bytes[..<place].lastIndex(of: 0).map { $0 + 1 } ?? 0
                let end = bytes[place...].firstIndex(of: 0) ?? bytes.count
                if start <= end { bytes.replaceSubrange(start..<end, with: Array(random.pick(values).utf8)) }
            }
        }
        return bytes
    }
}

/// Reads a message with the means of the standard library, to compare: the fields whose place depends on nothing before.
private enum PlainReader {
    static func objection(to message: IBMessage, in body: [UInt8], _ version: ServerVersion) -> String? {
        let fields = body.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
        var checks: [(String, Bool)] = []
        func whole(_ name: String, _ value: Int64?, _ place: Int) { checks.append((name, same(value, fields[place]))) }
        func decimal(_ name: String, _ value: FixedPoint?, _ place: Int) {
            checks.append((name, same(value, fields[place])))
        }
        func text(_ name: String, _ value: String, _ place: Int) { checks.append((name, value == fields[place])) }
        switch message {
        case .tickPrice(let tick):
            whole("id", tick.requestID, 2)
            whole("type", tick.type.number, 3)
            decimal("price", tick.price?.value, 4)
            decimal("size", tick.size?.value, 5)
        case .tickSize(let tick):
            whole("id", tick.requestID, 2)
            decimal("size", tick.size?.value, 4)
        case .orderStatus(let status):
            whole("id", status.orderID, 1)
            text("status", status.status.text, 2)
            decimal("filled", status.filled?.value, 3)
            decimal("remaining", status.remaining?.value, 4)
            whole("permanent id", status.permanentID, 6)
        case .execution(let execution):
            text("execution", execution.executionID, 14)
            checks.append(("side", fields[18] == (execution.side == .buy ? "BOT" : "SLD")))
            decimal("quantity", execution.quantity.value, 19)
            decimal("price", execution.price.value, 20)
            whole("permanent id", execution.permanentID, 21)
            text("reference", execution.orderReference, 26)
        case .openOrder(let order):
            whole("id", order.orderID, 1)
            whole("contract", order.contract.conID, 2)
            checks.append(("side", fields[13] == "BUY" || (order.terms.side == .sell && fields[13] != "BUY")))
            decimal("quantity", order.terms.quantity?.value, 14)
            decimal("limit", order.terms.limitPrice?.value, 16)
            text("reference", order.terms.reference, 23)
            whole("client", order.clientID, 24)
            whole("permanent id", order.terms.permanentID, 25)
        case .completedOrder(let order):
            text("reference", order.terms.reference, 22)
            whole("permanent id", order.terms.permanentID, 23)
        case .position(let position):
            text("account", position.account, 2)
            decimal("position", position.position.value, 14)
            decimal("cost", position.averageCost?.value, 15)
        case .commission(let commission):
            text("execution", commission.executionID, 2)
            if commission.commission != nil { decimal("commission", commission.commission, 3) }
        case .realTimeBar(let bar):
            whole("time", bar.begin.epochSeconds, 3)
            decimal("close", bar.close.value, 7)
        case .historicalData(let data):
            whole("count", Int64(data.bars.count), 4)
            for (index, bar) in data.bars.enumerated() {
                decimal("open", bar.open.value, 6 + index * 8)
                decimal("close", bar.close.value, 9 + index * 8)
            }
        case .error(let error):
            whole("code", Int64(error.code), 3)
            text("message", error.message, 4)
            if version >= .advancedReject { text("details", error.details, 5) }
        case .nextValidID(let next): whole("id", next.orderID, 2)
        case .tickGeneric, .tickString, .tickOption, .tickParameters, .tickSnapshotEnd, .marketDataType,
            .historicalDataUpdate, .managedAccounts, .currentTime, .accountValue, .portfolioValue, .accountUpdateTime,
            .accountDownloadEnd, .accountSummary, .accountSummaryEnd, .positionEnd, .profitAndLoss,
            .singleProfitAndLoss,
            .contractDetails, .contractDetailsEnd, .openOrderEnd, .executionsEnd, .completedOrdersEnd, .orderBound,
            .unknown:
            break
        }
        return checks.first { !$0.1 }?.0
    }

    private static func same(_ value: Int64?, _ text: String) -> Bool {
        guard let value else { return text.isEmpty || text == "2147483647" || text == "9223372036854775807" }
        return Int64(text) == value || (text.isEmpty && value == 0)
    }

    /// Foundation's decimals are exact to 38 digits; what they cannot hold, binary numbers compare.
    private static func same(_ value: FixedPoint?, _ text: String) -> Bool {
        guard let value else {
            return text.isEmpty || Double(text).map { !$0.isFinite || $0 == 2_147_483_647 || abs($0) > 9.2e18 } ?? true
        }
        guard let number = Double(text) else { return false }
        return abs(number - value.doubleValue) <= 5.1e-9 + abs(number) * 1e-15
    }
}
