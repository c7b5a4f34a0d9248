import Glibc

/// A login account of this machine: what is needed to run a program as somebody else.
package struct UserAccount: Sendable, Hashable {
    package let name: String
    package let userID: UInt32
    package let groupID: UInt32
    package let home: String
    package let shell: String
    /// All groups of the user, the primary one included.
    package let groups: [UInt32]

    /// The account of a login name, nil when there is none.
    package init?(named name: String) {
        self.init { entry, buffer, result in
            buffer.baseAddress.map { getpwnam_r(name, entry, $0, buffer.count, result) } ?? ENOMEM
        }
    }

    /// The account of a user id, nil when there is none.
    package init?(userID: UInt32) {
        self.init { entry, buffer, result in
            buffer.baseAddress.map { getpwuid_r(userID, entry, $0, buffer.count, result) } ?? ENOMEM
        }
    }

    private init?(
        _ lookUp: (
            UnsafeMutablePointer<passwd>, UnsafeMutableBufferPointer<CChar>,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16384)
        let account: UserAccount? = buffer.withUnsafeMutableBufferPointer { buffer in
            guard lookUp(&entry, buffer, &result) == 0, result != nil else { return nil }
            return UserAccount(entry)
        }
        guard let account else { return nil }
        self = account
    }

    private init(_ entry: passwd) {
        name = String(cString: entry.pw_name)
        userID = entry.pw_uid
        groupID = entry.pw_gid
        home = String(cString: entry.pw_dir)
        shell = String(cString: entry.pw_shell)
        var count: Int32 = 64
        var groups = [gid_t](repeating: 0, count: Int(count))
        if getgrouplist(entry.pw_name, entry.pw_gid, &groups, &count) < 0 {
            groups = [gid_t](repeating: 0, count: Int(count))
            getgrouplist(entry.pw_name, entry.pw_gid, &groups, &count)
        }
        self.groups = Array(groups.prefix(Int(max(0, count))))
    }
}
