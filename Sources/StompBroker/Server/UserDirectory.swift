/// Who may use a broker, and for what.
package protocol UserDirectory: Sendable {
    /// What a client may do; nil when it is not let in.
    ///
    /// - Parameters:
    ///   - login: As in CONNECT; nil without one.
    ///   - virtualHost: One that there is.
    func access(login: String?, passcode: String?, virtualHost: String) -> (any AccessRules)?
}

/// Everybody is let in, and may do everything: for a broker that only its own machine can reach.
package struct OpenDirectory: UserDirectory {
    package init() {}

    package func access(login: String?, passcode: String?, virtualHost: String) -> (any AccessRules)? { FullAccess() }
}

/// One user, who may do everything.
package struct SingleUser: UserDirectory {
    private let name: String
    private let password: [UInt8]

    package init(name: String, password: String) {
        self.name = name
        self.password = Array(password.utf8)
    }

    package func access(login: String?, passcode: String?, virtualHost: String) -> (any AccessRules)? {
        let given = Array((passcode ?? "").utf8)
        // In a time that does not depend on where they differ.
        var difference = given.count ^ password.count
        for index in password.indices { difference |= Int(password[index] ^ (index < given.count ? given[index] : 0)) }
        return login == name && difference == 0 ? FullAccess() : nil
    }
}
