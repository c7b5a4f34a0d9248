import MusterCore

/// Which distribution this is: `os`, `os_family`, `osrelease`, `lsb_distrib_*` and what follows from them.
///
/// Source: Salt 3008, `salt/grains/core.py`, `_linux_distribution_data` and `_legacy_linux_distribution_data` as they run
/// where the `lsb_release` Python module is absent, which is the case in every packaged Salt.
enum OperatingSystemFacts {
    static func gather(_ files: SystemFiles, cpuArchitecture: String) -> ValueMap {
        var facts = lsbFile(files)
        let release = osRelease(files)
        let id = release["ID"] ?? "linux"
        let name = release["NAME"] ?? "Linux"
        facts["os"] = OperatingSystemNames.os(fullName: name, id: release["ID"])
        facts["osfullname"] = name.trimmed
        facts["os_family"] = OperatingSystemNames.family(ofID: familyID(id, like: release["ID_LIKE"]))
        if facts["lsb_distrib_id"] == nil { addLSB(release, id: id, name: name, to: &facts) }

        var codename = facts["lsb_distrib_codename"] ?? ""
        if ["CentOS Linux 7", "CentOS Linux 8"].contains(where: codename.has) {
            facts["osrelease"] = preciseCentOSRelease(files) ?? facts["lsb_distrib_release"] ?? ""
            facts["lsb_distrib_release"] = nil
        } else {
            facts["osrelease"] = (facts["lsb_distrib_release"] ?? release["VERSION_ID"] ?? "").trimmed
        }
        if ["Rocky", "AlmaLinux", "AstraLinuxSE"].contains(where: { (facts["os"] ?? "").has($0) }),
            let inner = textInParentheses(codename)
        {
            codename = facts["os"] == "AstraLinuxSE" ? (inner.words.first.map { $0.lowercased() } ?? "") : inner
            facts["lsb_distrib_codename"] = codename
        }
        let ownCodename = release["VERSION_CODENAME"] ?? textInParentheses(release["VERSION"] ?? "") ?? ""
        facts["oscodename"] = codename.trimmed.isEmpty || codename.has("Red Hat") ? ownCodename : codename.trimmed
        addSUSE(release, to: &facts)
        facts["os_family"] = OperatingSystemNames.family(ofOS: facts["os"] ?? name)
        return derived(facts, cpuArchitecture: cpuArchitecture)
    }

    // MARK: Files

