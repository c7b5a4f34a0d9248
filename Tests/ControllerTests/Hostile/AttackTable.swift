import MusterCore
import SaltProtocol
import Testing

@testable import Controller

/// Section 16 of `docs/protocols/salt.md`, and what else a peer may try on the request port, a row each.
extension Attack {
    /// Rows of one kind, which are tried one after the other against one controller.
    struct Group: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rows: [Attack]
    }

    static let groups = [
        Group(testDescription: "clear commands", rows: clearCommands),
        Group(testDescription: "versions", rows: versions),
        Group(testDescription: "malformed requests", rows: malformed),
        Group(testDescription: "identities", rows: identities), Group(testDescription: "replays", rows: replays),
        Group(testDescription: "keys", rows: keys), Group(testDescription: "commands", rows: commands),
        Group(testDescription: "returns", rows: returns), Group(testDescription: "events", rows: events),
        Group(testDescription: "sign-ins", rows: signIns),
    ]

    // MARK: Who knows nobody's keys

    /// Only `_auth` is served to strangers.
    private static let clearCommands: [Attack] =
        [
            "_prep_auth_info", "_send_pub", "_send_ssh_pub", "publish", "wheel", "runner", "ping", "get_token",
            "mk_token",
            "_return", "_pillar", "_serve_file", "_file_recv", "__init__", "run_func", "_minion_event", "revoke_auth",
            "",
        ].map { command in
            Attack("CVE-2020-11651: clear \(command.isEmpty ? "nothing" : command)", .nothing, .clearRefused) {
                $0.clear(["cmd": .string(command)])
            }
        } + [
            Attack("CVE-2020-11651: clear job for the fleet", .nothing, .clearRefused) {
                $0.clear([
                    "cmd": "publish", "fun": "cmd.run", "arg": ["id"], "tgt": "*", "tgt_type": "glob", "key": "guess",
                    "user": "root",
                ])
            },
            Attack("CVE-2020-11652: wheel writes outside of its root", .nothing, .clearRefused) {
                $0.clear([
                    "cmd": "wheel", "fun": "file_roots.write", "path": "../../etc/cron.d/x", "data": "x",
                    "eauth": "auto",
                ])
            },
            Attack("CVE-2020-11652: token that is a path", .nothing, .clearRefused) {
                $0.clear(["cmd": "get_token", "token": "../../../etc/shadow"])
            },
            Attack("CVE-2021-25281: wheel_async without authentication", .nothing, .clearRefused) {
                $0.clear(["cmd": "wheel_async", "fun": "key.accept", "match": "*"])
            },
        ]

    /// CVE-2025-62349.
    private static let versions: [Attack] =
        ([0, 1, 2, -1, .uint(.max), "3", .null, absent] as [Value]).map { version in
            Attack(
                "CVE-2025-62349: version \(version == absent ? "absent" : "\(version)")", .refused("bad load"), .refused
            ) { try $0.enveloped(["version": version]) }
        } + [
            Attack("CVE-2025-62349: sign-in of version 1", .refused("bad load"), .refused) { scene in
                let load: ValueMap = [
                    "cmd": "_auth", "id": "web9", "pub": .string(scene.stranger.key.publicKey.pem),
                ]
                return .init(frame: Value.map(["enc": "clear", "load": .map(load), "version": 1]).messagePack())
            },
            Attack("CVE-2025-62349: version 2 under the publish key", .refused("bad load"), .refused) { scene in
                let key = scene.port.ring.vouched.key
                let load = try Container(key).seal(
                    Value.map(["cmd": "_return", "id": "web2", "jid": "20261121000000000001", "return": "forged"])
                        .messagePack())
                return .init(frame: Value.map(["enc": "aes", "load": .bytes(load), "version": 2]).messagePack())
            },
        ]

    /// CVE-2023-20897: malformed requests are answered, and cost nobody anything.
    private static let malformed: [Attack] =
        [
            ("nothing at all", []), ("no MessagePack", [0xc1]), ("a number", [0x07]), ("nil", [0xc0]),
            ("an array", [0x93, 1, 2, 3]), ("an empty map", [0x80]),
            ("a map of 2^32 entries", [0xdf, 0xff, 0xff, 0xff, 0xff]),
            ("an array of 2^32 elements", [0xdd, 0xff, 0xff, 0xff, 0xff]),
            ("a text of 2^32 bytes", [0xdb, 0xff, 0xff, 0xff, 0xff]),
            ("nested 5000 deep", Array(repeating: 0x91, count: 5000)), ("HTTP", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
        ].map { name, bytes in
            Attack("CVE-2023-20897: \(name)", .refused("bad load"), .malformed) { _ in .init(frame: bytes) }
        } + [
            Attack("truncated request", .refused("bad load"), .malformed) {
                .init(frame: Array(try $0.sealed("_mine_get").frame.dropLast(20)))
            },
            Attack("request with a tail", .refused("bad load"), .malformed) {
                .init(frame: try $0.sealed("_mine_get").frame + [0])
            },
            Attack("unknown protection", .refused("bad load"), .malformed) { try $0.enveloped(["enc": "pub"]) },
            Attack("no load", .refused("bad load"), .malformed) { try $0.enveloped(["load": absent]) },
            Attack("sealed load that is a map", .refused("bad load"), .malformed) { try $0.enveloped(["load": [:]]) },
            Attack("clear load that is nil", .refused("payload and load must be a dict"), .malformed) { _ in
                .init(frame: RequestEnvelope.clear(load: [0xc0]))
            },
            Attack("sealed load that is no map", .refused("payload and load must be a dict"), .malformed) {
                .init(frame: try $0.insider.envelope([0x93, 1, 2, 3]))
            },
            Attack("sealed bomb", .refused("bad load"), .malformed) {
                .init(frame: try $0.insider.envelope([0xdf, 0xff, 0xff, 0xff, 0xff]))
            },
            Attack("sealed load nested 5000 deep", .refused("payload and load must be a dict"), .malformed) {
                .init(frame: try $0.insider.envelope(Array(repeating: 0x91, count: 5000)))
            },
            Attack("oversized clear request", .refused("bad load"), .malformed) {
                $0.clear(["cmd": "_auth", "id": .string(String(repeating: "x", count: 20_000))])
            },
            Attack("sign-in without a nonce", .refused("bad load"), .malformed) {
                $0.clear(["cmd": "_auth", "id": "web9", "pub": "x"])
            },
        ]

    // MARK: Who says that it is somebody else

    /// CVE-2020-11652, CVE-2025-22238: names that are paths; CVE-2024-38822: a node that speaks for another.
    private static let identities: [Attack] =
        [
            "../../master.pem", "..", ".", "a/b", "a\\b", "", "a\u{0}b", ".hidden", "a,b",
            String(repeating: "x", count: 256),
        ]
        .flatMap { name in
            let shown = name.count > 40 ? "of 256 bytes" : name.debugDescription
            return [
                Attack("CVE-2025-22238: outer id \(shown)", .refused("bad load"), .refused) {
                    try $0.enveloped(["id": .string(name)])
                },
                Attack(
                    "CVE-2025-22238: inner id \(shown)",
                    .refused(name.contains("\u{0}") ? "bad load: id contains a null byte" : "bad load"), .refused
                ) { try $0.sealed("_mine_get", ["id": .string(name)]) },
            ]
        } + [
            Attack("CVE-2024-38822: another's id inside", .refused("bad load"), .refused) {
                try $0.returning("20261121000000000001", ["id": "web2"])
            },
            Attack("CVE-2024-38822: another's id outside", .refused("bad load"), .refused) {
                try $0.sealed("_mine_get", outer: "web2")
            },
            Attack("CVE-2024-38822: another's id on both sides", .refused("bad load"), .refused) {
                try $0.sealed("_mine_get", ["id": "web2"], outer: "web2")
            },
            Attack("CVE-2024-38822: no token", .refused("bad load"), .refused) {
                try $0.sealed("_mine_get", ["tok": absent])
            },
            Attack("CVE-2024-38822: another's token", .refused("bad load"), .refused) {
                let token = $0.bystander.common("", nonce: try .random())["tok"] ?? .null
                return try $0.sealed("_mine_get", ["tok": token])
            },
            Attack("CVE-2024-38822: token of another form", .refused("bad load"), .refused) {
                try $0.sealed("_mine_get", ["tok": "salt"])
            },
            Attack("an id that nobody knows", .refused("bad load"), .refused) {
                try $0.sealed("_mine_get", under: .random(), as: "web9")
            },
            Attack("inner id that is a number", .refused("bad load"), .refused) {
                try $0.sealed("_mine_get", ["id": 5])
            },
            Attack("outer id that is a number", .refused("bad load"), .refused) { try $0.enveloped(["id": 5]) },
            Attack("no outer id", .refused("bad load"), .refused) { try $0.enveloped(["id": absent]) },
            Attack("no command", .refused("Some exception handling minion payload"), .refused) {
                try $0.sealed("", ["cmd": absent])
            },
        ]

    // MARK: Who repeats what was recorded

    /// CVE-2024-38823, CVE-2022-22936.
    private static let replays: [Attack] = [
        Attack("CVE-2024-38823: recorded request", .refused("bad load"), .replayed) {
            let shot = try $0.event("my/tag")
            _ = try await $0.insider.exchange(shot.frame)
            return shot
        },
        Attack("CVE-2024-38823: nonce used again", .refused("bad load"), .replayed) {
            let nonce = try Nonce.random()
            let load = $0.insider.common("_mine_get", nonce: nonce)
            _ = try await $0.insider.exchange($0.insider.envelope(Value.map(load).messagePack()))
            return try $0.sealed("_mine_get", ["nonce": .string(nonce.description)])
        },
        Attack("CVE-2024-38823: too old", .refused("bad load"), .replayed) {
            try $0.sealed("_mine_get", ["ts": .int($0.port.clock.now.seconds - 301)])
        },
        Attack("CVE-2024-38823: from a time to come", .refused("bad load"), .replayed) {
            try $0.sealed("_mine_get", ["ts": .int($0.port.clock.now.seconds + 301)])
        },
        Attack("CVE-2024-38823: the end of time", .refused("bad load"), .replayed) {
            try $0.sealed("_mine_get", ["ts": .int(.max)])
        },
        Attack("CVE-2024-38823: the beginning of time", .refused("bad load"), .replayed) {
            try $0.sealed("_mine_get", ["ts": .int(.min)])
        },
        Attack("CVE-2024-38823: no time", .refused("bad load"), .refused) {
            try $0.sealed("_mine_get", ["ts": absent])
        },
        Attack("CVE-2022-22936: no nonce", .refused("bad load"), .refused) {
            try $0.sealed("_mine_get", ["nonce": absent])
        },
        Attack("CVE-2022-22936: nonce of another length", .refused("bad load"), .refused) {
            try $0.sealed("_mine_get", ["nonce": "short"])
        },
    ]

    /// Requests that are not sealed with the session of their sender.
    private static let keys: [Attack] = [
        Attack("another node's session", .refused("bad load"), .refused) {
            guard let key = $0.bystander.session?.sessionKey else { return .init(frame: []) }
            return try $0.sealed("_mine_get", under: key, as: "web1")
        },
        Attack("the publish key", .refused("bad load"), .refused) {
            try $0.sealed("_mine_get", under: $0.port.ring.vouched.key, as: "web1")
        },
        Attack("one bit of the load flipped", .refused("bad load"), .refused) {
            var frame = try $0.sealed("_mine_get").frame
            frame[60] ^= 1
            return .init(frame: frame)
        },
        Attack("a load shorter than its code", .refused("bad load"), .refused) {
            try $0.enveloped(["load": .bytes([1, 2, 3])])
        },
        Attack("an empty load", .refused("bad load"), .refused) { try $0.enveloped(["load": .bytes([])]) },
        Attack("a load without encryption (tls_opt)", .refused("bad load"), .refused) {
            try $0.enveloped(["load": .bytes(Array("tls_opt::".utf8) + Array(repeating: 0x80, count: 80))])
        },
    ]

    // MARK: An accepted node that asks for what it may not have

    private static let commands: [Attack] =
        [
            "publish", "runner", "wheel", "_auth", "__init__", "run_func", "get_method", "verify_minion", "_send_pub",
            "_prep_auth_info", "_ext_nodes", "minion_pub", "minion_publish", "minion_runner", "_syndic_return",
            "_mine", "no_such",
        ].map { command in
            Attack("CVE-2020-11651: sealed \(command)", .sealed([:]), .unserved) {
                try $0.sealed(command, ["fun": "cmd.run", "arg": ["id"], "tgt": "*"])
            }
        } + [
            Attack("CVE-2024-22231: relay's return under a path", .sealed([:]), .unserved) {
                try $0.sealed("_syndic_return", ["load": [["id": "../../x", "jid": "../../x", "return": [:]]]])
            },
            Attack("CVE-2025-22242: returns of a job that is a path", .sealed([:]), .unserved) {
                try $0.sealed("pub_ret", ["jid": "../../../etc/shadow"])
            },
            Attack("CVE-2024-38824: file into a path", .sealed(false), .unserved) {
                try $0.sealed("_file_recv", ["path": ["..", "..", "etc", "cron.d", "x"], "data": "x", "loc": 0])
            },
            Attack("CVE-2024-22232: file from a path", .sealed(["data": "", "dest": ""]), .unserved) {
                try $0.sealed("_serve_file", ["path": "../../etc/shadow", "saltenv": "../..", "loc": 0])
            },
            Attack("CVE-2024-22232: file outside of its environment", .sealed(["path": "", "rel": ""]), .unserved) {
                try $0.sealed("_file_find", ["path": "/etc/shadow", "saltenv": "../../.."])
            },
            Attack("CVE-2025-22237: pillar of its own making", .pillar(["role": "web"]), .pillars) {
                try $0.sealed(
                    "_pillar",
                    [
                        "grains": [:], "ext": ["git": "file:///etc"], "pillar_override": ["role": "root"],
                        "saltenv": "../..", "pillarenv": "../..",
                    ])
            },
            Attack("pillar without grains", .sealed(false), .pillars) { try $0.sealed("_pillar") },
        ]

    /// CVE-2025-22242: what is filed under a job id.
    private static let returns: [Attack] =
        [
            "../../../etc/cron.d/x", "2026112100000000000", "20261121000000000001/../../x", "20261121000000000001_../x",
            "20261121000000000001\u{0}", "", 20_261_121, .null, absent,
        ].map { job in
            Attack("CVE-2025-22242: return under \(job == absent ? "no job" : "\(job)")", .sealed(""), .malformed) {
                try $0.returning(job)
            }
        } + [
            Attack("a return without a value", .sealed(""), .malformed) {
                try $0.returning("20261121000000000001", ["return": absent])
            },
            Attack("an event without a tag", .sealed(""), .malformed) { try $0.sealed("_minion_event") },
        ]

    /// CVE-2025-22239, CVE-2025-22236: what only the controller says, in the single form, in lists, and behind prefixes.
    private static let events: [Attack] =
        [
            "salt/job/20261121000000000001/publish", "salt/job/20261121000000000001/new",
            "salt/job/20261121000000000001/return", "salt/job/20261121000000000001/ret/web2",
            "salt/job/20261121000000000001/prog/web2/1", "20261121000000000001", "salt/key", "salt/auth",
            "salt/cloud/x/created", "salt/run/20261121000000000001/new", "salt/cluster/x",
            "salt/wheel/20261121000000000001/new", "salt/wheel/20261121000000000001/return", "salt/presence/change",
            "salt/minion/web2/start", "salt/beacon/web2/x", "syndic/web2/x", "minion/refresh/web2", "fire_master",
            "__master_disconnected", "_internal", "", "line\nbreak", String(repeating: "x", count: 513), "salt",
            "salt/",
        ].flatMap { tag in
            let shown = tag.count > 60 ? "513 bytes" : tag.debugDescription
            return [
                Attack("CVE-2025-22239: event \(shown)", .sealed(.null), .refusedEvents) { try $0.event(tag) },
                Attack("CVE-2025-22239: event \(shown) in a list", .sealed(.null), .refusedEvents) {
                    try $0.event(tag, inList: true)
                },
            ]
        } + [
            Attack("event of more than a megabyte", .sealed(.null), .droppedEvents) {
                try $0.event("my/tag", data: .string(String(repeating: "x", count: 1 << 20)))
            },
            Attack("event of more than a megabyte in a list", .sealed(.null), .droppedEvents) {
                try $0.event("my/tag", inList: true, data: .string(String(repeating: "x", count: 1 << 20)))
            },
        ]

    // MARK: Who wants to be let in

    private static let signIns: [Attack] =
        ["../../etc/cron.d/x", "a/b", "a\\b", "..", ".", "", "a\u{0}b", "a\nb", ".hidden", "web1,web2", " web1"].map {
            id in
            Attack("CVE-2020-11652: sign-in as \(id.debugDescription)", .signIn(false), .signInsRefused) {
                try $0.signIn(id)
            }
        } + [
            Attack("sign-in with another key for a known id", .signIn(false), .signInsRefused) {
                try $0.signIn("web2")
            },
            Attack("sign-in with a text for a key", .signIn(false), .signInsRefused) {
                try $0.signIn("web8") { $0.publicKey = "ssh-rsa AAAA" }
            },
            Attack("sign-in with an empty key", .signIn(false), .signInsRefused) {
                try $0.signIn("web8") { $0.publicKey = "" }
            },
            Attack("sign-in with half a key", .signIn(false), .signInsRefused) {
                try $0.signIn("web8") { $0.publicKey = String($0.publicKey.prefix(120)) }
            },
            Attack("sign-in under an unknown encryption", .unsigned("bad enc algo"), .signInsRefused) {
                try $0.signIn("web8") { $0.encryption = "OAEP-MD5" }
            },
            Attack("sign-in under an unknown signature", .unsigned("bad sig algo"), .signInsRefused) {
                try $0.signIn("web8") { $0.signature = "NONE" }
            },
            Attack("sign-in with a token that is none", .signIn("granted"), .signIns) {
                try $0.signIn("web2", key: Make.keys[1]) { $0.token = Array(repeating: 7, count: 128) }
            },
        ]
}
