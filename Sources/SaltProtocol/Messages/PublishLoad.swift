package import MessagePack
package import MusterCore

/// A job as it travels to the nodes: the opened load of a publish.
///
/// Source: Salt 3007, `salt/master.py`, `ClearFuncs._prep_pub` (also the order of the fields); `salt/minion.py`,
/// `Minion._handle_decoded_payload`.
package struct PublishLoad: Sendable, Hashable {
    package var job: JobID
    /// What runs, at least one.
    package var calls: [FunctionCall]
    /// `fun` as sent; nodes echo it.
    package var function: Value
    /// `arg` as sent; nodes echo it as `fun_args`.
    package var arguments: Value
    /// Nil when the target is of a type that no node here can judge: it is for nobody.
    package var target: Target?
    /// `tgt` and `tgt_type` as sent.
    package var saltTarget: Value
    package var saltTargetType: String
    /// Comma-separated returner names, usually empty.
    package var returners: String
    package var user: String?
    /// Increases with every publish under one key; absent only from master clusters.
    package var serial: Int64?
    /// Which of several masters published; nodes echo it.
    package var masterID: String?
    /// The node that published, when it was one.
    package var publisher: String?
    /// Seconds for relays, from a controller that has them below.
    package var timeout: Int64?
    /// Authorisation for relays, from a controller that has them below.
    package var authorization: Value?
    package var metadata: Value?
    package var returnerConfiguration: Value?
    package var returnerKeywords: Value?
    package var moduleExecutors: Value?
    package var executorOptions: Value?

    /// The publish of a job.
    package init(_ job: Job, serial: Int64) {
        self.job = job.id
        calls = job.calls
        function = job.calls.saltFunction
        arguments = job.calls.saltArguments
        target = job.target
        saltTarget = job.target.saltTarget
        saltTargetType = job.target.kind.rawValue
        returners = job.returners
        user = job.user
        metadata = job.metadata
        self.serial = serial
    }
}

// MARK: Reading

extension PublishLoad {
    /// Reads an opened load.
    package init(messagePack bytes: [UInt8]) throws(MessageError) { try self.init(messagePack: bytes.span.bytes) }

    /// Reads an opened load. `tgt`, `jid`, `fun` and `arg` must be there; `tgt_type` is glob when it is not.
    package init(messagePack bytes: RawSpan, limits: MessagePackLimits = .standard) throws(MessageError) {
        let value: Value
        do throws(MessagePackError) {
            value = try Value(messagePack: bytes, limits: limits)
        } catch {
            throw .undecodable(error)
        }
        guard let map = value.map else { throw .invalidField("load") }
        try self.init(map)
    }

    /// Reads the fields of a load.
    package init(_ map: ValueMap) throws(MessageError) {
        guard let jid = map["jid"] else { throw .missingField("jid") }
        guard let job = jid.string.flatMap({ JobID($0) }) else { throw .invalidField("jid") }
        guard let function = map["fun"] else { throw .missingField("fun") }
        guard let arguments = map["arg"] else { throw .missingField("arg") }
        guard let calls = [FunctionCall](saltFunction: function, arguments: arguments) else {
            throw .invalidField("fun")
        }
        guard let target = map["tgt"] else { throw .missingField("tgt") }
        self.job = job
        self.calls = calls
        self.function = function
        self.arguments = arguments
        saltTarget = target
        saltTargetType = map["tgt_type"]?.string ?? Target.Kind.glob.rawValue
        self.target = Target(saltTarget: target, type: saltTargetType, delimiter: map["delimiter"]?.string)
        returners = map["ret"]?.string ?? ""
        user = map["user"]?.string
        serial = map["serial"]?.int
        masterID = map["master_id"]?.string
        publisher = map["id"]?.string
        timeout = map["to"]?.int
        authorization = map["auth_list"]
        metadata = map["metadata"]
        returnerConfiguration = map["ret_config"]
        returnerKeywords = map["ret_kwargs"]
        moduleExecutors = map["module_executors"]
        executorOptions = map["executor_opts"]
    }
}

// MARK: Writing

extension PublishLoad {
    /// The fields in the order in which Salt writes them.
    package var fields: ValueMap {
        var map: ValueMap = [
            "fun": function, "arg": arguments, "tgt": saltTarget, "jid": .string(job.text), "ret": .string(returners),
        ]
        func add(_ key: String, _ value: Value?) {
            if let value { map.append(.string(key), value) }
        }
        add("master_id", masterID.map(Value.string))
        if let delimiter = target?.delimiter, delimiter != ":" { add("delimiter", .string(delimiter)) }
        add("id", publisher.map(Value.string))
        add("tgt_type", .string(saltTargetType))
        add("to", timeout.map(Value.int))
        add("ret_config", returnerConfiguration)
        add("metadata", metadata)
        add("module_executors", moduleExecutors)
        add("executor_opts", executorOptions)
        add("ret_kwargs", returnerKeywords)
        add("user", user.map(Value.string))
        add("auth_list", authorization)
        add("serial", serial.map(Value.int))
        return map
    }

    /// The load, ready to be sealed with the publish key.
    package func encoded() -> [UInt8] { Value.map(fields).messagePack() }
}
