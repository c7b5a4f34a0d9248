#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Names of users for the audit log.
package enum LoginName {
    /// Who asks, as Salt names it: the login name, or `sudo_NAME` when root acts for somebody.
    package static var current: String {
        if geteuid() == 0, let name = getenv("SUDO_USER").map({ String(cString: $0) }), isPlain(name), name != "root" {
            return "sudo_\(name)"
        }
        return of(uid: geteuid())
    }

    /// The login name of a user, `uid-NUMBER` when the system knows none.
    static func of(uid: UInt32) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let memory = buffer.baseAddress, getpwuid_r(uid, &entry, memory, buffer.count, &found) == 0,
                found != nil, let name = entry.pw_name
            else { return "uid-\(uid)" }
            return String(cString: name)
        }
    }

    /// Whether a claimed name is short and of harmless characters only.
    static func isPlain(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }
    }
}
