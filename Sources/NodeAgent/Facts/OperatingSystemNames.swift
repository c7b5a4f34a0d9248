/// How the `os` and `os_family` facts are derived from what a distribution calls itself.
///
/// Source: Salt 3008, `salt/grains/core.py`: `_OS_NAME_MAP`, `_ID_AND_NAME_TO_OS_NAME_MAP`, `_OS_FAMILY_MAP`.
enum OperatingSystemNames {
    /// The `os` fact: a known short name, or the full name without "Linux" and "GNU/Linux".
    static func os(fullName: String, id: String?) -> String {
        switch (id, fullName) {
        case ("astra", "Astra Linux (Orel)"): return "AstraLinuxCE"
        case ("astra", "Astra Linux (Smolensk)"): return "AstraLinuxSE"
        case ("pop", "Pop!_OS"): return "Pop"
        default: break
        }
        let name = withoutLinux(fullName)
        return shortNames[String(name.filter { $0 != " " }.lowercased().prefix(10))] ?? name
    }

    /// The `os_family` fact of an `os` fact: itself where no family is known.
    static func family(ofOS os: String) -> String { families[os] ?? os }

    /// The `os_family` fact of an os-release `ID` or `ID_LIKE`.
    static func family(ofID id: String) -> String {
        id == "fedora" ? "RedHat" : id.prefix(1).uppercased() + id.dropFirst().lowercased()
    }

    /// Removes each "Linux" or "GNU/Linux" that follows a character other than a letter, digit or underscore.
    private static func withoutLinux(_ name: String) -> String {
        var text = Substring(name)
        var result = ""
        while let character = text.first {
            let rest = text.dropFirst()
            let isBoundary = !character.isLetter && !character.isNumber && character != "_"
            let lowered = rest.prefix(9).lowercased()
            if isBoundary, lowered == "gnu/linux" {
                text = rest.dropFirst(9)
            } else if isBoundary, lowered.hasPrefix("linux") {
                text = rest.dropFirst(5)
            } else {
                result.append(character)
                text = rest
            }
        }
        return result.trimmed
    }

    private static let shortNames: [String: String] = [
        "redhatente": "RedHat", "gentoobase": "Gentoo", "archarm": "Arch ARM", "arch": "Arch", "debian": "Debian",
        "raspbian": "Raspbian", "fedoraremi": "Fedora", "chapeau": "Chapeau", "korora": "Korora", "amazonami": "Amazon",
        "alt": "ALT", "enterprise": "OEL", "oracleserv": "OEL", "cloudserve": "CloudLinux", "cloudlinux": "CloudLinux",
        "virtuozzo": "Virtuozzo", "almalinux": "AlmaLinux", "almalinuxk": "AlmaLinux", "pidora": "Fedora",
        "scientific": "ScientificLinux", "synology": "Synology", "nilrt": "NILinuxRT", "poky": "Poky",
        "manjaro": "Manjaro", "manjarolin": "Manjaro", "univention": "Univention", "antergos": "Antergos",
        "sles": "SUSE", "void": "Void", "slesexpand": "RES", "linuxmint": "Mint", "neon": "KDE neon", "pop": "Pop",
        "rocky": "Rocky", "alibabaclo": "Alinux", "mendel": "Mendel", "photon": "VMware Photon OS",
    ]

    private static let families: [String: String] = {
        let members = [
            "Debian": [
                "Ubuntu", "Mint", "Trisquel", "GCEL", "Linaro", "elementary OS", "elementary", "Univention", "Raspbian",
                "Devuan", "antiX", "Kali", "Parrot OS", "neon", "Cumulus", "Deepin", "KDE neon", "IDMS", "TurnKey",
                "Pop",
                "AstraLinuxCE", "AstraLinuxSE", "Mendel", "OSMC",
            ],
            "RedHat": [
                "Fedora", "Chapeau", "Korora", "FedBerry", "CentOS", "CentOS Stream", "GoOSe", "Scientific", "Amazon",
                "CloudLinux", "Virtuozzo", "AlmaLinux", "AlmaLinux Kitten", "OVS", "OEL", "XCP", "XCP-ng", "XenServer",
                "RES", "Sangoma", "VMware Photon OS", "AlterOS", "RED OS", "ALT", "ScientificLinux", "Rocky", "Alinux",
                "openEuler",
            ],
            "Suse": [
                "SLES", "SUSE Enterprise Server", "SUSE  Enterprise Server", "SLED", "openSUSE", "SUSE",
                "openSUSE Leap",
                "openSUSE Tumbleweed", "SLES_SAP", "alfaLinux", "alfaLinux Rise",
            ],
            "Arch": ["Arch ARM", "Manjaro", "Manjaro ARM", "Antergos", "EndeavourOS"],
            "Mandriva": ["Mandrake"], "VMware": ["VMwareESX"], "Bluewhite": ["Bluewhite64"], "Slackware": ["Slamd64"],
            "Gentoo": ["Funtoo"],
        ]
        var families: [String: String] = [:]
        for (family, names) in members { for name in names { families[name] = family } }
        return families
    }()
}
