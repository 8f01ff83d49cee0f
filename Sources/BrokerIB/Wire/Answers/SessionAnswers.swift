internal import Core

/// `15, ver, "A,B,"`: the accounts of the login.
package struct IBManagedAccounts: Hashable, Sendable {
    let accounts: [String]

    init(_ fields: inout FieldReader) {
        fields.skip()
        accounts = fields.text().split(separator: ",").map(String.init)
    }
}

/// `9, ver, orderId`: the first id this client may give to an order.
package struct IBNextValidID: Hashable, Sendable {
    let orderID: Int64

    init(_ fields: inout FieldReader) {
        fields.skip()
        orderID = fields.number()
    }
}

/// `49, ver, epochSeconds`
package struct IBCurrentTime: Hashable, Sendable {
    let time: Instant

    init(_ fields: inout FieldReader) {
        fields.skip()
        time = fields.epochSeconds()
    }
}

/// `4, ver, id, code, message, advancedRejectJson`: an error, a warning or a mere notice; ``IBCode`` tells which.
package struct IBErrorNotice: Hashable, Sendable {
    /// Of the request or the order; `nil` where it belongs to none.
    let id: Int64?
    let code: Int
    let message: String
    /// Why an order was rejected, as JSON; mostly empty.
    let details: String

    init(_ fields: inout FieldReader) {
        fields.skip()
        let id = fields.optionalNumber()
        self.id = id == -1 ? nil : id
        code = Int(fields.number())
        message = fields.text()
        details = fields.version >= .advancedReject ? fields.text() : ""
    }
}

/// `number, ver, reqId`: the answer to a request is complete.
package struct IBRequestEnd: Hashable, Sendable {
    let requestID: Int64

    init(_ fields: inout FieldReader) {
        fields.skip()
        requestID = fields.number()
    }
}
