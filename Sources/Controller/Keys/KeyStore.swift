import Glibc
package import MusterCore
package import SaltProtocol
import Synchronization

/// The public keys of nodes and the controller's own pair, in Salt's `pki/master` layout.
///
///     master.pem  master.pub            the controller's own pair (made when missing)
///     minions/ID                        accepted
///     minions_pre/ID                    pending
///     minions_rejected/ID               rejected
///     minions_denied/ID                 a different key came for a known id; lies beside the id's own key
///     minions_autosign/ID               accept this id once, while the file is young
///
/// The files are the truth: another program (`salt-key`) may change them, which `refresh()` notices by the directories'
/// times. Names that begin with a dot are no keys (Salt keeps `.key_cache` there). File work happens outside event loops,
/// on the caller's thread, one change at a time; what is asked on an event loop needs no file but the first
/// `keptKey(of:)` of each node.
package final class KeyStore: Sendable {
    /// A stored key: where it stands and its PEM as text.
    package struct Stored: Sendable, Hashable {
        package var state: KeyState
        package var pem: String
    }

    /// A key that was read, with the file it was read from.
    private struct Parsed {
        var key: KeptPublicKey
        var file: Files.Status
    }

    private struct Index {
        /// Where each id's own key stands; `denied` only for an id that has no other.
        var states: [NodeID: KeyState] = [:]
        /// How many ids stand where.
        var counts: [KeyState: Int] = [:]
        /// Every id with a denied key.
        var denied: Set<NodeID> = []
        /// Accepted keys read so far.
        var parsed: [NodeID: Parsed] = [:]
        var times: [KeyState: Int64] = [:]
        var generation = 0
    }

    package let directory: String
    /// The controller's own key pair.
    package let own: PrivateKey
    private let index = Mutex(Index())
    /// Held while files are listed or changed, so that what is listed is never older than what was changed. Taken before
    /// `index`, and never on an event loop.
    private let fileAccess = Mutex<Void>(())
    /// Held while `deciding`; taken before `fileAccess`. Tests look whether it is.
    let decisions = Mutex<Void>(())

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
        rescan()
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
        guard Files.status(publicPath) != nil else {
            try Files.write(Array((pair.publicKey.pem + "\n").utf8), to: publicPath, mode: 0o644)
            return pair
        }
        // Salt's own programs read this file. What is wrong with one that cannot be read does not matter here.
        let publicText = try Files.text(publicPath)
        guard (try? PublicKey(pem: publicText)) == pair.publicKey else {
            throw KeyStoreError.foreignPublicKey(publicPath)
        }
        return pair
    }

    // MARK: Noticing changes

    /// Reads the directories again when another program changed one. Cheap when nothing did: four `stat` calls.
    package func refresh() {
        fileAccess.withLock { _ in
            if !isCurrent() { scan() }
        }
    }

    /// Reads the directories again in any case: finds keys replaced in place, and changes too quick for the directories' times.
    package func rescan() {
        fileAccess.withLock { _ in scan() }
    }

    private func times() -> [KeyState: Int64] {
        var times: [KeyState: Int64] = [:]
        for state in KeyState.allCases { times[state] = Files.status(path(state))?.modified }
        return times
    }

    private func isCurrent() -> Bool {
        let times = times()
        return index.withLock { $0.times == times }
    }

    /// Lists all files. Holds `fileAccess`.
    ///
    /// When a directory cannot be listed, what was known before holds, and the next look is another attempt: out of
    /// descriptors for a moment, the fleet must not be taken for strangers.
    private func scan() {
        // Before the listing: what changes meanwhile is seen the next time.
        let times = times()
        var states: [NodeID: KeyState] = [:]
        var denied: Set<NodeID> = []
        // An id in several directories counts where Salt looks first: rejected, accepted, pending, denied.
        for state in [KeyState.denied, .pending, .accepted, .rejected] {
            let names: [String]
            do throws(FileError) {
                names = try Files.names(in: path(state))
            } catch {
                guard error.code == ENOENT else { return }
                names = []
            }
            for name in names where !name.hasPrefix(".") {
                guard let node = NodeID(name) else { continue }
                states[node] = state
                if state == .denied { denied.insert(node) }
            }
        }
        let known = index.withLock { $0.parsed }
        let stale = known.filter { node, parsed in
            states[node] != .accepted || Files.status(path(.accepted, node)) != parsed.file
        }
        index.withLock { index in
            if index.states != states || !stale.isEmpty { index.generation += 1 }
            for node in stale.keys { index.parsed[node] = nil }
            index.states = states
            index.counts = states.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            index.denied = denied
            index.times = times
        }
    }

    /// Rises with every change of a node's own key: who caches something derived from keys compares it.
    package var generation: Int { index.withLock { $0.generation } }

    // MARK: Looking up

    /// Where a node's key stands, nil for an unknown id.
    package func state(of node: NodeID) -> KeyState? { index.withLock { $0.states[node] } }

    /// The accepted ids, sorted.
    package var acceptedNodes: [NodeID] {
        index.withLock { $0.states.filter { $0.value == .accepted }.map(\.key) }.sorted()
    }

    /// How many ids have a key of their own under a state; for `denied` those that have no other.
    package func count(_ state: KeyState) -> Int { index.withLock { $0.counts[state] ?? 0 } }

    /// The stored key of a node, nil when there is none or its file cannot be read.
    package func stored(_ node: NodeID) -> Stored? {
        state(of: node).flatMap { stored(node, as: $0) }
    }

    /// The stored key of a node, nil when there is none.
    ///
    /// - Throws: `FileError` when there is one that cannot be read now.
    package func readable(_ node: NodeID) throws -> Stored? {
        guard let state = state(of: node) else { return nil }
        do throws(FileError) {
            return Stored(state: state, pem: PEM.normalised(try Files.text(path(state, node))))
        } catch {
            // It went between the look-up and the reading; the next refresh sees that.
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }

    /// The key of a node that lies under a state, nil when there is none or its file cannot be read.
    package func stored(_ node: NodeID, as state: KeyState) -> Stored? {
        // A key file that vanished between look-up and read counts as absent; the next refresh sees it.
        guard let text = try? Files.text(path(state, node)) else { return nil }
        return Stored(state: state, pem: PEM.normalised(text))
    }

    /// The public key of an accepted node, ready for use; nil when it is not accepted or its file is damaged.
    package func acceptedKey(of node: NodeID) -> PublicKey? { try? keptKey(of: node)?.key() }

    /// The public key of an accepted node, read once; nil when it is not accepted or its file is damaged.
    package func keptKey(of node: NodeID) -> KeptPublicKey? {
        let (state, known, generation) = index.withLock { ($0.states[node], $0.parsed[node], $0.generation) }
        guard state == .accepted else { return nil }
        if let known { return known.key }
        // A damaged file is treated as no key: the node is refused and the operator sees its sign-in fail.
        guard let file = Files.status(path(.accepted, node)), let stored = stored(node, as: .accepted),
            let key = (try? PublicKey(pem: stored.pem)).map(KeptPublicKey.init)
        else { return nil }
        // Only if nothing changed meanwhile: what was read may be the key before the change.
        index.withLock { if $0.generation == generation { $0.parsed[node] = Parsed(key: key, file: file) } }
        return key
    }

    // MARK: Changing

    /// Judges by what is stored and stores the judgement, while nobody else does: of two newcomers with one id the second
    /// meets the first's key, and a sign-in does not undo what an operator changes meanwhile.
    ///
    /// - Parameter body: must not call this again.
    package func deciding<Result: Sendable>(_ body: () throws -> Result) rethrows -> Result {
        try decisions.withLock { _ in try body() }
    }

    /// Stores a node's own key under a state and takes it out of every other; as denied, leaves the node's own key alone.
    ///
    /// A newcomer's key, which is only pending, does not take the place of one that another program accepted or rejected
    /// since the last look: nothing is stored then, and the node's next sign-in is judged by what is there.
    package func store(_ pem: String, of node: NodeID, as state: KeyState) throws {
        try change(node) {
            if state == .pending, hasJudgedKey(node) { return }
            // Not written in place: a half-written key has no name under which it could be taken for one.
            let incoming = "\(directory)/.incoming"
            try Files.write(Array(PEM.normalised(pem).utf8), to: incoming, mode: 0o644)
            try Files.move(incoming, to: path(state, node))
            try removeOthers(of: node, than: state)
        }
    }

    /// Moves a node's key to another state, in place of one that lies there.
    ///
    /// - Parameter source: where it is taken from; where the node's own key stands if nil.
    /// - Returns: false when there is no such key.
    package func move(_ node: NodeID, from source: KeyState? = nil, to state: KeyState) throws -> Bool {
        guard let current = source ?? self.state(of: node) else { return false }
        guard Files.status(path(current, node)) != nil else { return false }
        guard current != state else { return true }
        try change(node) {
            try Files.move(path(current, node), to: path(state, node))
            try removeOthers(of: node, than: state)
        }
        return true
    }

    /// Deletes a node's key.
    ///
    /// - Parameter state: only the key that lies there; every one if nil.
    /// - Returns: false when there was none.
    package func delete(_ node: NodeID, from state: KeyState? = nil) throws -> Bool {
        let paths = (state.map { [$0] } ?? KeyState.allCases).map { path($0, node) }
        guard paths.contains(where: { Files.status($0) != nil }) else { return false }
        try change(node) {
            for path in paths { try Files.remove(path) }
        }
        return true
    }

    /// Whether `minions_autosign/ID` exists and is young enough; the file is used up by that. One caller at a time.
    package func takeAutosignStub(_ node: NodeID, youngerThan age: Duration, now: Timestamp) -> Bool {
        let path = "\(directory)/\(KeyStore.autosignDirectory)/\(node.text)"
        guard let status = Files.status(path), status.isRegular else { return false }
        // A stub that cannot be removed must not accept twice.
        guard (try? Files.remove(path)) != nil else { return false }
        return now - Timestamp(microseconds: status.modified / 1000) <= age
    }

    /// A change of our own to a node's files: afterwards the index says of this node what the files say, and the directories
    /// need no new listing unless another program changed one before.
    private func change(_ node: NodeID, _ body: () throws -> Void) throws {
        try fileAccess.withLock { _ in
            let wasCurrent = isCurrent()
            defer { note(node, times: wasCurrent ? times() : nil) }
            try body()
        }
    }

    private func hasJudgedKey(_ node: NodeID) -> Bool {
        [KeyState.accepted, .rejected].contains { Files.status(path($0, node)) != nil }
    }

    private func note(_ node: NodeID, times: [KeyState: Int64]?) {
        let present = KeyState.allCases.filter { Files.status(path($0, node)) != nil }
        let state = [KeyState.rejected, .accepted, .pending, .denied].first(where: present.contains)
        let file = Files.status(path(.accepted, node))
        index.withLock { index in
            let isSameKey = state == .denied || (state == .accepted && index.parsed[node]?.file == file)
            let isUntouched = state == index.states[node] && isSameKey
            if let old = index.states[node] { index.counts[old, default: 1] -= 1 }
            if let state { index.counts[state, default: 0] += 1 }
            index.states[node] = state
            if present.contains(.denied) { index.denied.insert(node) } else { index.denied.remove(node) }
            if let times { index.times = times }
            guard !isUntouched else { return }
            index.parsed[node] = nil
            index.generation += 1
        }
    }

    /// A node has one key of its own; a denied one is not its own.
    private func removeOthers(of node: NodeID, than state: KeyState) throws {
        guard state != .denied else { return }
        for other in KeyState.allCases where other != state && other != .denied { try Files.remove(path(other, node)) }
    }

    // MARK: Listing

    /// Every key with its fingerprint, sorted by id, a denied key behind the node's own; an unreadable file has an empty
    /// fingerprint.
    package func entries() -> [KeyEntry] {
        rescan()
        let (states, denied) = index.withLock { ($0.states, $0.denied) }
        return states.sorted { $0.key < $1.key }.flatMap { node, state in
            let own = entry(node, state)
            return state != .denied && denied.contains(node) ? [own, entry(node, .denied)] : [own]
        }
    }

    /// One key with its fingerprint.
    package func entry(_ node: NodeID, _ state: KeyState) -> KeyEntry {
        let pem = stored(node, as: state)?.pem ?? ""
        // An unreadable key has no fingerprint; the listing shows that rather than failing as a whole.
        let fingerprint = pem.isEmpty ? nil : try? PEM.fingerprint(of: pem)
        return KeyEntry(node: node, state: state, fingerprint: fingerprint ?? "")
    }

    private func path(_ state: KeyState) -> String { "\(directory)/\(state.directoryName)" }
    private func path(_ state: KeyState, _ node: NodeID) -> String { "\(path(state))/\(node.text)" }
}

extension KeyState {
    /// The directory of this state in Salt's layout.
    var directoryName: String {
        switch self {
        case .accepted: "minions"
        case .pending: "minions_pre"
        case .rejected: "minions_rejected"
        case .denied: "minions_denied"
        }
    }
}

/// Why the key store cannot be used.
package enum KeyStoreError: Error, Sendable, Equatable {
    case publicKeyWithoutPrivate(String)
    case exposedPrivateKey(String)
    case damagedPrivateKey(String, reason: CryptographyError)
    /// `master.pub` is not the public half of `master.pem`, or no key.
    case foreignPublicKey(String)
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
        case .foreignPublicKey(let path):
            "'\(path)' does not belong to the master.pem beside it: restore the pair from a backup, or remove master.pub if "
                + "master.pem is the right one"
        }
    }
}
