/// The options of plugins that something of ours reads, so that the others can be listed.
enum PluginKeys {
    private static let whole: Set<String> = [
        "yaml", "psk", "psk.callertype", "ssl_serializer", "ssl_client_private", "ssl_client_public",
        "ssl_server_public", "ssl_server_private", "ssl_client_cert_dir", "ssl.enforce_ttl", "aes.serializer",
        "aes.client_private", "aes.client_public", "aes.server_private", "aes.server_public", "aes.client_cert_dir",
        "aes.send_pubkey", "aes.enforce_ttl", "rpcaudit.logfile", "rpc.graph", "puppet.command", "puppet.config",
        "puppet.splay", "puppet.splaylimit", "puppet.signal_daemon", "puppet.allow_server_override",
        "actionpolicy.allow_unconfigured", "actionpolicy.enable_default", "actionpolicy.default_name",
        "puppet.resource_type_whitelist", "puppet.resource_type_blacklist", "puppet.resource_allow_managed_resources",
    ]

    /// Behind the name of the rabbitmq and activemq connectors.
    private static let connector: Set<String> = [
        "pool.size", "initial_reconnect_delay", "back_off_multiplier", "max_reconnect_delay",
        "use_exponential_back_off", "max_reconnect_attempts", "randomize", "connect_timeout", "heartbeat_interval",
        "stomp_1_0_fallback", "max_hbread_fails", "base64", "agents_multiplex", "vhost", "use_reply_exchange",
        "priority", "prompt_user", "prompt_password", "backup", "timeout", "max_hbrlck_fails",
    ]

    private static let stomp: Set<String> = [
        "host", "port", "user", "password", "base64", "priority", "pool.size", "pool.initial_reconnect_delay",
        "pool.back_off_multiplier", "pool.max_reconnect_delay", "pool.use_exponential_back_off",
        "pool.max_reconnect_attempts", "pool.randomize", "pool.connect_timeout",
    ]

    /// Behind `pool.NUMBER.`.
    private static let entry: Set<String> = [
        "host", "port", "user", "password", "ssl", "ssl.cert", "ssl.key", "ssl.ca", "ssl.ciphers", "ssl.fallback",
        "ssl.verify_host",
    ]

    static func isKnown(_ name: String) -> Bool {
        if whole.contains(name) || name.hasPrefix("puppet.resource_name_whitelist.") { return true }
        if name.hasSuffix(".activate_agent") { return true }
        for prefix in ["rabbitmq.", "activemq."] where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.count)
            let parts = rest.split(separator: ".", maxSplits: 2)
            let isEntry =
                parts.count == 3 && parts[0] == "pool" && Int(parts[1]) != nil && entry.contains(String(parts[2]))
            return connector.contains(String(rest)) || isEntry
        }
        guard name.hasPrefix("stomp.") else { return false }
        let rest = name.dropFirst("stomp.".count)
        let isEntry = ["host", "port", "user", "password", "ssl"].contains { word in
            rest.hasPrefix("pool.\(word)") && Int(rest.dropFirst("pool.\(word)".count)) != nil
        }
        return stomp.contains(String(rest)) || isEntry
    }
}
