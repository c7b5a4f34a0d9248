package import MusterCore

/// How a controller behaves, apart from its store and its control API.
package struct ControllerConfiguration: Sendable {
    /// Salt's `pki/master` directory; one that exists is used as it is.
    package var keyDirectory: String
    /// RSA size of the controller's own key when it has to be made.
    package var keyBits = 2048
    package var salt: SaltFabricConfiguration
    /// Nil: there is no collective.
    package var collective: CollectiveFabricConfiguration?
    /// Compound expressions by name.
    package var nodegroups: [String: String] = [:]
    package var pillar: [TargetedPillar.Entry] = []
    /// From publish to the first question to a silent node (Salt's `timeout`).
    package var jobTimeout: Duration = .seconds(5)
    /// From a question to giving a node up (Salt's `gather_job_timeout`).
    package var gatherTimeout: Duration = .seconds(10)
    /// For how long after a start jobs wait for nodes that were connected before and are not back yet.
    package var restartGrace: Duration = .seconds(12)
    /// Deleting or rejecting a key makes a new publish key (Salt's `rotate_aes_key`).
    package var rotatesKeyOnRemoval = true
    /// Nodes may delete their own key (Salt's `allow_minion_key_revoke`).
    package var allowsKeyRevocation = true
    package var retention = Retention(age: .seconds(86_400))
    /// How long replies may take to go out when the controller stops.
    package var shutdownGrace: Duration = .seconds(3)

    package init(keyDirectory: String, stateDirectory: String) {
        self.keyDirectory = keyDirectory
        salt = SaltFabricConfiguration(stateDirectory: stateDirectory)
    }
}
