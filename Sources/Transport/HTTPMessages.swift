public enum HTTPMethod: String, Hashable, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"

    /// Whether asking twice is the same as asking once *and* changes nothing: only such requests are ever retried here.
    public var isRead: Bool {
        switch self {
        case .get, .head: true
        case .post, .put, .patch, .delete: false
        }
    }
}

public struct HTTPHeader: Hashable, Sendable {
    public let name: String
    public let value: String
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One HTTP request. Prints without path, headers and body, since any of them may hold a secret.
public struct HTTPRequest: Hashable, Sendable {
    public var method: HTTPMethod
    public var url: RedactedURL
    public var headers: [HTTPHeader]
    public var body: [UInt8]
    /// From the start of the name look-up to the last byte of the answer.
    public var deadline: Duration
    /// At most five, never from https to http. Off by default: a webhook or an API that moves is a change to look at.
    public var followRedirects: Bool
    /// The most that is taken of an answer's body, bytes.
    public var bodyLimit: Int

    public static let standardBodyLimit = 4 * 1024 * 1024

    public init(
        method: HTTPMethod = .get, url: RedactedURL, headers: [HTTPHeader] = [], body: [UInt8] = [],
        deadline: Duration = .seconds(10), followRedirects: Bool = false, bodyLimit: Int = Self.standardBodyLimit
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.followRedirects = followRedirects
        self.bodyLimit = bodyLimit
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(method.rawValue) \(url)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}

public struct HTTPResponse: Hashable, Sendable {
    public let status: Int
    /// In the order of arrival; of the last response when redirects were followed.
    public let headers: [HTTPHeader]
    public let body: [UInt8]

    public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var isSuccess: Bool { (200..<300).contains(status) }

    /// The first header of that name, whatever its case; `nil` if there is none.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// The body as text, broken UTF-8 repaired.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
