import MessagePack
import MusterCore
import SaltProtocol

/// What nodes are told about files, mine and the like: this controller serves none yet, and says so in the shapes that
/// Salt's own master uses for "nothing there". Nil for commands that have an answer of their own elsewhere.
///
/// Source: `docs/protocols/salt.md`, section 9.2.
enum FileServerAnswers {
    static func answer(to command: MinionCommand) -> Value? {
        switch command {
        case .fileEnvironments: ["base"]
        case .fileList, .fileListEmptyDirectories, .directoryList: []
        case .symlinkList, .masterTops, .mineGet: [:]
        case .fileHash: ""
        case .fileHashAndStat: ["", nil]
        case .fileFind: ["path": "", "rel": ""]
        case .serveFile: ["data": "", "dest": ""]
        case .receiveFile: false
        case .masterOptions: masterOptions
        case .registerResources: true
        // Refused for want of permission or of the service: Salt's master answers the same to what it does not allow.
        case .mine, .mineDelete, .mineFlush, .publish, .publishAndWait, .publishedReturns, .runner, .syndicReturn: [:]
        case .returned, .event, .pillar, .revokeAuthentication: nil
        }
    }

    private static let masterOptions: Value = [
        "renderer": "jinja|yaml",
        "failhard": false,
        "state_top": "salt://top.sls",
        "state_top_saltenv": nil,
        "nodegroups": [:],
        "state_auto_order": true,
        "state_events": false,
        "state_aggregate": false,
        "jinja_env": [:],
        "jinja_sls_env": [:],
        "jinja_lstrip_blocks": false,
        "jinja_trim_blocks": false,
        "file_roots": ["base": []],
        "top_file_merging_strategy": "merge",
        "env_order": [],
        "default_top": "base",
    ]
}
