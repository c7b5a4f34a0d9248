import MusterCore

/// Whether the machine is virtual, and in what: `virtual` and `virtual_subtype`.
///
/// `systemd-detect-virt` is asked where it is installed, as Salt does; without it the firmware's names, the clock sources and
/// the marks that container engines leave decide.
///
/// Source: Salt 3008, `salt/grains/core.py`, `_virtual`.
enum VirtualFacts {
    private struct Finding {
        var kind = "physical"
        var subtype: String?
    }

    /// - Parameter detected: What `systemd-detect-virt` printed; nil when it is not installed or could not run.
    static func gather(_ files: SystemFiles, detected: String?) -> ValueMap {
        var finding = finding(named: detected ?? ownDetection(files))
        addSystem(files, to: &finding)
        addContainer(files, to: &finding)
        if finding.subtype != nil && finding.kind == "physical" { finding.kind = "virtual" }
        if ["qemu", "kvm", "xen", "amazon"].contains(finding.kind) { addCloud(files, to: &finding) }
        var facts: ValueMap = ["virtual": .string(finding.kind)]
        if let subtype = finding.subtype { facts["virtual_subtype"] = .string(subtype) }
        return facts
    }

    /// Salt's words for those of `systemd-detect-virt`.
    private static func finding(named name: String) -> Finding {
        switch name {
        case "qemu", "kvm", "oracle", "xen", "bochs", "chroot", "uml", "systemd-nspawn": Finding(kind: name)
        case _ where name.has("vmware"): Finding(kind: "VMware")
        case _ where name.has("microsoft"): Finding(kind: "VirtualPC")
        case _ where name.has("lxc"): Finding(kind: "container", subtype: "LXC")
        case _ where name.has("podman"): Finding(kind: "container", subtype: "Podman")
        case _ where name.has("docker"): Finding(kind: "container", subtype: "Docker")
        case _ where name.has("amazon"): Finding(kind: "Nitro", subtype: "Amazon EC2")
        default: Finding()
        }
    }

    /// What `systemd-detect-virt` would say, from files alone.
    private static func ownDetection(_ files: SystemFiles) -> String {
        if files.exists("/run/.containerenv") { return "podman" }
        if files.exists("/.dockerenv") { return "docker" }
        if let manager = files.trimmedText("/run/systemd/container") { return manager }
        let names = ["product_name", "sys_vendor", "board_vendor", "bios_vendor"]
            .compactMap { files.trimmedText("/sys/class/dmi/id/\($0)") }
        for (mark, name) in [
            ("Amazon EC2", "amazon"), ("innotek GmbH", "oracle"), ("VirtualBox", "oracle"), ("VMware", "vmware"),
            ("Parallels", "parallels"), ("Hyper-V", "microsoft"), ("Bochs", "bochs"), ("Xen", "xen"),
        ] where names.contains(where: { $0.hasPrefix(mark) }) {
            return name
        }
        let clocks = files.text("/sys/devices/system/clocksource/clocksource0/available_clocksource") ?? ""
        if clocks.has("kvm-clock") || names.contains(where: { $0.has("KVM") || $0.hasPrefix("OpenStack") }) {
            return "kvm"
        }
        if clocks.has("hyperv") { return "microsoft" }
        return names.contains { $0.has("QEMU") } ? "qemu" : "none"
    }

    private static func addSystem(_ files: SystemFiles, to finding: inout Finding) {
        if let own = files.identity("/"), let first = files.identity("/proc/1/root/."), own != first {
            finding.subtype = "chroot"
        }
        if files.isFile("/proc/vz/version") {
            finding.kind = "openvzhn"
        } else if files.isFile("/proc/vz/veinfo") {
            finding.kind = "openvzve"
        }
        if let line = files.lines("/proc/self/status").first(where: { $0.hasPrefix("envID:") }),
            let id = line.words.last.flatMap({ Int($0) })
        {
            finding.kind = id == 0 ? "openvzhn" : "openvzve"
        }
        if ["/proc/sys/xen", "/sys/bus/xen", "/proc/xen"].contains(where: files.isDirectory) {
            addXen(files, to: &finding)
        }
        if files.text("/proc/cpuinfo")?.has("QEMU Virtual CPU") == true { finding.kind = "kvm" }
        let product = files.text("/sys/devices/virtual/dmi/id/product_name") ?? ""
        for (mark, kind, subtype) in [
            ("VirtualBox", "VirtualBox", nil), ("RHEV Hypervisor", "kvm", "rhev"), ("oVirt Node", "kvm", "ovirt"),
            ("Google", "gce", nil), ("BHYVE", "bhyve", nil),
        ] as [(String, String, String?)] where product.has(mark) {
            finding.kind = kind
            finding.subtype = subtype ?? finding.subtype
            break
        }
    }

    private static func addXen(_ files: SystemFiles, to finding: inout Finding) {
        if files.isFile("/proc/xen/xsd_kva") {
            finding.subtype = "Xen Dom0"
        } else if files.trimmedText("/sys/class/dmi/id/product_name") == "HVM domU" {
            finding.subtype = "Xen HVM DomU"
        } else if let capabilities = files.text("/proc/xen/capabilities") {
            finding.subtype = capabilities.has("control_d") ? "Xen Dom0" : "Xen PV DomU"
        } else if files.isDirectory("/sys/bus/xen/drivers/xenconsole") {
            finding.subtype = "Xen PV DomU"
        }
        if finding.subtype?.lowercased().has("dom") == true { finding.kind = "xen" }
    }

    private static func addContainer(_ files: SystemFiles, to finding: inout Finding) {
        let groups = files.text("/proc/1/cgroup") ?? ""
        if groups.has(":/lxc/") || files.text("/proc/1/environ")?.has("container=lxc") == true {
            finding = Finding(kind: "container", subtype: "LXC")
        } else if groups.has(":/kubepods/") {
            finding.subtype = "kubernetes"
        } else if groups.has(":/libpod_parent/") {
            finding.subtype = "libpod"
        } else if [":/system.slice/docker", ":/docker/", ":/docker-ce/"].contains(where: groups.has) {
            finding = Finding(kind: "container", subtype: "Docker")
        }
    }

    private static func addCloud(_ files: SystemFiles, to finding: inout Finding) {
        let vendor = files.trimmedText("/sys/class/dmi/id/sys_vendor") ?? ""
        let product = files.trimmedText("/sys/class/dmi/id/product_name") ?? ""
        let version = files.trimmedText("/sys/class/dmi/id/product_version") ?? ""
        if vendor == "Amazon EC2" {
            if finding.kind != "xen" { finding.kind = "Nitro" }
            finding.subtype = product.isEmpty ? "Amazon EC2" : "Amazon EC2 (\(product))"
        } else if version.has(".amazon") {
            finding.subtype = "Amazon EC2"
        } else if vendor == "Nutanix" && product == "AHV" {
            finding.subtype = "Nutanix AHV"
        }
    }
}
