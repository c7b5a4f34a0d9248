package import MusterCore

/// The secret that all nodes share, with the counter of what was published under it.
///
/// Nodes discard whatever does not have a greater serial than the last publish under the same key, so a serial is never used
/// twice and never goes back: a controller that starts makes a new key, or restores one with a serial above every used one.
package struct PublishKey: Sendable {
    /// The secret with the controller's word for it, as sign-ins hand it out.
    package let vouched: VouchedPublishKey
    /// When it was made.
    package let created: Timestamp
    /// The serial of the last publish, 0 before the first.
    package private(set) var serial: Int64 = 0

    /// A fresh key; costs one private operation.
    package static func random(by controller: PrivateKey, at now: Timestamp) throws(CryptographyError) -> PublishKey {
        PublishKey(vouched: try VouchedPublishKey(.random(), by: controller), created: now)
    }

    /// A key that was kept on disk; costs one private operation.
    ///
    /// - Parameter serial: at least that of the last publish under the key.
    package static func restored(
        _ key: KeyString, serial: Int64, by controller: PrivateKey, created: Timestamp
    ) throws(CryptographyError) -> PublishKey {
        PublishKey(vouched: try VouchedPublishKey(key, by: controller), created: created, serial: serial)
    }

    init(vouched: VouchedPublishKey, created: Timestamp, serial: Int64 = 0) {
        self.vouched = vouched
        self.created = created
        self.serial = serial
    }

    /// The secret.
    package var key: KeyString { vouched.key }

    /// The serial for the next publish, which must be sent before any later one.
    package mutating func takeSerial() -> Int64 {
        serial += 1
        return serial
    }

    /// When it must be replaced.
    ///
    /// - Parameter lifetime: `publish_session`, by default a day; zero or less: never.
    package func expiry(lifetime: Duration) -> Timestamp? { lifetime > .zero ? created + lifetime : nil }
}
