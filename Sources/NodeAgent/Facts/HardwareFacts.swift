import MusterCore

/// What the machine is made of: processors, memory, firmware, disks, graphics.
///
/// Source: Salt 3008, `salt/grains/core.py` (`_linux_cpudata`, `_linux_memdata`, `_hw_data`, `_linux_gpu_data`),
/// `disks.py`, `mdadm.py`, `lvm.py`.
enum HardwareFacts {
    static func gather(_ files: SystemFiles, programs: ProgramPath) -> ValueMap {
        var facts = processors(files)
        facts.merge(memory(files))
        facts.merge(firmware(files))
        facts.merge(graphics(files, isListed: programs.find("lspci") != nil))
        facts.merge(disks(files))
        if files.exists("/proc/mdstat") { facts["mdadm"] = arrays(files) }
        if programs.find("lvm") != nil { facts["lvm"] = volumeGroups(files) }
        return facts
    }

    // MARK: Processors and memory

    private static func processors(_ files: SystemFiles) -> ValueMap {
        var count: Int64 = 0
        var model = "Unknown"
        var flags: [Value] = []
        for line in files.lines("/proc/cpuinfo") {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count > 1 else { continue }
            let value = parts[1].trimmed
            switch parts[0].trimmed {
            case "processor": count += 1
            case "# processors": count = Int64(value) ?? count
            case "vendor_id", "model name", "cpu": model = value
            case "flags", "Features": flags = value.words.map { .string(String($0)) }
            case "Processor":
                model = value.split(separator: "-").first.map(String.init) ?? value
                count = 1
            default: break
            }
        }
        return ["num_cpus": .int(count), "cpu_model": .string(model), "cpu_flags": .array(flags)]
    }

    private static func memory(_ files: SystemFiles) -> ValueMap {
        func mebibytes(_ name: String) -> Value {
            let line = files.lines("/proc/meminfo").first { $0.hasPrefix(name + ":") }
            return .int((line?.words.dropFirst().first.flatMap { Int64($0) } ?? 0) / 1024)
        }
        return ["mem_total": mebibytes("MemTotal"), "swap_total": mebibytes("SwapTotal")]
    }

    // MARK: Firmware

    private static func firmware(_ files: SystemFiles) -> ValueMap {
        var facts = ValueMap()
        for (fact, name) in [
            ("biosversion", "bios_version"), ("biosvendor", "bios_vendor"), ("boardname", "board_name"),
            ("productname", "product_name"), ("manufacturer", "sys_vendor"), ("biosreleasedate", "bios_date"),
            ("uuid", "product_uuid"), ("serialnumber", "product_serial"),
        ] {
            // Serial numbers are for root only: without the right to read there is no fact.
            guard let text = files.trimmedText("/sys/class/dmi/id/\(name)") else { continue }
            facts[fact] = .string(fact == "uuid" ? text.lowercased() : text)
        }
        for (fact, name) in [("serialnumber", "system-id"), ("serialnumber", "serial-number")] {
            if let text = deviceTree(name, files) { facts[fact] = .string(text) }
        }
        if let model = deviceTree("model", files) {
            let parts = model.split(separator: ",", maxSplits: 1)
            if parts.count == 2 { facts["manufacturer"] = .string(String(parts[0])) }
            facts["productname"] = .string(String(parts.last ?? ""))
        }
        return facts
    }

    private static func deviceTree(_ name: String, _ files: SystemFiles) -> String? {
        guard let bytes = files.bytes("/proc/device-tree/\(name)") else { return nil }
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    // MARK: Graphics

    /// Display controllers on the PCI bus; Salt looks for them with `lspci` and finds none where that is not installed.
    private static func graphics(_ files: SystemFiles, isListed: Bool) -> ValueMap {
        let classes: Set<String> = ["0x0300", "0x0302", "0x0380", "0x1200"]
        let devices = "/sys/bus/pci/devices"
        var cards: [Value] = []
        for slot in isListed ? files.names(in: devices) : [] {
            guard let kind = files.trimmedText("\(devices)/\(slot)/class"), classes.contains(String(kind.prefix(6))),
                let vendor = files.trimmedText("\(devices)/\(slot)/vendor"),
                let device = files.trimmedText("\(devices)/\(slot)/device")
            else { continue }
            let names = pciNames(vendor: String(vendor.dropFirst(2)), device: String(device.dropFirst(2)), files)
            let words = names.vendor.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
            let known = ["nvidia", "amd", "ati", "intel", "vmware", "matrox", "aspeed"].first(where: words.contains)
            cards.append(["vendor": .string(known ?? "unknown"), "model": .string(names.device)])
        }
        return ["num_gpus": .int(Int64(cards.count)), "gpus": .array(cards)]
    }

    /// What the PCI id list calls a device, as `lspci` prints it.
    private static func pciNames(vendor: String, device: String, _ files: SystemFiles) -> (
        vendor: String, device: String
    ) {
        let lists = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"]
        var names = (vendor: "Vendor \(vendor)", device: "Device \(device)")
        var isVendor = false
        for line in lists.first(where: files.exists).map(files.lines) ?? [] {
            if line.hasPrefix("\t\t") || line.hasPrefix("#") { continue }
            if line.hasPrefix("\t") {
                guard isVendor, line.dropFirst().hasPrefix(device) else { continue }
                names.device = line.dropFirst(1 + device.count).trimmed
                break
            }
            if isVendor { break }
            isVendor = line.hasPrefix(vendor)
            if isVendor { names.vendor = line.dropFirst(vendor.count).trimmed }
        }
        return names
    }

    // MARK: Disks

    private static func disks(_ files: SystemFiles) -> ValueMap {
        var rotating: [Value] = []
        var solid: [Value] = []
        for name in files.names(in: "/sys/block") {
            guard files.linkTarget("/sys/block/\(name)")?.hasPrefix("../devices/virtual/") != true else { continue }
            switch files.trimmedText("/sys/block/\(name)/queue/rotational")?.first {
            case "0": solid.append(.string(name))
            case "1": rotating.append(.string(name))
            default: break
            }
        }
        return ["disks": .array(rotating), "ssds": .array(solid)]
    }

    private static func arrays(_ files: SystemFiles) -> Value {
        let names = files.lines("/proc/mdstat").compactMap { line -> String? in
            guard line.has(" : "), !line.hasPrefix("Personalities : ") else { return nil }
            return line.words.first.map(String.init)
        }
        return .array(names.sorted().map(Value.string))
    }

    /// Active LVM volumes, from the names the device mapper gives them: `group-volume`, a dash in a name doubled.
    private static func volumeGroups(_ files: SystemFiles) -> Value {
        var groups = ValueMap()
        for block in files.names(in: "/sys/block") where block.hasPrefix("dm-") {
            guard files.trimmedText("/sys/block/\(block)/dm/uuid")?.hasPrefix("LVM-") == true,
                let name = files.trimmedText("/sys/block/\(block)/dm/name")
            else { continue }
            var parts = [""]
            var rest = Substring(name)
            while let character = rest.popFirst() {
                if character == "-", rest.first == "-" {
                    rest.removeFirst()
                    parts[parts.count - 1].append("-")
                } else if character == "-" {
                    parts.append("")
                } else {
                    parts[parts.count - 1].append(character)
                }
            }
            guard parts.count == 2 else { continue }
            groups[parts[0]] = .array((groups[parts[0]]?.array ?? []) + [.string(parts[1])])
        }
        return .map(groups)
    }
}
