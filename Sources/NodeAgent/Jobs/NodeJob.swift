package import MusterCore

/// A job as a node runs it, whichever wire it came on.
package struct NodeJob: Sendable, Hashable {
    package var id: JobID
    /// At least one; they run one after the other.
    package var calls: [FunctionCall]
    /// What came on the wire, under Salt's names (`jid`, `fun`, `arg`, `tgt`, `tgt_type`, `ret`, `user`): shown by
    /// `saltutil.find_job`, and to functions as `__pub_*`.
    package var publication: ValueMap

    package init(id: JobID, calls: [FunctionCall], publication: ValueMap) {
        self.id = id
        self.calls = calls
        self.publication = publication
    }

    /// Functions that look after jobs: they run at once, however many jobs run.
    package var isUrgent: Bool {
        calls.allSatisfy { call in
            call.function.hasPrefix("saltutil.")
                && NodeJob.urgentFunctions.contains(String(call.function.dropFirst("saltutil.".count)))
        }
    }

    /// Of the module `saltutil`.
    static let urgentFunctions: Set<String> = [
        "find_job", "running", "is_running", "signal_job", "term_job", "kill_job", "term_all_jobs", "kill_all_jobs",
    ]
}

/// What came of one call: Salt's `return`, `retcode`, `success` and `out`.
package struct CallAnswer: Sendable, Hashable {
    package var value: Value
    /// 0 is success.
    package var returnCode: Int
    package var isSuccess: Bool
    /// The layout to print it with; errors ask for `nested`.
    package var outputter: String?

    package init(_ value: Value, returnCode: Int = 0, outputter: String? = nil) {
        self.value = value
        self.returnCode = returnCode
        self.outputter = outputter
        isSuccess = returnCode == 0
    }

    /// The answer of a function that came to its end. A map that says `result` or `success` is false has failed even if
    /// the function set no return code.
    ///
    /// Source: Salt 3008, `salt/minion.py`, `_thread_return`.
    package init(_ result: FunctionResult) {
        var code = result.returnCode
        if code == 0, let map = result.value.map {
            let isGood = ["result", "success"].allSatisfy { map[$0]?.isTruthy ?? true }
            if !isGood { code = 1 }
        }
        self.init(result.value, returnCode: code, outputter: result.outputter)
    }

    /// The answer of a function that failed, in Salt's words.
    package init(failure error: any Error, of function: String) {
        self.init(.string(CallAnswer.text(error, function)), returnCode: 1, outputter: "nested")
    }

    private static func text(_ error: any Error, _ function: String) -> String {
        guard let error = error as? FunctionError else {
            return error is CancellationError
                ? "ERROR: \(FunctionError.cancelled)" : "The minion function caused an exception: \(error)"
        }
        return switch error {
        case .notAvailable, .invalidArguments: error.description
        case .unknownKeywords: "ERROR executing '\(function)': \(error)"
        case .exception: "The minion function caused an exception: \(error)"
        case .failed, .timedOut, .cancelled: "ERROR: \(error)"
        }
    }
}
