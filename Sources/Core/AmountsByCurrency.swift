extension JSONValue {
    /// `{"KRW":"5000000","USD":"10000"}`: one decimal string per currency, in the order of their codes.
    public init(byCurrency amounts: [Currency: FixedPoint]) {
        self = .object(amounts.sorted { $0.key < $1.key }.map { Member($0.key.code, JSONValue($0.value)) })
    }

    /// The amounts of ``init(byCurrency:)``; `nil` for anything else.
    public var amountsByCurrency: [Currency: FixedPoint]? {
        guard case .object(let members) = self else { return nil }
        var amounts: [Currency: FixedPoint] = [:]
        for member in members {
            guard let currency = Currency(member.key), let text = member.value.stringValue,
                let amount = try? FixedPoint(text)
            else { return nil }
            amounts[currency] = amount
        }
        return amounts
    }
}
