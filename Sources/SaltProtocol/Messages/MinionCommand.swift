package import MessagePack

/// What a node may ask of a controller in a sealed request. Nothing else is dispatched; an unknown command gets `{}`.
///
/// Source: Salt 3008, `salt/master.py`, `AESFuncs.expose_methods`; `verify_minion` is useless and left out.
package enum MinionCommand: String, Sendable, Hashable, CaseIterable {
    case returned = "_return"
    case event = "_minion_event"
    case syndicReturn = "_syndic_return"
    case pillar = "_pillar"
    case masterOptions = "_master_opts"
    case masterTops = "_master_tops"
    case mine = "_mine"
    case mineGet = "_mine_get"
    case mineDelete = "_mine_delete"
    case mineFlush = "_mine_flush"
    case fileEnvironments = "_file_envs"
    case fileList = "_file_list"
    case fileListEmptyDirectories = "_file_list_emptydirs"
    case directoryList = "_dir_list"
    case symlinkList = "_symlink_list"
    case fileHash = "_file_hash"
    case fileHashAndStat = "_file_hash_and_stat"
    case fileFind = "_file_find"
    case serveFile = "_serve_file"
    case receiveFile = "_file_recv"
    case registerResources = "_register_resources"
    case revokeAuthentication = "revoke_auth"
    case publish = "minion_pub"
    case publishAndWait = "minion_publish"
    case publishedReturns = "pub_ret"
    case runner = "minion_runner"

    /// The command whose name lies at the range; nil when there is none of that name.
    package init?(_ range: Range<Int>, in reader: borrowing MessagePackReader) {
        if reader.matches(range, "_return") {
            self = .returned
        } else if let name = reader.text(range), let command = MinionCommand(rawValue: name) {
            self = command
        } else {
            return nil
        }
    }
}

/// What anybody may ask in a clear request. Nothing else is dispatched; an unknown command gets `{}`.
///
/// Source: Salt 3008, `salt/master.py`, `ClearFuncs.expose_methods`, and `_auth`.
package enum ClearCommand: String, Sendable, Hashable, CaseIterable {
    case signIn = "_auth"
    case ping
    case publish
    case getToken = "get_token"
    case makeToken = "mk_token"
    case wheel
    case runner

    /// Reads the command of an encoded clear load.
    ///
    /// - Returns: Nil when the load names no known command.
    /// - Throws: `RequestRefusal.loadIsNoMap` when it is no map.
    package static func named(in load: RawSpan) throws(RequestRefusal) -> ClearCommand? {
        do throws(MessagePackError) {
            var reader = MessagePackReader(load)
            var found: ClearCommand?
            for _ in 0..<(try reader.readMap()) {
                guard let key = try reader.readTextOrSkip(), reader.matches(key, "cmd") else {
                    try reader.skip()
                    continue
                }
                found = try reader.readTextOrSkip().flatMap { reader.text($0) }.flatMap(ClearCommand.init)
            }
            return found
        } catch .unexpectedKind(offset: 0, _, _) {
            throw .loadIsNoMap
        } catch {
            throw .undecodable(error)
        }
    }
}
