import Glibc
import MCollectiveProtocol
import MusterCore

extension CollectiveAgent {
    /// `filemgr`: makes, removes and describes files.
    package static let filemgr = CollectiveAgent(
        StandardDDLs.agent(named: "filemgr") ?? DDL(),
        actions: [
            "touch": { call in
                let path = call.text("file") ?? ""
                if FileStatus(path, followsLinks: false) == nil {
                    try FileAccess.write([], to: path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
                } else if utimensat(AT_FDCWD, path, nil, 0) != 0 {
                    throw FileAccess.failure("touch", path)
                }
                return [:]
            },
            "remove": { call in
                let path = call.text("file") ?? ""
                switch FileStatus(path, followsLinks: false)?.kind {
                case nil: throw ActionFailure("Could not remove file '\(path)' - it is not present")
                case .dir: throw ActionFailure("Could not remove file '\(path)' - it is a directory")
                default: try FileAccess.remove(path)
                }
                return [:]
            },
            "status": { call in
                let path = call.text("file") ?? ""
                var outputs = try FileDescription.outputs(of: path, at: .now)
                if call.isTrue("dirlist"), FileStatus(path)?.kind == .dir {
                    let names = try FileAccess.names(in: path).sorted()
                    outputs[.symbol("dir_listing")] = .texts(names)
                }
                return outputs
            },
        ])
}
