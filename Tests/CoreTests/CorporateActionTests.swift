import Core
import Testing

@Suite("Corporate actions")
struct CorporateActionTests {
    private func action(_ kind: CorporateAction.Kind) throws -> CorporateAction {
        CorporateAction(symbol: Symbol("NVDA"), exDate: try #require(CivilDate(iso: "2024-06-10")), kind: kind)
    }

    @Test("An action's id and text name symbol, day, kind and value, but not the tax")
    func ids() throws {
        let split = try action(.split(new: 10, old: 1))
        #expect(split.id == "NVDA|2024-06-10|split|10:1")
        #expect(split.description == "NVDA 2024-06-10 split 10:1")
        let untaxed = try action(.dividend(perShare: FixedPoint("0.01"), taxRate: .zero))
        let taxed = try action(.dividend(perShare: FixedPoint("0.01"), taxRate: Fraction("0.15")))
        #expect(untaxed.id == "NVDA|2024-06-10|dividend|0.01")
        #expect(untaxed.id == taxed.id)
        #expect(untaxed.description == "NVDA 2024-06-10 dividend 0.01")
        #expect(Set([split.id, untaxed.id, try action(.split(new: 1, old: 10)).id]).count == 3)
    }

    @Test("An action without a positive ratio, amount or possible tax names its fault")
    func faults() throws {
        #expect(try action(.split(new: 10, old: 1)).fault == nil)
        #expect(try action(.split(new: 0, old: 1)).fault == "a split of 0 new shares for 1 old ones")
        #expect(try action(.split(new: 2, old: -1)).fault == "a split of 2 new shares for -1 old ones")
        #expect(try action(.dividend(perShare: .zero, taxRate: .zero)).fault == "a dividend of 0 a share")
        #expect(try action(.dividend(perShare: FixedPoint("-0.5"), taxRate: .zero)).fault != nil)
        #expect(
            try action(.dividend(perShare: .one, taxRate: Fraction("1.01"))).fault == "a tax rate of 1.01")
        #expect(try action(.dividend(perShare: .one, taxRate: .one)).fault == nil)
    }
}
