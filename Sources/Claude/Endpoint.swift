import Core
import Decision
import Transport

/// What came back of one request, with the key blotted out of it.
enum Reply: Sendable {
    case answered(HTTPResponse)
    case failed(TransportError)
    /// The time was over before the first byte.
    case notSent
}

/// The service as seen from here: sends one request once.
struct Endpoint: Sendable {
    let settings: ClaudeSettings
    let key: ClaudeKey
    let client: HTTPClient
    let clock: any WallClock

    /// Bytes of an answer. One of full length is a tenth of it.
    static let bodyLimit = 512 * 1024

    func send(_ planned: PlannedRequest, timeLeft: Duration) async -> Reply {
        guard timeLeft > .zero else { return .notSent }
        guard let url = RedactedURL(settings.baseURL.exposed + "/v1/messages") else {
            return .failed(.invalidRequest(detail: "\(settings.baseURL) is no address"))
        }
        let request = HTTPRequest(
            method: .post, url: url,
            headers: [
                HTTPHeader("content-type", "application/json"), HTTPHeader("x-api-key", key.exposed),
                HTTPHeader("anthropic-version", ClaudeSettings.apiVersion),
            ], body: planned.body, deadline: timeLeft, bodyLimit: Self.bodyLimit)
        do {
            let response = try await client.send(request)
            let headers = response.headers.map { HTTPHeader($0.name, key.blotted($0.value)) }
            return .answered(
                HTTPResponse(status: response.status, headers: headers, body: key.blotted(response.body)))
        } catch {
            return .failed(error)
        }
    }
}
