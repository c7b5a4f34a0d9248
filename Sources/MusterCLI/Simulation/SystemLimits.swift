import DaemonSupport
import MusterCore

extension SimulationPlan.Limits {
    /// What this system allows, after raising this process's limit of descriptors as far as it may be.
    static func ofSystem() -> Self {
        Self(descriptors: DescriptorLimit.raised().current, ports: localPorts())
    }

    /// Ports that the system gives to connections; where it does not say, all that are not reserved.
    private static func localPorts() -> Int {
        let text = (try? Files.text("/proc/sys/net/ipv4/ip_local_port_range")) ?? ""
        let bounds = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        return bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[1] - bounds[0] + 1 : 64_512
    }
}
