import Core
import Rehearsal
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Instruments as contracts of IB's", .serialized, .timeLimit(.minutes(2)))
struct IBContractsTests {
    private static let december = CivilDate(iso: "2026-12-18")

    private func instrument(
        _ symbol: String, _ exchange: String, _ currency: Currency = .usd, kind: Instrument.Kind = .stock,
        multiplier: Int = 1, name: String? = nil
    ) throws -> Instrument {
        try .fixture(
            symbol: Symbol(symbol), kind: kind, exchange: ExchangeID(exchange), currency: currency,
            multiplier: FixedPoint(multiplier), brokerSymbols: name.map { [.ib: $0] } ?? [:])
    }

    @Test("Shares, funds, futures, options and indices of America, Europe and Asia have their numbers")
    func kinds() async throws {
        try await Rig.run { rig in
            let contracts = IBContracts(try await rig.ready())
            let december = try #require(Self.december)
            func conID(_ instrument: Instrument) async throws -> Int64 {
                try await contracts.contract(of: instrument).conID
            }
            #expect(try await conID(instrument("AAPL", "XNAS")) == 265_598)
            #expect(try await conID(instrument("SPY", "ARCX", kind: .etf)) == 756_733)
            // SAP is there twice.
            let euro = try #require(Currency("EUR"))
            #expect(try await conID(instrument("SAP", "XETR", euro)) == 14_204)
            #expect(try await conID(instrument("SAP-ADR", "XNYS", name: "SAP")) == 12_270_107)
            #expect(try await conID(instrument("7203", "XTKS", try #require(Currency("JPY")))) == 14_016_545)
            #expect(try await conID(instrument("700", "XHKG", try #require(Currency("HKD")))) == 152_791_428)
            let mini = try instrument("ESZ6", "XCME", kind: .future(expiry: december), multiplier: 50)
            #expect(try await conID(mini) == 649_180_695)
            let named = try instrument("MES-DEC", "XCME", kind: .future(expiry: december), multiplier: 5, name: "MES")
            #expect(try await conID(named) == 649_180_671)
            let call = Instrument.OptionTerms(
                underlying: Symbol("AAPL"), expiry: december, strike: Price(200), right: .call)
            let option = try instrument("AAPL261218C200", "XNAS", kind: .option(call), multiplier: 100)
            #expect(try await conID(option) == 700_002_000)
            #expect(try await conID(instrument("SPX", "XCBO", name: "IND:SPX")) == 416_904)
            #expect(try await conID(instrument("IBM", "XNYS", name: "conid:8314")) == 8314)
            #expect(await contracts.symbol(of: 265_598) == Symbol("AAPL"))
        }
    }

    @Test("Of two that fit none is taken: the error lists them")
    func ambiguous() async throws {
        try await Rig.run(change: { configuration in
            for (id, name) in [(1001, "FIRST"), (1002, "SECOND")] {
                configuration.contracts.append(
                    GatewayContract(
                        conId: id, symbol: "TWIN", venue: .nasdaq, tradingClass: name, longName: "TWIN \(name)",
                        basePrice: FixedPoint(10)))
            }
        }) { rig in
            let contracts = IBContracts(try await rig.ready())
            let twin = try instrument("TWIN", "XNAS")
            await #expect(
                throws: IBFailure.contractAmbiguous(
                    twin.id,
                    candidates: [
                        "1001 TWIN STK NASDAQ FIRST USD TWIN FIRST", "1002 TWIN STK NASDAQ SECOND USD TWIN SECOND",
                    ])
            ) { try await contracts.contract(of: twin) }
            let chosen = try instrument("TWIN", "XNAS", name: "conid:1002")
            #expect(try await contracts.contract(of: chosen).longName == "TWIN SECOND")
        }
    }

    @Test("What IB does not list, lists otherwise, or has no name for, is refused")
    func refusals() async throws {
        try await Rig.run { rig in
            let contracts = IBContracts(try await rig.ready())
            let december = try #require(Self.december)
            func failure(_ instrument: Instrument) async -> IBFailure? {
                do throws(IBFailure) {
                    _ = try await contracts.contract(of: instrument)
                    return nil
                } catch { return error }
            }
            let unknown = try instrument("NOSUCH", "XNAS")
            #expect(
                await failure(unknown)
                    == .contractUnknown(unknown.id, asked: "STK NOSUCH on SMART/NASDAQ in USD"))
            let wrongSize = try instrument(
                "ESZ6", "XCME", kind: .future(expiry: december), multiplier: 5, name: "conid:649180695")
            #expect(
                await failure(wrongSize)
                    == .contractDiffers(
                        wrongSize.id,
                        detail: "its multiplier is 5 in symbols.yaml and 50 at IB (conid 649180695)"))
            let wrongMoney = try instrument("SAP", "XNAS", name: "conid:14204")
            #expect(await failure(wrongMoney).map { "\($0)".contains("its currency is USD") } == true)
            #expect(await failure(try instrument("X", "XXXX")).map { "\($0)".contains("no name of IB's") } == true)
            #expect(
                await failure(try instrument("X", "XNAS", name: "conid:x")).map { "\($0)".contains("conid:x") } == true)
        }
    }

    @Test("It is asked once while the answer is fresh, and again when it has aged")
    func cache() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            let contracts = IBContracts(client, maximumAge: .seconds(3600))
            let apple = try instrument("AAPL", "XNAS")
            let first = try await contracts.contract(of: apple)
            let sent = await client.traffic.sent
            #expect(try await contracts.contract(of: apple) == first)
            #expect(await client.traffic.sent == sent)
            rig.clock.set(Rig.open.advanced(bySeconds: 3600))
            #expect(try await contracts.contract(of: apple).listedAt > first.listedAt)
            #expect(await client.traffic.sent == sent + 1)
        }
    }

    @Test("A contract that could not be read does not make the other one the only one")
    func unread() async throws {
        try await Rig.run { rig in
            let contracts = IBContracts(try await rig.ready())
            rig.faults(.init(.shortFrame, at: "contractData", .calls([1])))
            await #expect { try await contracts.contract(of: try instrument("AAPL", "XNAS")) } throws: {
                if case IBFailure.malformed? = $0 as? IBFailure { true } else { false }
            }
        }
    }
}
