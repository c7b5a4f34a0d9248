import Foundation
import MusterCore
import MusterTestSupport
import Testing

@testable import StompBroker

@Suite struct AccountFileTests {
    private let directory: TestDirectory
    private let file: AccountFile

    init() throws {
        directory = try TestDirectory()
        file = AccountFile(path: directory.path + "/broker.json")
    }

    private func book() throws -> AccountBook {
        var book = AccountBook()
        try book.addUser("ann", PasswordHash(of: [1, 2], iterations: 3), tags: [.administrator, .monitoring])
        try book.addUser("b\"ob", PasswordHash(of: [], iterations: 3), tags: [])
        try book.addVirtualHost("/ops é")
        try book.setPermission(
            BrokerPermission(
                user: "ann", virtualHost: "/ops é", configure: "", write: "^a\\.b$", read: ".*", topicRead: "x"))
        return book
    }

    @Test("what was written is read again, by its owner only")
    func roundTrip() throws {
        #expect(try file.read() == AccountBook())
        let book = try book()
        try file.write(book)
        #expect(try file.read() == book)
        #expect(Files.status(file.path).map { $0.mode & 0o777 } == 0o600)
        #expect(Files.list(directory.path) == ["broker.json"])
        #expect(!(try Files.text(file.path)).contains("secret"))
    }

    @Test(
        "what cannot be read is refused, with the reason, and left as it is",
        arguments: [
            ("{", "damaged"), ("[]", "damaged"), ("{\"version\": 2}", "layout 2"),
            ("{\"version\": 1, \"users\": []}", "'virtualHosts' is missing"),
            (
                "{\"version\": 1, \"virtualHosts\": [], \"permissions\": [], \"users\": [{\"name\": \"a\", \"tags\": [], "
                    + "\"password\": {\"algorithm\": \"md5\", \"iterations\": 1, \"salt\": \"\", \"hash\": \"\"}}]}",
                "it is not pbkdf2-sha256"
            ),
            (
                "{\"version\": 1, \"virtualHosts\": [], \"users\": [], \"permissions\": [{\"user\": \"a\", "
                    + "\"virtualHost\": \"/\", \"configure\": \"\", \"write\": \"\", \"read\": \"\"}]}",
                "there is no user 'a'"
            ),
        ])
    func refuses(text: String, reason: String) throws {
        try Files.write(text.utf8, to: file.path, mode: 0o600)
        let error = #expect(throws: AccountFileError.self) { _ = try file.read() }
        #expect("\(try #require(error))".contains(reason), "\(String(describing: error))")
        #expect(try Files.text(file.path) == text)
    }

    @Test("a file that others may read is refused")
    func refusesOpenFiles() throws {
        try file.write(try book())
        #expect(chmod(file.path, 0o640) == 0)
        let error = #expect(throws: AccountFileError.self) { _ = try file.read() }
        #expect(error?.reason == .mode(0o640))
    }

    @Test("a broker does not start without its accounts")
    func stopsBroker() throws {
        try Files.write("{".utf8, to: file.path, mode: 0o600)
        #expect(throws: AccountFileError.self) {
            _ = try TestBroker { $0.accountPath = file.path }
        }
    }
}
