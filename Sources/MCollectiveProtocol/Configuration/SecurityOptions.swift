/// The options of the configured security provider: which files to read, before a provider can be made of them.
///
/// Source: section 8 of the protocol reference.
package enum SecurityOptions: Hashable, Sendable {
    case psk(secret: String, callerType: PSKCallerType)
    case ssl(KeyFiles)
    case aes(KeyFiles, sendsPublicKey: Bool)

    /// The files of the ssl and aes providers, for either role.
    package struct KeyFiles: Hashable, Sendable {
        package var serializer = Serializer.marshal
        package var clientPrivate: String?
        package var clientPublic: String?
        package var nodePrivate: String?
        package var nodePublic: String?
        /// Where a node finds the public keys of its callers.
        package var callerDirectory: String?
        /// Whether a request that is too old is refused; if not it is only counted.
        package var enforcesTTL = true

        package init() {}
    }

    /// Which side the configuration is for, so that what it lacks can be told.
    package enum Role: Hashable, Sendable {
        case client, node
    }

    /// Reads the options.
    ///
    /// - Parameters:
    ///   - environment: `MCOLLECTIVE_PSK`, `MCOLLECTIVE_SSL_PRIVATE` and `_PUBLIC`, `MCOLLECTIVE_AES_PRIVATE` and `_PUBLIC`
    ///     come before the file.
    ///   - problems: Gets what is missing or wrong.
    package init(
        _ configuration: CollectiveConfiguration, role: Role, environment: [String: String] = [:],
        problems: inout [ConfigurationProblem]
    ) {
        var missing: [(key: String, kind: ConfigurationProblem.Kind)] = []
        let plugins = configuration.plugins
        switch configuration.securityProvider {
        case .psk:
            let secret = environment["MCOLLECTIVE_PSK"] ?? plugins["psk"] ?? ""
            if secret.isEmpty { missing.append(("psk", .missing)) }
            self = .psk(secret: secret, callerType: PSKCallerType(option: plugins["psk.callertype"]))
        case .ssl:
            let files = KeyFiles(plugins, environment, separator: "ssl_", variable: "SSL", role, &missing)
            self = .ssl(files)
        case .aes:
            let files = KeyFiles(plugins, environment, separator: "aes.", variable: "AES", role, &missing)
            self = .aes(files, sendsPublicKey: plugins["aes.send_pubkey"] == "1")
        }
        problems += missing.map { key, kind in
            ConfigurationProblem(file: "configuration", line: 0, key: "plugin.\(key)", kind: kind)
        }
    }
}

extension SecurityOptions.KeyFiles {
    fileprivate init(
        _ plugins: [String: String], _ environment: [String: String], separator: String, variable: String,
        _ role: SecurityOptions.Role, _ problems: inout [(key: String, kind: ConfigurationProblem.Kind)]
    ) {
        if let name = plugins["\(separator)serializer"] {
            if let serializer = Serializer(rawValue: name.lowercased()) {
                self.serializer = serializer
            } else {
                problems.append(("\(separator)serializer", .notOneOf(["marshal", "yaml"])))
            }
        }
        clientPrivate = environment["MCOLLECTIVE_\(variable)_PRIVATE"] ?? plugins["\(separator)client_private"]
        clientPublic = environment["MCOLLECTIVE_\(variable)_PUBLIC"] ?? plugins["\(separator)client_public"]
        nodePrivate = plugins["\(separator)server_private"]
        nodePublic = plugins["\(separator)server_public"]
        callerDirectory = plugins["\(separator)client_cert_dir"]
        enforcesTTL = plugins["\(variable.lowercased()).enforce_ttl"] != "0"
        let needed: [(String, String?)] =
            switch role {
            case .client: [("client_private", clientPrivate), ("client_public", clientPublic)]
            case .node: [("server_private", nodePrivate), ("client_cert_dir", callerDirectory)]
            }
        for (key, value) in needed where value == nil { problems.append(("\(separator)\(key)", .missing)) }
        if variable == "SSL", role == .client, nodePublic == nil { problems.append(("ssl_server_public", .missing)) }
    }
}

extension SecurityOptions: CustomStringConvertible, CustomReflectable {
    /// Without the secret.
    package var description: String {
        switch self {
        case .psk(_, let callerType): "psk as \(callerType.rawValue)"
        case .ssl(let files): "ssl with \(files.serializer.rawValue)"
        case .aes(let files, _): "aes_security with \(files.serializer.rawValue)"
        }
    }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
