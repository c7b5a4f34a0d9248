package import MusterCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where the book of accounts is kept: readable by its owner only, replaced as a whole.
struct AccountFile: Sendable {
    let path: String
    private static let limitBytes = 64 << 20

    /// The book; an empty one when there is no file. A file that cannot be read is left as it is.
    func read() throws(AccountFileError) -> AccountBook {
        let text: [UInt8]
        do throws(FileError) {
            text = try Files.read(path, limitBytes: AccountFile.limitBytes)
        } catch {
            guard error.code == ENOENT else { throw AccountFileError(path: path, reason: .file(error)) }
            return AccountBook()
        }
        if let mode = Files.status(path)?.mode, mode & 0o077 != 0 {
            throw AccountFileError(path: path, reason: .mode(mode & 0o777))
        }
        do throws(AccountFileError.Reason) {
            return try AccountBook(json: text)
        } catch {
            throw AccountFileError(path: path, reason: error)
        }
    }

    /// Puts a book in the place of the one before; when it returns, the new one survives a power cut.
    func write(_ book: AccountBook) throws {
        try Files.write(try book.json.utf8, to: path, mode: 0o600)
        try Files.synchronizeDirectory(of: path)
    }
}

/// Why the accounts cannot be used. The broker does not start then: without them it might let everybody in.
package struct AccountFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Error, Hashable, Sendable {
        case file(FileError)
        /// Others than its owner may read or change it.
        case mode(UInt32)
        /// Another program's layout.
        case version(Int)
        case damaged(String)
    }

    package let path: String
    package let reason: Reason

    package var description: String {
        switch reason {
        case .file(let error): "\(error)"
        case .mode(let mode):
            "'\(path)' holds password hashes and has mode \(String(mode, radix: 8)): chmod 600 it, if nobody else has changed it"
        case .version(let version):
            "'\(path)' was written by another version of muster (layout \(version)): start that one"
        case .damaged(let what): "'\(path)' is damaged: \(what). Put back a copy, or repair it; it is JSON"
        }
    }
}
