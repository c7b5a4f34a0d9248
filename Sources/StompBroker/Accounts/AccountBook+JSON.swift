import MusterCore

/// The book as a file has it: JSON with a number for its layout, so that an older program refuses what it would lose.
extension AccountBook {
    private struct Document: Codable {
        struct User: Codable {
            var name: String
            var password: PasswordHash
            var tags: [BrokerUserTag]
        }

        var version: Int
        var users: [User]
        var virtualHosts: [String]
        var permissions: [BrokerPermission]
    }

    private struct Version: Codable {
        var version: Int
    }

    private static let version = 1

    var json: String {
        get throws {
            let document = Document(
                version: AccountBook.version,
                users: users.sorted { $0.key < $1.key }.map { name, user in
                    .init(
                        name: name, password: user.password, tags: user.tags.sorted { $0.rawValue < $1.rawValue })
                },
                virtualHosts: virtualHosts.sorted(), permissions: sortedPermissions)
            return JSON.text(try ValueEncoder().encode(document), layout: .indented(2)) + "\n"
        }
    }

    /// Reads what `json` made.
    ///
    /// - Throws: `AccountFileError.Reason`.
    init(json text: [UInt8]) throws(AccountFileError.Reason) {
        let document: Document
        do {
            let value = try JSON.value(text)
            let version = try ValueDecoder().decode(Version.self, from: value).version
            guard version == AccountBook.version else { throw AccountFileError.Reason.version(version) }
            document = try ValueDecoder().decode(from: value)
        } catch let reason as AccountFileError.Reason {
            throw reason
        } catch let error as DecodingError {
            throw .damaged(AccountBook.explain(error))
        } catch {
            throw .damaged("\(error)")
        }
        do throws(BrokerServiceError) {
            for user in document.users { try addUser(user.name, user.password, tags: user.tags) }
            for name in document.virtualHosts { try addVirtualHost(name) }
            for permission in document.permissions { try setPermission(permission) }
        } catch {
            throw .damaged("\(error)")
        }
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "'\((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "'\(context.codingPath.map(\.stringValue).joined(separator: "."))': \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }
}
