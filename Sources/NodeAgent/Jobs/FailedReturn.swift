import MusterCore

extension ValueMap {
    /// The fields of a short return that says that the job failed, in place of these, whose answer cannot be delivered.
    /// What a caller can make large is left out with the answer.
    func failedReturn(because reason: String) -> ValueMap {
        let large = ["return", "retcode", "success", "out", "fun_args", "metadata"]
        var fields: ValueMap = ["success": false, "return": .string("ERROR: \(reason)"), "retcode": 1]
        for entry in self where !large.contains(entry.key.string ?? "") { fields.append(entry.key, entry.value) }
        return fields
    }
}
