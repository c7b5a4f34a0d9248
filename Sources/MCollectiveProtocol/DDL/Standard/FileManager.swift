extension DDL {
    /// Makes, removes and describes files.
    static let filemgrAgent = agent(
        "filemgr", "File Manager", timeout: 5,
        [
            .action("touch", "Creates an empty file or touches its timestamp", inputs: [.file("file")]),
            .action("remove", "Removes a file", inputs: [.file("file")]),
            .action(
                "status", "Basic information about a file", display: .always,
                inputs: [
                    .file("file"), .flag("dirlist", "Whether the names in a directory are given", prompt: "List"),
                ],
                outputs: DDLOutput.fileStatus + [
                    .output("dir_listing", "The names in the directory", "Directory Listing", default: .hash([:]))
                ]),
        ])

    /// The description of a file, for filters.
    static let fstatData = data(
        "File Stat", "Retrieve file stat data for a given file",
        query: .input(
            "query", .string(.regexp(RubyRegexp(".+")), maxLength: 120), "Valid File Name", "File Name"),
        DDLOutput.fileStatus)
}

extension DDLInput {
    fileprivate static func file(_ name: String) -> DDLInput {
        .text(name, "File to act on", prompt: "File", matching: "^.+$", max: 256)
    }
}

extension DDLOutput {
    /// What is told of a file; the ages are of the moment of the answer.
    fileprivate static let fileStatus: [DDLOutput] = [
        .output("name", "File name", "Name"),
        .output("output", "Human readable information about the file", "Status"),
        .output("present", "Indicates if the file exist using 0 or 1", "Present"),
        .output("size", "File size", "Size"),
        .output("mode", "File mode", "Mode"),
        .output("md5", "File MD5 digest", "MD5"),
        .output("mtime", "File modification time", "Modification time"),
        .output("ctime", "File change time", "Change time"),
        .output("atime", "File access time", "Access time"),
        .output("mtime_seconds", "File modification time in seconds", "Modification time"),
        .output("ctime_seconds", "File change time in seconds", "Change time"),
        .output("atime_seconds", "File access time in seconds", "Access time"),
        .output("mtime_age", "File modification age in seconds", "Modification age"),
        .output("ctime_age", "File change age in seconds", "Change age"),
        .output("atime_age", "File access age in seconds", "Access age"),
        .output("uid", "File owner", "Owner"),
        .output("gid", "File group", "Group"),
        .output("type", "File type", "Type"),
    ]
}
