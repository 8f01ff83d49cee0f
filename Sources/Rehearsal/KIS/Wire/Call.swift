internal import Core

/// A call that has passed the gateway and whose fields have been checked.
struct Call: Sendable {
    let endpoint: Endpoint
    let environment: KISEnvironment
    let trID: String
    let fields: [String: String]
    /// Whether a following page is wanted.
    let isContinued: Bool
    let rules: [KISFaultPlan.Rule]
    private(set) var account = ""

    init(
        _ request: KISRequest, _ endpoint: Endpoint, _ environment: KISEnvironment, _ rules: [KISFaultPlan.Rule],
        seed gateway: Gateway
    ) throws(Refusal) {
        self.endpoint = endpoint
        self.environment = environment
        self.rules = rules
        trID = request.headers["tr_id"] ?? ""
        isContinued = request.headers["tr_cont"] == "N"
        try Self.checkTransaction(trID, endpoint, environment)
        guard request.method == endpoint.method else { throw Refusal("EGW00101", "잘못된 요청입니다.", resultCode: "1") }
        fields = try endpoint.method == "GET" ? request.query : Self.body(request)
        for (name, length) in endpoint.fields {
            guard let value = fields[name] else {
                throw Refusal("OPSQ2001", "ERROR : INPUT FIELD NOT FOUND [\(name)]", resultCode: "2")
            }
            guard value.count <= length else {
                throw Refusal("OPSQ2002", "ERROR : INPUT INVALID FIELD LENGTH [\(name)]", resultCode: "2")
            }
        }
    }

    /// An id of the other environment, one that the environment lacks, one that belongs elsewhere.
    private static func checkTransaction(
        _ id: String, _ endpoint: Endpoint, _ environment: KISEnvironment
    ) throws(Refusal) {
        let known = environment == .real ? endpoint.real : endpoint.virtual
        if known.contains(id) { return }
        if environment == .virtual, endpoint.real.contains(id) {
            throw Refusal("EGW00213", "모의투자 TR 이 아닙니다.", resultCode: "1")
        }
        throw Refusal("OPSQ0002", "없는 서비스 코드 입니다.", resultCode: "1")
    }

    /// Keys in upper case, values texts.
    private static func body(_ request: KISRequest) throws(Refusal) -> [String: String] {
        guard request.headers["content-type"]?.lowercased().hasPrefix("application/json") == true else {
            throw Refusal("EGW00132", "Content-Type이 유효하지 않습니다.", resultCode: "1")
        }
        guard let json = try? JSONValue(parsing: request.body), case .object(let members) = json else {
            throw Refusal("EGW00101", "잘못된 요청입니다.", resultCode: "1")
        }
        var fields: [String: String] = [:]
        for member in members {
            guard let value = member.value.stringValue else {
                throw Refusal("OPSQ2001", "ERROR : INPUT INVALID TYPE [\(member.key)]", resultCode: "2")
            }
            fields[member.key] = value
        }
        return fields
    }

    mutating func checkAccount(_ exchange: SimulatedExchange) throws(Refusal) {
        account = (fields["CANO"] ?? "") + (fields["ACNT_PRDT_CD"] ?? "")
        guard exchange.accounts[account]?.environment == environment else {
            throw Refusal("OPSQ2000", "ERROR : INPUT INVALID_CHECK_ACNO", resultCode: "2")
        }
    }

    subscript(name: String) -> String { fields[name] ?? "" }

    /// Whole shares.
    func quantity(_ name: String) throws(Refusal) -> Int {
        guard let number = Int(self[name]), number >= 0 else { throw .badQuantity }
        return number
    }

    func price(_ name: String) throws(Refusal) -> FixedPoint {
        guard let price = try? FixedPoint(self[name]), !price.isNegative else { throw .badPrice }
        return price
    }

    func has(_ fault: KISFault) -> KISFaultPlan.Rule? { rules.first { $0.fault == fault } }
}

/// What an endpoint has to say.
struct Answer: Sendable {
    var output: [JSONValue.Member]
    var code = "MCA00000"
    var message = "정상처리 되었습니다."
    /// The response header of the same name; blank without paging.
    var trCont = ""

    init(_ output: [JSONValue.Member]) { self.output = output }

    func reply(to call: Call) -> KISReply {
        .envelope(output, code, message, trID: call.trID, trCont: trCont)
    }
}

/// One page of rows.
struct Page<Item> {
    let items: [Item]
    let answer: Answer

    /// - Parameters:
    ///   - width: 100 at home, 200 overseas; `nil` for fields without a number.
    ///   - key: What names a row: the page after it begins behind that row, also when new rows have come in.
    init(_ all: [Item], of call: Call, size: Int, width: Int?, key: (Item) -> String) {
        let suffix = width.map { String($0) } ?? ""
        var start = 0
        let wanted = call["CTX_AREA_NK" + suffix].filter { $0 != " " }
        if call.isContinued, !wanted.isEmpty {
            start = (all.firstIndex { key($0) == wanted }).map { $0 + 1 } ?? all.count
        }
        items = Array(all[start...].prefix(size))
        let hasMore = start + items.count < all.count
        let query = call.endpoint.fields.map(\.name).filter { !$0.hasPrefix("CTX") }.map { call[$0] }
        let search = items.isEmpty ? "" : query.joined(separator: "^")
        let next = hasMore ? items.last.map(key) ?? "" : ""
        let length = width ?? 20
        var answer = Answer([
            .init("ctx_area_fk" + suffix, .string(KISReply.padded(String(search.prefix(length)), length))),
            .init("ctx_area_nk" + suffix, .string(KISReply.padded(next, length))),
        ])
        switch (start == 0, hasMore) {
        case (true, true): answer.trCont = "F"
        case (false, true): answer.trCont = "M"
        case (true, false): answer.trCont = "D"
        case (false, false): answer.trCont = "E"
        }
        answer.code = all.isEmpty ? "KIOK0560" : hasMore ? "KIOK0500" : "KIOK0510"
        answer.message = all.isEmpty ? "조회할 내용이 없습니다" : hasMore ? "조회가 계속됩니다..다음버튼을 Click 하십시오." : "조회가 완료되었습니다"
        self.answer = answer
    }

    func with(_ output: KeyValuePairs<String, JSONValue>) -> Answer {
        var answer = answer
        answer.output += output.map { .init($0.key, $0.value) }
        return answer
    }
}
