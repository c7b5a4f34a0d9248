import Glibc

/// Where Muster keeps its files when nobody says otherwise.
package struct Directories: Sendable, Hashable {
    /// `controller.yaml`, `node.yaml`, `modules`.
    package var configuration: String
    /// What must survive a restart.
    package var state: String
    /// Sockets.
    package var runtime: String

    package init(configuration: String, state: String, runtime: String) {
        self.configuration = configuration
        self.state = state
        self.runtime = runtime
    }

    /// As root `/etc/muster`, `/var/lib/muster`, `/run/muster`; otherwise below the XDG directories, or what stands for
    /// them in the home directory.
    ///
    /// - Parameter environment: looks up an environment variable.
    package init(isRoot: Bool, environment: (String) -> String?) {
        if isRoot {
            self.init(configuration: "/etc/muster", state: "/var/lib/muster", runtime: "/run/muster")
            return
        }
        // XDG: what is not a whole path counts as not set.
        func directory(_ variable: String) -> String? { environment(variable).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let home = directory("HOME") ?? "/"
        let state = (directory("XDG_STATE_HOME") ?? home + "/.local/state") + "/muster"
        self.init(
            configuration: (directory("XDG_CONFIG_HOME") ?? home + "/.config") + "/muster", state: state,
            runtime: directory("XDG_RUNTIME_DIR").map { $0 + "/muster" } ?? state + "/run")
    }

    /// Those of the user this process runs as.
    package static var current: Directories {
        Directories(isRoot: geteuid() == 0) { name in getenv(name).map { String(cString: $0) } }
    }
}
