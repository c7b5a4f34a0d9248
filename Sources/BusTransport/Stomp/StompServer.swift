/// One STOMP broker of a pool, and how to get in there.
package struct StompServer: Sendable, Hashable {
    package var endpoint: Endpoint
    /// Nil: no name is sent.
    package var login: String?
    package var passcode: String?
    /// Nil: in clear.
    package var tls: StompTLS?

    package init(_ endpoint: Endpoint, login: String? = nil, passcode: String? = nil, tls: StompTLS? = nil) {
        self.endpoint = endpoint
        self.login = login
        self.passcode = passcode
        self.tls = tls
    }
}

extension StompServer: CustomStringConvertible, CustomReflectable {
    /// Without the password.
    package var description: String { endpoint.description }
    package var customMirror: Mirror { Mirror(self, children: ["endpoint": endpoint.description]) }
}
