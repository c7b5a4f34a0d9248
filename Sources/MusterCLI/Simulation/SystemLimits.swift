import MusterCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SimulationPlan.Limits {
    /// What this system allows, after raising this process's limit of descriptors as far as it may be.
    static func ofSystem() -> Self {
        Self(descriptors: raisedDescriptorLimit(), ports: localPorts())
    }

    private static func raisedDescriptorLimit() -> Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        let soft = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        if setrlimit(resource, &limit) != 0 { limit.rlim_cur = soft }
        return Int(clamping: limit.rlim_cur)
    }

    /// Ports that the system gives to connections; where it does not say, all that are not reserved.
    private static func localPorts() -> Int {
        let text = (try? Files.text("/proc/sys/net/ipv4/ip_local_port_range")) ?? ""
        let bounds = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        return bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[1] - bounds[0] + 1 : 64_512
    }
}
