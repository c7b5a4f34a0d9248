import MusterCore

/// Where clients of MCollective have their configuration.
///
/// Source: MCollective 2.12, `util.rb`, `config_file_for_user`.
enum ClientConfigurationFile {
    /// The file that is taken when none is named: the first there is, else the first that could be.
    static func usual(home: String?) -> String {
        let files =
            (home.map { ["\($0)/.mcollective"] } ?? [])
            + ["/etc/puppetlabs/mcollective/client.cfg", "/etc/mcollective/client.cfg"]
        return files.first { Files.status($0) != nil } ?? files[0]
    }
}
