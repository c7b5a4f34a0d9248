#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files and sockets this process may have open: the limit that a fleet meets first.
package struct DescriptorLimit: Sendable, Hashable {
    /// What holds now.
    package let current: Int
    /// What the system would let us have.
    package let most: Int

    package init(current: Int, most: Int) {
        self.current = current
        self.most = most
    }

    /// Raises the limit as far as the system lets us: shells and old init systems give 1024 and leave the rest to the
    /// program. Where that fails, what holds stays.
    package static func raised() -> DescriptorLimit {
        var limits = rlimit()
        guard getrlimit(resource, &limits) == 0 else { return DescriptorLimit(current: 1024, most: 1024) }
        if limits.rlim_cur < limits.rlim_max {
            var wanted = limits
            wanted.rlim_cur = limits.rlim_max
            if setrlimit(resource, &wanted) == 0 { limits = wanted }
        }
        return DescriptorLimit(current: Int(clamping: limits.rlim_cur), most: Int(clamping: limits.rlim_max))
    }

    #if canImport(Glibc)
        private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
    #else
        private static var resource: Int32 { RLIMIT_NOFILE }
    #endif
}
