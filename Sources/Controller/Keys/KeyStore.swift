package import MusterCore
package import SaltProtocol
import Synchronization

/// The public keys of nodes and the controller's own pair, in Salt's `pki/master` layout.
///
///     master.pem  master.pub            the controller's own pair (made when missing)
///     minions/ID                        accepted
///     minions_pre/ID                    pending
///     minions_rejected/ID               rejected
///     minions_denied/ID                 a different key came for a known id
///     minions_autosign/ID               accept this id once, while the file is young
///
/// The files are the truth: another program (`salt-key`) may change them, which `refresh()` notices by the directories'
/// times. State is owned by a `Mutex`; file work happens outside event loops, on the caller's thread.
package final class KeyStore: Sendable {
    /// A stored key: where it stands and its PEM as text.
    package struct Stored: Sendable, Hashable {
        package var state: KeyState
        package var pem: String
    }

    private struct Index {
        var states: [NodeID: KeyState] = [:]
        /// Keys read and parsed so far.
        var accepted: [NodeID: PublicKey] = [:]
        var times: [KeyState: Int64] = [:]
        var generation = 0
    }

    package let directory: String
    /// The controller's own key pair.
    package let own: PrivateKey
    private let index = Mutex(Index())

    /// Opens the directory, making it and the controller's key pair when they are missing.
    ///
    /// - Throws: `KeyStoreError` or `FileError` when the pair is damaged or readable by others, or nothing can be written.
    package init(directory: String, keyBits: Int = 2048) throws {
        self.directory = directory
        try Files.makeDirectory(directory, mode: 0o700)
        for state in KeyState.allCases {
            try Files.makeDirectory("\(directory)/\(state.directoryName)", mode: 0o700)
        }
        try Files.makeDirectory("\(directory)/\(KeyStore.autosignDirectory)", mode: 0o700)
        own = try KeyStore.ownPair(in: directory, bits: keyBits)
        refresh()
    }

    private static let autosignDirectory = "minions_autosign"

    private static func ownPair(in directory: String, bits: Int) throws -> PrivateKey {
        let (secretPath, publicPath) = ("\(directory)/master.pem", "\(directory)/master.pub")
        guard let status = Files.status(secretPath) else {
            guard Files.status(publicPath) == nil else { throw KeyStoreError.publicKeyWithoutPrivate(publicPath) }
            let pair = try PrivateKey.generate(bits: bits)
            try Files.write(Array(try pair.secretPEM().utf8), to: secretPath, mode: 0o400)
            try Files.write(Array((pair.publicKey.pem + "\n").utf8), to: publicPath, mode: 0o644)
            return pair
        }
        guard status.mode & 0o077 == 0 else { throw KeyStoreError.exposedPrivateKey(secretPath) }
        let pair: PrivateKey
        do {
            pair = try PrivateKey(pem: try Files.text(secretPath))
        } catch let error as CryptographyError {
            throw KeyStoreError.damagedPrivateKey(secretPath, reason: error)
        }
        if Files.status(publicPath) == nil {
            try Files.write(Array((pair.publicKey.pem + "\n").utf8), to: publicPath, mode: 0o644)
        }
        return pair
    }

    /// Reads the directories again where their time changed. Cheap when nothing did: four `stat` calls.
    package func refresh() {
        var times: [KeyState: Int64] = [:]
        for state in KeyState.allCases { times[state] = Files.status(path(state))?.modified }
        let isCurrent = index.withLock { $0.times == times }
        guard !isCurrent else { return }
        var states: [NodeID: KeyState] = [:]
        // An id in several directories counts where Salt looks first: rejected, accepted, pending, denied.
        for state in [KeyState.denied, .pending, .accepted, .rejected] {
            for name in Files.list(path(state)) {
                if let node = NodeID(name) { states[node] = state }
            }
        }
        index.withLock { index in
            index.accepted = index.accepted.filter { states[$0.key] == .accepted && index.states[$0.key] == .accepted }
            index.states = states
            index.times = times
            index.generation += 1
        }
    }

    /// Rises with every change: who caches something derived from keys compares it.
    package var generation: Int { index.withLock { $0.generation } }

    /// Where a node's key stands, nil for an unknown id.
    package func state(of node: NodeID) -> KeyState? { index.withLock { $0.states[node] } }

    /// The accepted ids, sorted.
    package var acceptedNodes: [NodeID] {
        index.withLock { $0.states.filter { $0.value == .accepted }.map(\.key) }.sorted()
    }

    /// How many keys are accepted.
    package var acceptedCount: Int { index.withLock { $0.states.values.reduce(0) { $0 + ($1 == .accepted ? 1 : 0) } } }

    /// The stored key of a node, nil when there is none or its file cannot be read.
    package func stored(_ node: NodeID) -> Stored? {
        guard let state = state(of: node) else { return nil }
        // A key file that vanished between look-up and read counts as absent; the next refresh sees it.
        guard let text = try? Files.text("\(path(state))/\(node.text)") else { return nil }
        return Stored(state: state, pem: PEM.normalised(text))
    }

    /// The public key of an accepted node, parsed once; nil when it is not accepted or its file is damaged.
    package func acceptedKey(of node: NodeID) -> PublicKey? {
        let (state, known) = index.withLock { ($0.states[node], $0.accepted[node]) }
        guard state == .accepted else { return nil }
        if let known { return known }
        // A damaged file is treated as no key: the node is refused and the operator sees its sign-in fail.
        guard let stored = stored(node), let key = try? PublicKey(pem: stored.pem) else { return nil }
        index.withLock { if $0.states[node] == .accepted { $0.accepted[node] = key } }
        return key
    }

    /// Stores a key under a state and takes it out of every other, except that a denied key stays beside an accepted one.
    package func store(_ pem: String, of node: NodeID, as state: KeyState) throws {
        try Files.write(Array(PEM.normalised(pem).utf8), to: "\(path(state))/\(node.text)", mode: 0o644)
        if state != .denied {
            for other in KeyState.allCases where other != state {
                try Files.remove("\(path(other))/\(node.text)")
            }
        }
        index.withLock { index in
            if state != .denied || index.states[node] == nil { index.states[node] = state }
            index.accepted[node] = nil
            index.generation += 1
        }
    }

    /// Moves a node's key to another state.
    ///
    /// - Returns: false when there is no such key.
    package func move(_ node: NodeID, to state: KeyState) throws -> Bool {
        guard let current = self.state(of: node) else { return false }
        guard current != state else { return true }
        try Files.move("\(path(current))/\(node.text)", to: "\(path(state))/\(node.text)")
        index.withLock {
            $0.states[node] = state
            $0.accepted[node] = nil
            $0.generation += 1
        }
        return true
    }

    /// Deletes a node's key in every state.
    ///
    /// - Returns: false when there was none.
    package func delete(_ node: NodeID) throws -> Bool {
        guard state(of: node) != nil else { return false }
        for state in KeyState.allCases { try Files.remove("\(path(state))/\(node.text)") }
        index.withLock {
            $0.states[node] = nil
            $0.accepted[node] = nil
            $0.generation += 1
        }
        return true
    }

    /// Every key with its fingerprint, sorted by id; an unreadable file has an empty fingerprint.
    package func entries() -> [KeyEntry] {
        refresh()
        let states = index.withLock { $0.states }
        return states.sorted { $0.key < $1.key }.map { entry($0.key, $0.value) }
    }

    /// One key with its fingerprint.
    package func entry(_ node: NodeID, _ state: KeyState?) -> KeyEntry {
        let pem = stored(node)?.pem ?? ""
        // An unreadable key has no fingerprint; the listing shows that rather than failing as a whole.
        return KeyEntry(node: node, state: state, fingerprint: (try? PEM.fingerprint(of: pem)) ?? "")
    }

    /// Whether `minions_autosign/ID` exists and is young enough; the file is used up by that.
    package func takeAutosignStub(_ node: NodeID, youngerThan age: Duration, now: Timestamp) -> Bool {
        let path = "\(directory)/\(KeyStore.autosignDirectory)/\(node.text)"
        guard let status = Files.status(path), status.isRegular else { return false }
        // A stub that cannot be removed must not accept twice.
        guard (try? Files.remove(path)) != nil else { return false }
        return now - Timestamp(microseconds: status.modified / 1000) <= age
    }

    private func path(_ state: KeyState) -> String { "\(directory)/\(state.directoryName)" }
}

extension KeyState {
    /// The directory of this state in Salt's layout.
    fileprivate var directoryName: String {
        switch self {
        case .accepted: "minions"
        case .pending: "minions_pre"
        case .rejected: "minions_rejected"
        case .denied: "minions_denied"
        }
    }
}

/// Why the key store cannot be used.
package enum KeyStoreError: Error, Sendable {
    case publicKeyWithoutPrivate(String)
    case exposedPrivateKey(String)
    case damagedPrivateKey(String, reason: CryptographyError)
}

extension KeyStoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .publicKeyWithoutPrivate(let path):
            "'\(path)' is there, but its private key is not: restore master.pem from a backup, or remove the file to begin "
                + "with a new pair (every node then has to forget the old key)"
        case .exposedPrivateKey(let path):
            "'\(path)' can be read by others than its owner: run 'chmod 400 \(path)'"
        case .damagedPrivateKey(let path, let reason):
            "'\(path)' holds no usable private key (\(reason)): restore it from a backup"
        }
    }
}
