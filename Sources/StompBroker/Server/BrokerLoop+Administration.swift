import Foundation
import Logging
import MusterCore
import NIOCore

/// The changes that operators make: one after the other, stored before they count, on the loop but for what takes long.
extension BrokerLoop {
    /// Makes a change, after those before it, and puts it into the log with who wanted it.
    func change(_ change: BrokerChange, by user: String) -> EventLoopFuture<BrokerChangeResult> {
        let result = lastChange.assumeIsolated().flatMap { self.make(change) }.nonisolated()
        lastChange = result.map { _ in }.recover { _ in }
        result.assumeIsolated().whenComplete { self.audit(change, by: user, $0) }
        return result
    }

    private func make(_ change: BrokerChange) -> EventLoopFuture<BrokerChangeResult> {
        do throws(BrokerServiceError) {
            guard emptied == nil else { throw .shuttingDown }
            switch change.action {
            case .addUser, .deleteUser, .setPassword, .setTags: return try changeUser(change)
            case .setPermission, .clearPermission: return try changePermission(change)
            case .addVirtualHost: return try addVirtualHost(try name(change.virtualHost, "virtualHost"))
            case .deleteVirtualHost:
                return try deleteVirtualHost(
                    try name(change.virtualHost, "virtualHost"), isForced: change.isForced ?? false)
            case .purge: return done(try purge(change))
            case .closeConnection: return done(try closeConnection(change.connection ?? 0))
            }
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    // MARK: Users and permissions

    private func changeUser(_ change: BrokerChange) throws(BrokerServiceError) -> EventLoopFuture<BrokerChangeResult> {
        let name = try name(change.user, "user")
        guard accounts.configured?.name != name else { throw .isConfigured("user '\(name)'") }
        let isThere = accounts.book.users[name] != nil
        switch change.action {
        case .addUser:
            guard !isThere else { throw .userExists(name) }
            let tags = change.tags ?? []
            return try withPassword(change) { hash in
                self.edit { book throws(BrokerServiceError) in try book.addUser(name, hash, tags: tags) }
            }
        case .setPassword:
            guard isThere else { throw .unknownUser(name) }
            return try withPassword(change) { hash in
                self.edit { book throws(BrokerServiceError) in try book.setPassword(of: name, hash) }
            }
        case .setTags:
            let tags = change.tags ?? []
            return edit { book throws(BrokerServiceError) in try book.setTags(of: name, tags) }
        default: return edit { book throws(BrokerServiceError) in try book.deleteUser(name) }
        }
    }

    private func withPassword(
        _ change: BrokerChange, then next: @escaping (PasswordHash) -> EventLoopFuture<BrokerChangeResult>
    ) throws(BrokerServiceError) -> EventLoopFuture<BrokerChangeResult> {
        // What CONNECT of STOMP 1.0 can carry.
        let password = change.password ?? ""
        guard (1...255).contains(password.utf8.count), password.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw .invalid("a password has 1 to 255 bytes and no control characters")
        }
        guard accountFile != nil else { throw .notKept }
        return accounts.passwords.hash(password).assumeIsolated().flatMap(next).nonisolated()
    }

    private func changePermission(_ change: BrokerChange) throws(BrokerServiceError)
        -> EventLoopFuture<BrokerChangeResult>
    {
        if change.action == .clearPermission {
            let (user, host) = (try name(change.user, "user"), try name(change.virtualHost, "virtualHost"))
            return edit { book throws(BrokerServiceError) in try book.clearPermission(of: user, in: host) }
        }
        guard let permission = change.permission else { throw .invalid("'permission' is missing") }
        guard accounts.configured?.name != permission.user else { throw .isConfigured("user '\(permission.user)'") }
        guard hosts[permission.virtualHost] != nil else { throw .unknownVirtualHost(permission.virtualHost) }
        return edit { book throws(BrokerServiceError) in try book.setPermission(permission) }
    }

    /// Changes the book: on disk first, then for those who come and those who are here.
    private func edit(
        _ body: (inout AccountBook) throws(BrokerServiceError) -> Void
    ) -> EventLoopFuture<BrokerChangeResult> {
        guard let file = accountFile else {
            return eventLoop.makeFailedFuture(BrokerServiceError.notKept)
        }
        var edited = accounts.book
        do throws(BrokerServiceError) {
            try body(&edited)
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        let book = edited
        let promise = eventLoop.makePromise(of: Void.self)
        fileWork { _ in
            do {
                try file.write(book)
                promise.succeed()
            } catch {
                promise.fail(BrokerServiceError.cannotStore("\(error)"))
            }
        }
        return promise.futureResult.assumeIsolated().map {
            self.accounts.book = book
            return BrokerChangeResult(connections: self.refreshAccess())
        }.nonisolated()
    }

    // MARK: Virtual hosts

    private func addVirtualHost(_ name: String) throws(BrokerServiceError) -> EventLoopFuture<BrokerChangeResult> {
        guard hosts[name] == nil else { throw .virtualHostExists(name) }
        guard removing[name] == nil else { throw .isBeingRemoved(name) }
        // Before anything is written: its messages need a directory, and one that cannot be made stops every later start.
        guard ServedHost.directoryName(name).utf8.count <= 255 else {
            throw .cannotStore("the name is too long for a directory")
        }
        return edit { book throws(BrokerServiceError) in try book.addVirtualHost(name) }
            .assumeIsolated().flatMapThrowing { result in
                do {
                    self.hosts[name] = try self.makeHost(name)
                } catch {
                    throw BrokerServiceError.cannotStore("\(error)")
                }
                return result
            }.nonisolated()
    }

    private func deleteVirtualHost(_ name: String, isForced: Bool) throws(BrokerServiceError)
        -> EventLoopFuture<BrokerChangeResult>
    {
        guard let served = hosts[name] else { throw .unknownVirtualHost(name) }
        guard !configuredVirtualHosts.contains(name) else { throw .isConfigured("virtual host '\(name)'") }
        let messages = served.host.load.messages
        guard messages == 0 || isForced else { throw .hasMessages(name, count: messages) }
        return edit { book throws(BrokerServiceError) in try book.deleteVirtualHost(name) }
            .assumeIsolated().map { _ in
                let clients = self.connections.values.filter { $0.place?.served === served }
                for client in clients { client.dismiss("virtual host '\(name)' was deleted") }
                self.hosts[name] = nil
                self.removing[name] = served
                served.close()
                if served.isClosed { self.removed(name) }
                return BrokerChangeResult(messages: messages, connections: clients.count)
            }.nonisolated()
    }

    /// The log of a virtual host that was deleted is closed.
    func removed(_ name: String) {
        guard removing[name] != nil else { return }
        guard let directory = configuration.dataDirectory else { return forget(name) }
        let path = "\(directory)/\(ServedHost.directoryName(name))"
        let (broker, loop, logger) = (NIOLoopBound(self, eventLoop: eventLoop), eventLoop, logger)
        fileWork { _ in
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                logger.error("messages not removed", metadata: ["file.path": "\(path)", "error": "\(error)"])
            }
            loop.execute { broker.value.forget(name) }
        }
    }

    private func forget(_ name: String) {
        removing[name] = nil
        endIfDone()
    }

    // MARK: Queues and connections

    private func purge(_ change: BrokerChange) throws(BrokerServiceError) -> BrokerChangeResult {
        let host = change.virtualHost ?? BrokerConfiguration.defaultVirtualHost
        let queue = try name(change.queue, "queue")
        guard let served = hosts[host] else { throw .unknownVirtualHost(host) }
        guard let count = served.host.purge(queue) else { throw .unknownQueue(queue, virtualHost: host) }
        perform(served.host)
        return BrokerChangeResult(messages: count)
    }

    private func closeConnection(_ number: Int) throws(BrokerServiceError) -> BrokerChangeResult {
        guard let connection = connections.values.first(where: { $0.number == number }) else {
            throw .unknownConnection(number)
        }
        connection.dismiss("an administrator closed it")
        return BrokerChangeResult(connections: 1)
    }

    // MARK: Small things

    private func name(_ text: String?, _ key: String) throws(BrokerServiceError) -> String {
        guard let text, !text.isEmpty else { throw .invalid("'\(key)' is missing") }
        return text
    }

    private func done(_ result: BrokerChangeResult) -> EventLoopFuture<BrokerChangeResult> {
        eventLoop.makeSucceededFuture(result)
    }

    private func audit(_ change: BrokerChange, by user: String, _ result: Result<BrokerChangeResult, any Error>) {
        var metadata: Logger.Metadata = ["user": "\(user.loggable)"]
        if let name = change.user ?? change.permission?.user { metadata["stomp.user"] = "\(name.loggable)" }
        if let name = change.virtualHost ?? change.permission?.virtualHost {
            metadata["stomp.vhost"] = "\(name.loggable)"
        }
        if let name = change.queue { metadata["stomp.queue"] = "\(name.loggable)" }
        if let number = change.connection { metadata["stomp.connection"] = "\(number)" }
        switch result {
        case .success: break
        case .failure(let error): metadata["refused"] = "\("\(error)".loggable)"
        }
        logger.notice("audit: broker \(change.action.rawValue)", metadata: metadata)
    }
}
