internal import Core
internal import Settings

/// What is sent to register or unregister.
struct RegistrationRequest {
    private let kind: String
    private let registration: KISRegistration
    private let customerType: String

    init(_ command: RegistrationBook.Command, customerType: String) {
        switch command {
        case .register(let registration):
            kind = "1"
            self.registration = registration
        case .unregister(let registration):
            kind = "2"
            self.registration = registration
        }
        self.customerType = customerType
    }

    func text(approvalKey: Secret) -> String {
        let header: JSONValue = [
            "approval_key": .string(approvalKey.reveal()), "custtype": .string(customerType), "tr_type": .string(kind),
            "content-type": "utf-8",
        ]
        let input: JSONValue = ["tr_id": .string(registration.stream.rawValue), "tr_key": .string(registration.key)]
        let request: JSONValue = ["header": header, "body": ["input": input]]
        return request.text
    }
}