    /// `/etc/os-release`, or the vendor's copy of it.
    static func osRelease(_ files: SystemFiles) -> [String: String] {
        let path = files.exists("/etc/os-release") ? "/etc/os-release" : "/usr/lib/os-release"
        var release: [String: String] = [:]
        for line in files.lines(path) {
            let parts = line.trimmed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].hasPrefix("#") else { continue }
            release[String(parts[0])] = unescaped(parts[1].unquoted)
        }
        return release
    }

    /// Shell special characters are escaped with backslashes in os-release.
    private static func unescaped(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if character == "\\" && !isEscaped {
                isEscaped = true
                continue
            }
            if isEscaped && !"$\"'\\`".contains(character) { result.append("\\") }
            result.append(character)
            isEscaped = false
        }
        return result
    }

    private static func lsbFile(_ files: SystemFiles) -> [String: String] {
        var facts: [String: String] = [:]
        for line in files.lines("/etc/lsb-release") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2,
                ["ID", "RELEASE", "CODENAME", "DESCRIPTION"].contains(String(parts[0].dropFirst(8))),
                parts[0].hasPrefix("DISTRIB_")
            else { continue }
            let value = parts[1].trimmed.unquoted.prefix {
                $0.isLetter || $0.isNumber || $0.isWhitespace || "._-".contains($0)
            }
            if !value.isEmpty { facts["lsb_" + parts[0].lowercased()] = value.trimmed }
        }
        return facts
    }

    // MARK: Derivations

    private static func familyID(_ id: String, like: String?) -> String {
        guard let like, !like.isEmpty else { return id }
        let ids = [id] + like.words.map(String.init)
        return ids.contains("debian") || ids.contains("ubuntu") ? "debian" : ids[ids.count - 1]
    }

    private static func addLSB(_ release: [String: String], id: String, name: String, to facts: inout [String: String])
    {
        guard !release.isEmpty else { return }
        facts["lsb_distrib_id"] = name.trimmed
        facts["lsb_distrib_release"] = release["VERSION_ID"]
        facts["lsb_distrib_codename"] = release["VERSION_CODENAME"] ?? release["PRETTY_NAME"]
        let cpe = (release["CPE_NAME"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        if cpe.count > 4, cpe[0] == "cpe" {
            let offset = cpe[1].hasPrefix("/") ? 2 : 3
            let vendor = cpe[offset].lowercased()
            if vendor == "suse" || vendor == "opensuse" {
                facts["os"] = "SUSE"
                if name == "openSUSE Leap" { facts["osfullname"] = "Leap" }
                if release["VERSION"] == "Tumbleweed" { facts["osfullname"] = "Tumbleweed" }
                if vendor == "opensuse", cpe.count > offset + 2, cpe[offset + 2] != "*" {
                    facts["lsb_distrib_release"] = String(cpe[offset + 2])
                }
            }
        }
        if id == "mendel", let words = release["PRETTY_NAME"]?.words, words.count >= 3 {
            facts["lsb_distrib_release"] = String(words[2])
        }
    }

    private static func addSUSE(_ release: [String: String], to facts: inout [String: String]) {
        guard let product = release["SUSE_SUPPORT_PRODUCT"], let version = release["SUSE_SUPPORT_PRODUCT_VERSION"]
        else {
            return
        }
        facts["oscodename"] = release["SUSE_PRETTY_NAME"] ?? "\(product) \(version)"
        facts["osrelease"] = version
        if product == "SUSE Linux Micro" { facts["osfullname"] = "SL-Micro" }
    }

    /// CentOS 7 and 8 tell only the major release in os-release.
    private static func preciseCentOSRelease(_ files: SystemFiles) -> String? {
        files.text("/etc/centos-release")?.words.first { $0.first?.isNumber == true && $0.contains(".") }.map(
            String.init)
    }

    private static func textInParentheses(_ text: String) -> String? {
        guard let open = text.firstIndex(of: "(") else { return nil }
        let rest = text[text.index(after: open)...]
        return String(rest[..<(rest.firstIndex(of: ")") ?? rest.endIndex)])
    }

    private static func derived(_ facts: [String: String], cpuArchitecture: String) -> ValueMap {
        let order = [
            "os", "os_family", "oscodename", "osfullname", "lsb_distrib_id", "lsb_distrib_release",
            "lsb_distrib_codename",
            "lsb_distrib_description", "osrelease",
        ]
        var map = ValueMap()
        for key in order { if let value = facts[key] { map[key] = .string(value) } }
        let os = facts["os"] ?? "Linux"
        map["osarch"] = .string(packageArchitecture(family: facts["os_family"] ?? os, cpuArchitecture))
        guard let release = facts["osrelease"], !release.isEmpty else { return map }
        let parts = release.split(separator: ".", omittingEmptySubsequences: false)
        let info = parts.map { part in
            part.allSatisfy(\.isNumber) ? Int64(part).map(Value.int) ?? .string(String(part)) : .string(String(part))
        }
        map["osrelease_info"] = .array(info)
        if case .int(let major)? = info.first { map["osmajorrelease"] = .int(major) }
        let name = ["Debian", "Raspbian", "AlmaLinux"].contains(os) ? os : facts["osfullname"] ?? os
        let finger = ["Ubuntu", "Pop", "NixOS"].contains(os) ? release : String(parts[0])
        map["osfinger"] = .string("\(name)-\(finger)")
        return map
    }

    /// What the package manager calls the architecture, without asking it: `dpkg` has names of its own, `rpm` the kernel's.
    private static func packageArchitecture(family: String, _ cpu: String) -> String {
        guard family == "Debian" else { return cpu }
        return switch cpu {
        case "x86_64": "amd64"
        case "aarch64": "arm64"
        case "i386", "i486", "i586", "i686": "i386"
        case "armv7l", "armv8l": "armhf"
        case "armv5tel", "armv6l": "armel"
        case "ppc64le": "ppc64el"
        case "mips64": "mips64el"
        case "loongarch64": "loong64"
        default: cpu
        }
    }
}
