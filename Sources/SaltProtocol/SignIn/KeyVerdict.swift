/// What the key store holds for one id.
package struct StoredKey: Sendable, Equatable {
    /// Where it lies.
    package enum State: Sendable, Equatable {
        case pending, accepted, rejected
    }

    package var state: State
    /// The PEM text as stored; it need not be readable.
    package var pem: String

    package init(_ state: State, pem: String) {
        self.state = state
        self.pem = pem
    }
}

/// Why a new key is accepted without anybody's doing.
package enum AutosignReason: Sendable, Equatable {
    /// `auto_accept`.
    case everyKey
    /// A line of `autosign_file`.
    case file
    /// The file `minions_autosign/ID`, which is used up by this.
    case stub
    /// A line of `autosign_grains_dir/GRAIN`.
    case grain
}

/// Everything besides the request that decides about a key.
package struct KeyStanding: Sendable, Equatable {
    /// What is stored for the id, nil when nothing.
    package var stored: StoredKey?
    /// The id matches `autoreject_file`.
    package var isAutorejected: Bool
    /// The id may be accepted at once.
    package var autosign: AutosignReason?
    /// `open_mode`: skips every check and overwrites what is stored.
    package var isOpen: Bool
    /// `max_minions` is reached and this id is not among those connected.
    package var isFull: Bool
    /// There are as many keys that nobody has judged as may be: no further one is kept. Salt knows no such bound.
    package var isCrowded: Bool

    package init(
        stored: StoredKey?, isAutorejected: Bool = false, autosign: AutosignReason? = nil, isOpen: Bool = false,
        isFull: Bool = false, isCrowded: Bool = false
    ) {
        self.stored = stored
        self.isAutorejected = isAutorejected
        self.autosign = autosign
        self.isOpen = isOpen
        self.isFull = isFull
        self.isCrowded = isCrowded
    }
}

/// What is to be done with a key that a node offers.
///
/// Source: Salt 3008, `salt/master.py`, `AuthFuncs._auth_impl`, in the order of its checks. Stricter in two
/// points: a key that cannot be read is refused before anything is stored, and keys of strangers are kept up to a bound.
package enum KeyVerdict: Sendable, Equatable {
    /// The key is the accepted one.
    case known
    /// New or pending, and accepted by rule.
    case autosigned(AutosignReason)
    /// Open mode, and the key is not the stored one.
    case overwritten
    /// New: stored as pending.
    case newlyPending
    /// Pending already, the same key.
    case stillPending
    /// Rejected before, or by rule without being kept; the key does not matter.
    case rejected
    /// New or pending, and rejected by rule.
    case autorejected
    /// Another key than the accepted or pending one of this id.
    case denied
    /// New, and too many wait already: not kept.
    case crowded
    /// No room.
    case full
    /// The stored key cannot be read, so nothing can be compared with it.
    case storedKeyUnreadable

    /// Judges an offered key.
    package init(offered: PublicKey, standing: KeyStanding) {
        self = KeyVerdict.judge(offered, standing)
    }

    private static func judge(_ offered: PublicKey, _ standing: KeyStanding) -> KeyVerdict {
        guard !standing.isFull else { return .full }
        guard !standing.isOpen else {
            return standing.stored.map { isSame(offered, $0) == true && $0.state == .accepted } == true
                ? .known : .overwritten
        }
        guard let stored = standing.stored else {
            if standing.isAutorejected { return standing.isCrowded ? .rejected : .autorejected }
            if let reason = standing.autosign { return .autosigned(reason) }
            return standing.isCrowded ? .crowded : .newlyPending
        }
        if stored.state == .rejected { return .rejected }
        if stored.state == .pending, standing.isAutorejected { return .autorejected }
        guard let isSame = isSame(offered, stored) else { return .storedKeyUnreadable }
        guard isSame else { return .denied }
        switch stored.state {
        case .accepted: return .known
        case .pending: return standing.autosign.map(KeyVerdict.autosigned) ?? .stillPending
        case .rejected: return .rejected
        }
    }

    /// Nil when the stored text is no key.
    private static func isSame(_ offered: PublicKey, _ stored: StoredKey) -> Bool? {
        if PEM.normalised(stored.pem) == offered.pem { return true }
        guard let key = try? PublicKey(pem: stored.pem) else { return nil }  // what is wrong with it changes nothing
        return key == offered
    }
}
