#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Users and groups by name and number.
package enum Accounts {
    package struct User: Sendable, Hashable {
        package let name: String
        package let id: UInt32
        package let groupID: UInt32
        package let home: String
    }

    package static func user(id: UInt32) -> User? { find { getpwuid_r(id, $0, $1, $2, $3) } }
    package static func user(named name: String) -> User? { find { getpwnam_r(name, $0, $1, $2, $3) } }

    package static func groupName(id: UInt32) -> String? {
        findGroup { getgrgid_r(id, $0, $1, $2, $3) }.map(\.name)
    }
    package static func groupID(named name: String) -> UInt32? {
        findGroup { getgrnam_r(name, $0, $1, $2, $3) }.map(\.id)
    }

    private static func find(
        _ look: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        )
            -> Int32
    ) -> User? {
        withScratch { buffer in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let base = buffer.baseAddress, look(&entry, base, buffer.count, &found) == 0, let found else {
                return nil
            }
            return User(
                name: String(cString: found.pointee.pw_name), id: found.pointee.pw_uid, groupID: found.pointee.pw_gid,
                home: String(cString: found.pointee.pw_dir))
        }
    }

    private static func findGroup(
        _ look: (
            UnsafeMutablePointer<group>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<group>?>
        )
            -> Int32
    ) -> (name: String, id: UInt32)? {
        withScratch { buffer in
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            guard let base = buffer.baseAddress, look(&entry, base, buffer.count, &found) == 0, let found else {
                return nil
            }
            return (String(cString: found.pointee.gr_name), found.pointee.gr_gid)
        }
    }

    /// Groups with many members need much room.
    private static func withScratch<Result>(_ body: (UnsafeMutableBufferPointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256 << 10, body)
    }
}
