import MusterCore
import STOMP

/// Who is let in, and what that means later.
extension BrokerLoop {
    /// What becomes of a CONNECT.
    enum Verdict {
        case accepted(ServedHost, any AccessRules, AccountDesk.Identity)
        /// The `message` of the ERROR, and its body.
        case refused(String, String)
    }

    /// Judges whether a client is let in, and where it is then; at once when its password is known already.
    func judge(_ request: ConnectRequest, from connection: BrokerConnection, then answer: @escaping (Verdict) -> Void) {
        accounts.identify(login: request.login, passcode: request.passcode) { answered in
            switch answered {
            case .known(let identity): answer(self.admit(identity, request, from: connection))
            case .unknown:
                answer(self.refuse(request, "wrong user or password of '\(request.login ?? "")'", connection))
            case .busy:
                self.noteRefusal("too many sign in at once", of: connection)
                answer(.refused("Bad CONNECT", "Too many sign in at once: try again"))
            }
        }
    }

    private func admit(
        _ identity: AccountDesk.Identity, _ request: ConnectRequest, from connection: BrokerConnection
    ) -> Verdict {
        guard let name = virtualHost(for: request.host), let served = hosts[name] else {
            return refuse(request, "there is no virtual host '\(request.host ?? "")'", connection)
        }
        guard let access = accounts.access(of: identity, in: name) else {
            let user = identity.name ?? ""
            let reason =
                "user '\(user)' has no permissions in virtual host '\(name)'. An administrator changes that on the broker's "
                + "machine with: muster broker permissions set '\(user)' --vhost '\(name)' --configure REGEX --write REGEX "
                + "--read REGEX"
            noteRefusal(reason, of: connection)
            return .refused("Bad CONNECT", "Access refused: \(reason)")
        }
        return .accepted(served, access, identity)
    }

    /// The same for a wrong password and a virtual host that is not there, which is nobody's business before.
    private func refuse(_ request: ConnectRequest, _ reason: String, _ connection: BrokerConnection) -> Verdict {
        let hint = accounts.hasNoUsers ? ", and there is no user yet: 'muster broker users add NAME' makes one" : ""
        noteRefusal(reason + hint, of: connection)
        return .refused("Bad CONNECT", "Access refused for user '\(request.login ?? "")'")
    }

    /// The virtual host that a client means; nil when there is none of that name.
    ///
    /// Names that begin with a slash are virtual hosts, as with RabbitMQ. Any other that is not known is what the client
    /// calls this broker (STOMP 1.1; stomp.py, ActiveMQ's clients), and means the usual one.
    func virtualHost(for name: String?) -> String? {
        guard let name, !name.isEmpty else { return BrokerConfiguration.defaultVirtualHost }
        if hosts[name] != nil { return name }
        return name.hasPrefix("/") ? nil : BrokerConfiguration.defaultVirtualHost
    }

    /// What users may do has changed: connections get their new rules, and those without any are closed.
    ///
    /// - Returns: How many were closed.
    func refreshAccess() -> Int {
        var closed = 0
        for connection in connections.values {
            guard let place = connection.place else { continue }
            if let access = accounts.access(of: place.identity, in: place.host.name) {
                place.host.setAccess(access, of: place.peer)
            } else {
                closed += 1
                connection.dismiss(
                    place.identity.name.map { "user '\($0)' has no permissions any more" }
                        ?? "there are users now: say who you are")
            }
        }
        return closed
    }
}
