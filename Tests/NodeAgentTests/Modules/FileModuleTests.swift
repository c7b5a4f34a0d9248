import Foundation
import MusterCore
import SaltProtocol
import Testing

@testable import NodeAgent

@Suite("Module file")
struct FileModuleTests {
    let tree: FileTree

    init() throws {
        tree = try FileTree(
            ["a.txt": "one\ntwo\nthree\n", "dir/b.log": "x", "dir/deep/c.LOG": "needle\n"], links: ["link": "a.txt"])
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: tree.path("a.txt"))
    }

    private func call(_ name: String, _ arguments: [Value], _ keywords: ValueMap = [:]) async throws -> Value {
        try await ExecutionModule.file.call(name, arguments, keywords, processes: FoundationProcesses())
    }

    /// `@` stands for the root of the tree.
    private func placed(_ value: Value) -> Value {
        switch value {
        case .string(let text): .string(text == "@" ? tree.root : text.replacing("@/", with: tree.root + "/"))
        case .array(let elements): .array(elements.map(placed))
        case .map(let map): .map(ValueMap(map.map { (key: placed($0.key), value: placed($0.value)) }))
        case .null, .bool, .int, .uint, .double, .bytes: value
        }
    }

    @Test(
        "answers questions",
        arguments: [
            ("file_exists", ["@/a.txt"], [:], true), ("file_exists", ["@/dir"], [:], false),
            ("file_exists", ["@/no"], [:], false), ("directory_exists", ["@/dir"], [:], true),
            ("directory_exists", ["@/a.txt"], [:], false), ("is_link", ["@/link"], [:], true),
            ("is_link", ["@/a.txt"], [:], false),
            ("path_exists_glob", ["@/*.txt"], [:], true), ("path_exists_glob", ["@/*.no"], [:], false),
            ("readlink", ["@/link"], [:], "a.txt"), ("readdir", ["@/dir"], [:], [".", "..", "b.log", "deep"]),
            ("access", ["@/a.txt", "r"], [:], true), ("access", ["@/a.txt", "x"], [:], false),
            ("get_mode", ["@/a.txt"], [:], "0640"), ("basename", ["/a/b.c"], [:], "b.c"),
            ("dirname", ["/a/b.c"], [:], "/a"),
            ("dirname", ["/a"], [:], "/"), ("join", ["/a", "b", "c"], [:], "/a/b/c"),
            ("get_hash", ["@/dir/b.log", "md5"], [:], "9dd4e461268c8034f5c8564e155c67a6"),
            ("get_hash", ["@/dir/b.log"], [:], "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
            ("check_hash", ["@/dir/b.log", "md5:9dd4e461268c8034f5c8564e155c67a6"], [:], true),
            ("check_hash", ["@/dir/b.log", "9dd4e461268c8034f5c8564e155c67a7"], [:], false),
            ("read", ["@/a.txt"], [:], "one\ntwo\nthree\n"), ("seek_read", ["@/a.txt", 3, 4], [:], "two"),
            ("contains", ["@/a.txt", "two"], [:], true), ("contains", ["@/a.txt", "four"], [:], false),
            ("contains_regex", ["@/a.txt", "^t.o$"], [:], true), ("contains_regex", ["@/no", "x"], [:], false),
            ("contains_glob", ["@/a.txt", "t*e"], [:], true), ("search", ["@/a.txt", "^two"], [:], true),
            ("search", ["@/a.txt", "TWO"], ["flags": ["IGNORECASE"]], true),
            ("search", ["@/no", "x"], ["ignore_if_missing": true], false), ("diskusage", ["@/dir"], [:], 8),
            ("find", ["@/dir"], [:], ["@/dir", "@/dir/b.log", "@/dir/deep", "@/dir/deep/c.LOG"]),
            ("find", ["@"], ["iname": "*.log"], ["@/dir/b.log", "@/dir/deep/c.LOG"]),
            ("find", ["@"], ["name": "*.log", "print": "name,size,type"], [["b.log", 1, "f"]]),
            ("find", ["@"], ["type": "d", "mindepth": 1], ["@/dir", "@/dir/deep"]),
            ("find", ["@"], ["type": "l"], ["@/link"]),
            ("find", ["@"], ["maxdepth": 1, "type": "f"], ["@/a.txt"]),
            ("find", ["@"], ["size": "+10b", "type": "f"], ["@/a.txt"]),
            ("find", ["@"], ["grep": "need.e"], ["@/dir/deep/c.LOG"]),
            ("find", ["@"], ["mtime": "+1d", "type": "f"], []),
            ("find", ["@"], ["regex": "\\.txt$"], ["@/a.txt"]),
        ] as [(String, [Value], ValueMap, Value)])
    func answers(_ name: String, arguments: [Value], keywords: ValueMap, expected: Value) async throws {
        #expect(try await call(name, arguments.map(placed), keywords) == placed(expected))
    }

    @Test("tells everything about a file")
    func stats() async throws {
        let stats = try await call("stats", [placed("@/a.txt"), "md5"])
        #expect(
            stats.map?.keys == [
                "inode", "uid", "gid", "group", "user", "atime", "mtime", "ctime", "size", "mode", "sum", "type",
                "target",
            ])
        #expect(stats["size"] == 14)
        #expect(stats["mode"] == "0640")
        #expect(stats["type"] == "file")
        #expect(stats["sum"] == .string(try DigestAlgorithm.md5.hex(Array("one\ntwo\nthree\n".utf8))))
    }

    @Test(
        "edits text",
        arguments: [
            ("write", ["@/a.txt", "x", "y"], [:], "Wrote 2 lines to \"@/a.txt\"", "x\ny\n"),
            ("append", ["@/a.txt", "four"], [:], "Wrote 1 lines to \"@/a.txt\"", "one\ntwo\nthree\nfour\n"),
            ("append", ["@/a.txt"], ["args": ["4", "5"]], "Wrote 2 lines to \"@/a.txt\"", "one\ntwo\nthree\n4\n5\n"),
            ("prepend", ["@/a.txt", "zero"], [:], "Prepended 1 lines to \"@/a.txt\"", "zero\none\ntwo\nthree\n"),
            ("truncate", ["@/a.txt", 4], [:], true, "one\n"),
            (
                "replace", ["@/a.txt", "t(w)o", "\\1\\g<1>!"], [:],
                "--- \n+++ \n@@ -1,3 +1,3 @@\n one\n-two\n+ww!\n three\n", "one\nww!\nthree\n"
            ),
            ("replace", ["@/a.txt", "^t", "T"], ["count": 1, "show_changes": false], true, "one\nTwo\nthree\n"),
            ("replace", ["@/a.txt", "^t", "T"], ["dry_run": true, "show_changes": false], true, "one\ntwo\nthree\n"),
            ("replace", ["@/a.txt", "nope", "x"], [:], "", "one\ntwo\nthree\n"),
            (
                "replace", ["@/a.txt", "nope", "four"], ["append_if_not_found": true, "show_changes": false], true,
                "one\ntwo\nthree\nfour\n"
            ),
            ("replace", ["@/a.txt", "two", "x"], ["search_only": true], true, "one\ntwo\nthree\n"),
            (
                "replace", ["@/a.txt", "(?P<n>tw)o", "\\g<n>"], ["show_changes": false, "preserve_inode": false], true,
                "one\ntw\nthree\n"
            ),
        ] as [(String, [Value], ValueMap, Value, String)])
    func edits(_ name: String, arguments: [Value], keywords: ValueMap, expected: Value, content: String) async throws {
        #expect(try await call(name, arguments.map(placed), keywords) == placed(expected))
        #expect(try tree.text("a.txt") == content)
        #expect(try await call("get_mode", [placed("@/a.txt")]) == "0640")
    }

    @Test("keeps a backup when it replaces")
    func backup() async throws {
        _ = try await call("replace", [placed("@/a.txt"), "two", "2"])
        #expect(try tree.text("a.txt.bak") == "one\ntwo\nthree\n")
    }

    @Test("makes, copies, moves and removes")
    func changes() async throws {
        #expect(try await call("mkdir", [placed("@/new/inner")], ["mode": "0700"]) == true)
        #expect(try await call("get_mode", [placed("@/new/inner")]) == "0700")
        #expect(try await call("makedirs", [placed("@/p/q/file")]) == .null)
        #expect(try await call("directory_exists", [placed("@/p/q")]) == true)
        #expect(try await call("touch", [placed("@/p/t")], ["mtime": 1000]) == true)
        #expect(try await call("stats", [placed("@/p/t")])["mtime"] == 1000.0)
        #expect(try await call("copy", [placed("@/dir"), placed("@/dir2")], ["recurse": true]) == true)
        #expect(try tree.text("dir2/deep/c.LOG") == "needle\n")
        #expect(try await call("copy", [placed("@/a.txt"), placed("@/dir2")]) == true)
        #expect(try tree.text("dir2/a.txt") == "one\ntwo\nthree\n")
        #expect(try await call("rename", [placed("@/dir2"), placed("@/dir3")]) == true)
        #expect(try await call("set_mode", [placed("@/dir3/a.txt"), "600"]) == "0600")
        #expect(try await call("symlink", [placed("@/dir3"), placed("@/l")]) == true)
        #expect(try await call("remove", [placed("@/l")]) == true)
        #expect(try await call("directory_exists", [placed("@/dir3/deep")]) == true)
        #expect(
            try await call("find", [placed("@/dir3")], ["name": "*.LOG", "delete": true])
                == placed(["@/dir3/deep/c.LOG"]))
        #expect(try await call("file_exists", [placed("@/dir3/deep/c.LOG")]) == false)
        #expect(try await call("remove", [placed("@/dir3")]) == true)
        #expect(try await call("remove", [placed("@/dir3")]) == false)
        #expect(
            try await call("chown", [placed("@/a.txt"), "no-such-user", "no-such-group"])
                == "User does not exist\nGroup does not exist")
    }

    @Test("greps")
    func greps() async throws {
        let found = try await call("grep", [placed("@/a.txt"), "TW", "--", "-i"])
        #expect(found["retcode"] == 0)
        #expect(found["stdout"] == "two")
    }

    @Test(
        "refuses what cannot be, and says why",
        arguments: [
            ("read", ["@/no"]), ("read", ["@/dir"]), ("stats", ["@/no"]), ("get_hash", ["@/a.txt", "crc"]),
            ("get_hash", ["@/dir"]),
            ("remove", ["relative"]), ("remove", ["//"]), ("symlink", ["x", "@/a.txt"]),
            ("set_mode", ["@/a.txt", "9"]),
            ("replace", ["@/a.txt", "(", "x"]), ("replace", ["@/a.txt", "two", "\\3"]),
            ("replace", ["@/no", "a", "b"]),
            ("readdir", ["@/a.txt"]), ("copy", ["@/dir", "@/z"]), ("check_hash", ["@/a.txt", "12"]),
            ("access", ["@/a.txt", "q"]),
            ("get_mode", []), ("truncate", ["@/a.txt", "x"]),
        ] as [(String, [Value])])
    func refuses(_ name: String, arguments: [Value]) async throws {
        let error = try await #require(throws: FunctionError.self) { try await call(name, arguments.map(placed)) }
        #expect(!error.description.isEmpty)
    }

    @Test("refuses conditions of find that it does not know")
    func refusesConditions() async {
        for keywords in [["exec": "rm {}"], ["type": "z"], ["size": "big"], ["print": "secret"]] as [ValueMap] {
            await #expect(throws: FunctionError.self) { try await call("find", [placed("@")], keywords) }
        }
    }
}
