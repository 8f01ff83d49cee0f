/// What a broker says that an order would come to, asked before it is sent (a "what-if").
public enum OrderPreview: Hashable, Sendable {
    case told(Terms)
    /// It would refuse the order; its own words.
    case refused(String)
    /// It was asked, and did not say.
    case unknown(String)

    /// What the account would look like behind the order, in the account's own currency at the broker, and what the order would
    /// cost. `nil` is what the broker does not tell.
    public struct Terms: Hashable, Sendable {
        /// What it takes to open what would be held.
        public var initialMargin: FixedPoint?
        /// By how much the order alone raises it.
        public var initialMarginChange: FixedPoint?
        /// What it takes to hold it.
        public var maintenanceMargin: FixedPoint?
        /// What counts against the margins: cash and positions, with loans.
        public var equityWithLoan: FixedPoint?
        /// At the most.
        public var commission: Money?
        /// The broker's remark on the order.
        public var warning: String?

        public init(
            initialMargin: FixedPoint? = nil, initialMarginChange: FixedPoint? = nil,
            maintenanceMargin: FixedPoint? = nil, equityWithLoan: FixedPoint? = nil, commission: Money? = nil,
            warning: String? = nil
        ) {
            self.initialMarginChange = initialMarginChange
            self.initialMargin = initialMargin
            self.maintenanceMargin = maintenanceMargin
            self.equityWithLoan = equityWithLoan
            self.commission = commission
            self.warning = warning
        }
    }

    public var evidence: JSONValue {
        switch self {
        case .refused(let words): ["refused": .string(words)]
        case .unknown(let detail): ["unknown": .string(detail)]
        case .told(let terms): Self.evidence(terms)
        }
    }

    /// What was not asked for at first is left out where there is none.
    private static func evidence(_ terms: Terms) -> JSONValue {
        let told: JSONValue = [
            "initial_margin": JSONValue(terms.initialMargin),
            "maintenance_margin": JSONValue(terms.maintenanceMargin),
            "equity_with_loan": JSONValue(terms.equityWithLoan), "commission": JSONValue(terms.commission?.amount),
            "currency": JSONValue(terms.commission?.currency), "warning": JSONValue(terms.warning),
        ]
        return terms.initialMarginChange.map { told.setting("initial_margin_change", JSONValue($0)) } ?? told
    }

    public init<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) {
        if reader.value["refused"] != nil {
            self = .refused(try reader.string("refused"))
        } else if reader.value["unknown"] != nil {
            self = .unknown(try reader.string("unknown"))
        } else {
            var terms = Terms(
                initialMargin: try reader.optionalDecimal("initial_margin"),
                initialMarginChange: try reader.decimal("initial_margin_change", orElse: nil),
                maintenanceMargin: try reader.optionalDecimal("maintenance_margin"),
                equityWithLoan: try reader.optionalDecimal("equity_with_loan"),
                warning: try reader.optionalString("warning"))
            if let amount = try reader.optionalDecimal("commission") {
                terms.commission = Money(amount, try reader.read("currency") { Currency($0) })
            }
            self = .told(terms)
        }
    }
}
