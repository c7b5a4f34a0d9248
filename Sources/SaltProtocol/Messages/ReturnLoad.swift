package import MusterCore

/// What a node returns for a job: the fields of `_return`.
///
/// Source: Salt 3006, `salt/minion.py`, `_thread_return`, `_thread_multi_return` and `_prepare_return_pub`.
package struct ReturnLoad: Sendable, Hashable {
    /// What one function gave back.
    package struct Answer: Sendable, Hashable {
        package var value: Value
        /// `retcode`: 0 is success.
        package var code: Int
        package var isSuccess: Bool

        package init(_ value: Value, code: Int = 0, isSuccess: Bool? = nil) {
            self.value = value
            self.code = code
            self.isSuccess = isSuccess ?? (code == 0)
        }
    }

    package var publish: PublishLoad
    /// One answer for each call, in order.
    package var answers: [Answer]
    /// `highstate` for states, `nested` for errors; else nil.
    package var outputter: String?

    package init(_ publish: PublishLoad, answers: [Answer], outputter: String? = nil) {
        self.publish = publish
        self.answers = answers
        self.outputter = outputter
    }

    /// How `_stamp` is written.
    package enum Stamp: Sendable, Hashable {
        /// Without a zone: 3006 and 3007, understood by all.
        case plain
        /// With `+00:00`: 3008.
        case zoned
    }

    /// The request that carries the return.
    ///
    /// - Parameter finished: When the job ended, for `_stamp`.
    package func request(from node: NodeID, finished: Timestamp, stamp: Stamp = .plain) -> NodeRequest {
        var fields = fields
        fields.append("_stamp", .string(finished.iso8601 + (stamp == .zoned ? "+00:00" : "")))
        return NodeRequest(.returned, from: node, fields: fields)
    }

    /// The fields that do not depend on when the job ended, in order. A compound call has maps from function to value,
    /// return code and success.
    var fields: ValueMap {
        var fields = ValueMap()
        func add(_ key: String, _ value: Value?) {
            if let value { fields.append(.string(key), value) }
        }
        if case .string = publish.function, let answer = answers.first {
            add("success", .bool(answer.isSuccess))
            add("return", answer.value)
            add("retcode", .int(Int64(answer.code)))
        } else {
            add("return", byFunction(\.value))
            add("retcode", byFunction { .int(Int64($0.code)) })
            add("success", byFunction { .bool($0.isSuccess) })
        }
        add("out", outputter.map(Value.string))
        add("jid", .string(publish.job.text))
        add("fun", publish.function)
        add("fun_args", publish.arguments)
        add("user", publish.user.map(Value.string))
        add("master_id", publish.masterID.map(Value.string))
        add("metadata", publish.metadata)
        add("ret_config", publish.returnerConfiguration)
        return fields
    }

    /// A map from function name to something of its answer. Of a function that is called twice the last answer counts.
    private func byFunction(_ part: (Answer) -> Value) -> Value {
        var map = ValueMap()
        for (call, answer) in zip(publish.calls, answers) { map[call.function] = part(answer) }
        return .map(map)
    }
}
