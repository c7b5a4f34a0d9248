import MusterCore

/// The users, virtual hosts and permissions that an administrator has made, as a value: changes are checked here.
struct AccountBook: Sendable, Hashable {
    struct User: Sendable, Hashable {
        var password: PasswordHash
        var tags: Set<BrokerUserTag>
    }

    private(set) var users: [String: User] = [:]
    private(set) var virtualHosts: Set<String> = []
    /// By user and virtual host; only of users that there are.
    private(set) var permissions: [String: [String: BrokerPermission]] = [:]

    /// The longest name of a user or virtual host, and the longest expression.
    static let maxNameBytes = 255

    // MARK: Users

    mutating func addUser(_ name: String, _ password: PasswordHash, tags: [BrokerUserTag])
        throws(BrokerServiceError)
    {
        try AccountBook.check(name, "a user's name")
        guard users[name] == nil else { throw .userExists(name) }
        users[name] = User(password: password, tags: Set(tags))
    }

    mutating func deleteUser(_ name: String) throws(BrokerServiceError) {
        guard users.removeValue(forKey: name) != nil else { throw .unknownUser(name) }
        permissions[name] = nil
    }

    mutating func setPassword(of name: String, _ password: PasswordHash) throws(BrokerServiceError) {
        guard users[name] != nil else { throw .unknownUser(name) }
        users[name]?.password = password
    }

    mutating func setTags(of name: String, _ tags: [BrokerUserTag]) throws(BrokerServiceError) {
        guard users[name] != nil else { throw .unknownUser(name) }
        users[name]?.tags = Set(tags)
    }

    // MARK: Virtual hosts

    mutating func addVirtualHost(_ name: String) throws(BrokerServiceError) {
        try AccountBook.check(name, "a virtual host's name")
        guard virtualHosts.insert(name).inserted else { throw .virtualHostExists(name) }
    }

    mutating func deleteVirtualHost(_ name: String) throws(BrokerServiceError) {
        guard virtualHosts.remove(name) != nil else { throw .unknownVirtualHost(name) }
        for user in permissions.keys { permissions[user]?[name] = nil }
    }

    // MARK: Permissions

    /// Gives a user what it may do in a virtual host, in place of what it might before.
    ///
    /// Whether there is such a virtual host is for the caller to see: settings may name it.
    mutating func setPermission(_ permission: BrokerPermission) throws(BrokerServiceError) {
        guard users[permission.user] != nil else { throw .unknownUser(permission.user) }
        try AccountBook.check(permission.virtualHost, "a virtual host's name")
        _ = try PermissionRules(permission)
        permissions[permission.user, default: [:]][permission.virtualHost] = permission
    }

    mutating func clearPermission(of user: String, in virtualHost: String) throws(BrokerServiceError) {
        guard users[user] != nil else { throw .unknownUser(user) }
        guard permissions[user]?.removeValue(forKey: virtualHost) != nil else {
            throw .noPermission(user: user, virtualHost: virtualHost)
        }
    }

    /// All permissions, by user and virtual host.
    var sortedPermissions: [BrokerPermission] {
        permissions.values.flatMap(\.values).sorted { ($0.user, $0.virtualHost) < ($1.user, $1.virtualHost) }
    }

    private static func check(_ name: String, _ what: String) throws(BrokerServiceError) {
        guard (1...maxNameBytes).contains(name.utf8.count), name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw .invalid("\(what) has 1 to \(maxNameBytes) bytes and no control characters")
        }
    }
}
