import DaemonSupport
import Glibc
import MusterCore
import MusterTestSupport
import Testing

@Suite struct TemporaryDirectoryTests {
    @Test func goesWithEverythingInIt() throws {
        let (directory, other) = (try TemporaryDirectory("mt"), try TemporaryDirectory("mt"))
        defer { other.remove() }
        try Files.makeDirectory(directory.file("a/b"))
        try Files.write([1], to: directory.file("a/b/c"))
        try Files.write([1], to: other.file("kept"))
        #expect(symlink(other.path, directory.file("a/link")) == 0)
        directory.remove()
        #expect(Files.status(directory.path) == nil)
        #expect(Files.status(other.file("kept")) != nil, "links are not followed")
    }

    @Test func isItsOwnersAlone() throws {
        let directory = try TemporaryDirectory("mt")
        defer { directory.remove() }
        #expect(Files.status(directory.path).map { $0.mode & 0o777 } == 0o700)
    }

    @Test(
        "lies in /tmp where sockets below it would have no room for their path",
        arguments: [nil, "relative", "/" + String(repeating: "x", count: 60)])
    func fallsBack(_ parent: String?) throws {
        let directory = try TemporaryDirectory("mt", below: parent)
        defer { directory.remove() }
        #expect(directory.path.hasPrefix("/tmp/mt-"))
    }

    @Test func saysWhereItCannotBeMade() {
        #expect(throws: FileError(.makeDirectory, "/no/such/mt-…", ENOENT)) {
            try TemporaryDirectory("mt", below: "/no/such")
        }
    }
}
