import Glibc
import MCollectiveProtocol
import MusterCore

/// Makes a security provider and a caller of what a configuration says about them.
struct SecurityLoader {
    private let options: SecurityOptions
    private let role: CollectiveSetup.Role
    private let identity: String

    init(_ options: SecurityOptions, role: CollectiveSetup.Role, identity: String) {
        self.options = options
        self.role = role
        self.identity = identity
    }

    func provider() throws(CollectiveSetupError) -> any SecurityProvider {
        switch options {
        case .psk(let secret, _): return PSKSecurity(secret: secret)
        case .ssl(let files):
            return SSLSecurity(
                serializer: files.serializer, privateKey: try privateKey(files), nodeKey: try nodeKey(files),
                callerKey: SecurityLoader.callerKeys(in: files.callerDirectory))
        case .aes(let files, let sendsPublicKey):
            let own = role == .client ? files.clientPublic : files.nodePublic
            var sent: String?
            if sendsPublicKey, let own { sent = try SecurityLoader.text(own) }
            return AESSecurity(
                serializer: files.serializer, privateKey: try privateKey(files), sentPublicKey: sent,
                callerKey: SecurityLoader.callerKeys(in: files.callerDirectory))
        }
    }

    func callerID() throws(CollectiveSetupError) -> CallerID {
        switch options {
        case .psk(_, let callerType):
            let name = name(callerType)
            guard let caller = callerType.callerID(name) else { throw .caller(name) }
            return caller
        case .ssl(let files): return try callerID(of: files, named: CallerID.init(publicKeyFile:))
        case .aes(let files, _):
            return try callerID(of: files) { path in
                // A file that cannot be read was or will be reported by who needs the key.
                let subject = (try? SecurityLoader.text(path)).flatMap { CertificateName.commonName(pem: $0) }
                return subject.flatMap { CallerID(kind: "cert", name: $0) } ?? CallerID(publicKeyFile: path)
            }
        }
    }

    private func callerID(
        of files: SecurityOptions.KeyFiles, named: (String) -> CallerID?
    ) throws(CollectiveSetupError) -> CallerID {
        guard let path = role == .client ? files.clientPublic : files.nodePublic else {
            // A node that asks nothing needs no key to be known by.
            guard let caller = CallerID(kind: "cert", name: identity) else { throw .caller(identity) }
            return caller
        }
        guard let caller = named(path) else { throw .caller(path) }
        return caller
    }

    private func name(_ type: PSKCallerType) -> String {
        switch type {
        case .uid: String(getuid())
        case .gid: String(getgid())
        case .identity: identity
        case .user: getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? String(getuid())
        case .group: getgrgid(getgid()).map { String(cString: $0.pointee.gr_name) } ?? String(getgid())
        }
    }

    // MARK: Keys

    private func privateKey(_ files: SecurityOptions.KeyFiles) throws(CollectiveSetupError) -> SecurityPrivateKey? {
        guard let path = role == .client ? files.clientPrivate : files.nodePrivate else { return nil }
        let text = try SecurityLoader.text(path)
        do { return try SecurityPrivateKey(pem: text) } catch { throw .key(file: path, error) }
    }

    private func nodeKey(_ files: SecurityOptions.KeyFiles) throws(CollectiveSetupError) -> SecurityPublicKey? {
        guard let path = files.nodePublic else { return nil }
        let text = try SecurityLoader.text(path)
        do { return try SecurityPublicKey(pem: text) } catch { throw .key(file: path, error) }
    }

    private static func text(_ path: String) throws(CollectiveSetupError) -> String {
        do throws(FileError) {
            return String(decoding: try Files.read(path, limitBytes: 1 << 16), as: UTF8.self)
        } catch {
            throw .file(error)
        }
    }

    /// Looks a caller's key up in a directory, at each request: a key that was removed counts from then on no more.
    private static func callerKeys(in directory: String?) -> @Sendable (CallerID) -> SecurityPublicKey? {
        guard let directory else { return { _ in nil } }
        return { caller in
            guard caller.kind == "cert" else { return nil }
            // The name has no slash in it. A file that is missing or is no key means that the caller is unknown.
            guard let pem = try? text("\(directory)/\(caller.name).pem") else { return nil }
            return try? SecurityPublicKey(pem: pem)
        }
    }
}
