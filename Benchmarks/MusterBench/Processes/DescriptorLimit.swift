import Glibc

/// How many files and sockets this process and what it starts may have open.
enum DescriptorLimit {
    /// Raises it as far as it goes.
    ///
    /// - Returns: what it is then.
    @discardableResult
    static func raise() -> Int {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        if setrlimit(kind, &limit) != 0 { _ = getrlimit(kind, &limit) }
        return Int(clamping: limit.rlim_cur)
    }
}
