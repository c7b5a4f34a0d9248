import MusterCore
import NIOCore

/// Who may use the broker, and for what: the book of accounts, and the one user that settings may name.
///
/// Owner: the broker's event loop.
final class AccountDesk {
    /// Who a client is.
    enum Identity: Hashable {
        /// Nobody needs to say who they are, because there is no user.
        case anyone
        /// The user of the settings, who may do everything.
        case configured(String)
        case user(String)

        /// As in CONNECT.
        var name: String? {
            switch self {
            case .anyone: nil
            case .configured(let name), .user(let name): name
            }
        }
    }

    enum Answer: Hashable {
        case known(Identity)
        case unknown
        /// Too many passwords wait to be judged.
        case busy
    }

    var book: AccountBook {
        didSet { rules = [:] }
    }
    let configured: BrokerConfiguration.ConfiguredUser?
    let passwords: PasswordDesk
    /// Expressions that were made ready, by user and virtual host.
    private var rules: [String: [String: PermissionRules]] = [:]

    private let isOpenWithoutUsers: Bool

    init(_ configuration: BrokerConfiguration, passwords: PasswordDesk) {
        book = AccountBook()
        configured = configuration.user
        isOpenWithoutUsers = configuration.isOpenWithoutUsers
        self.passwords = passwords
    }

    /// Whether there is nobody who could be let in by name.
    var hasNoUsers: Bool { configured == nil && book.users.isEmpty }

    /// Whether everybody may do everything.
    var isOpen: Bool { isOpenWithoutUsers && hasNoUsers }

    /// Says who gives this name and password, at once where that is possible.
    func identify(login: String?, passcode: String?, then answer: @escaping (Answer) -> Void) {
        guard !isOpen else { return answer(.known(.anyone)) }
        let (name, password) = (login ?? "", passcode ?? "")
        if let configured, configured.name == name {
            let isRight = Secrets.areEqual(Array(password.utf8), Array(configured.password.utf8))
            return answer(isRight ? .known(.configured(name)) : .unknown)
        }
        passwords.judge(password, of: name, book.users[name]?.password) { judgement in
            switch judgement {
            case .right: answer(.known(.user(name)))
            case .wrong: answer(.unknown)
            case .busy: answer(.busy)
            }
        }
    }

    /// What somebody may do in a virtual host; nil for nothing at all.
    func access(of identity: Identity, in virtualHost: String) -> (any AccessRules)? {
        switch identity {
        // Who came before there were users has to come again.
        case .anyone: return isOpen ? FullAccess() : nil
        case .configured(let name): return configured?.name == name ? FullAccess() : nil
        case .user(let name):
            if let known = rules[name]?[virtualHost] { return known }
            // What is in the book was made ready once before.
            guard let permission = book.permissions[name]?[virtualHost], let made = try? PermissionRules(permission)
            else { return nil }
            rules[name, default: [:]][virtualHost] = made
            return made
        }
    }

    /// The users, by name.
    var users: [BrokerUser] {
        let made = book.users.map { name, user in
            BrokerUser(name: name, tags: user.tags.sorted { $0.rawValue < $1.rawValue }, isConfigured: false)
        }
        let named = configured.map { [BrokerUser(name: $0.name, tags: [.administrator], isConfigured: true)] } ?? []
        return (made + named).sorted { ($0.name, $0.isConfigured ? 0 : 1) < ($1.name, $1.isConfigured ? 0 : 1) }
    }
}
