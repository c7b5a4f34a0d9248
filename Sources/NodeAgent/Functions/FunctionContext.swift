package import MusterCore

/// What a function may know and use while it runs.
package struct FunctionContext: Sendable {
    package let node: NodeID
    /// The job that called it; nil for a local call.
    package let job: JobID?
    /// The job's publish data as `__pub_*` keys, for functions that show them; empty for a local call.
    package let publication: ValueMap
    /// The node's configuration under Salt's key names.
    package let configuration: ValueMap
    /// The node's facts (grains): read and refreshed here, never gathered by a function itself.
    package let facts: any FactsProvider
    /// The pillar that the controller gave the node; empty when there is none.
    package let pillar: ValueMap
    /// Runs programs; ends their whole process group when the job is cancelled or over its limit.
    package let processes: any ProcessRunning
    /// The node's running jobs, for `saltutil`.
    package let jobs: any RunningJobs
    /// The functions that the node offers, for `sys`.
    package let functions: any FunctionCatalog
    /// What a function may ask of the masters.
    package let masters: any MasterActions
    /// Calls another function of this node, as `cmd.run` does for `onlyif`.
    package let call: @Sendable (FunctionCall) async throws -> FunctionResult

    package init(
        node: NodeID, job: JobID?, publication: ValueMap, configuration: ValueMap, facts: any FactsProvider,
        pillar: ValueMap, processes: any ProcessRunning, jobs: any RunningJobs,
        functions: any FunctionCatalog = EmptyCatalog(), masters: any MasterActions = NoMasters(),
        call: @escaping @Sendable (FunctionCall) async throws -> FunctionResult
    ) {
        self.node = node
        self.job = job
        self.publication = publication
        self.configuration = configuration
        self.facts = facts
        self.pillar = pillar
        self.processes = processes
        self.jobs = jobs
        self.functions = functions
        self.masters = masters
        self.call = call
    }
}

/// The node's facts, gathered once and again on request, with the operator's own on top.
package protocol FactsProvider: Sendable {
    /// The facts as they stand, under Salt's grain names.
    func facts() async -> ValueMap
    /// Gathers them anew.
    func refresh() async throws
    /// Stores an operator's fact persistently (Salt's `grains.setval`); null with `removing` removes the key.
    func set(_ key: String, to value: Value) async throws
    /// Removes an operator's fact persistently.
    func remove(_ key: String) async throws
}

/// Runs programs on the node.
package protocol ProcessRunning: Sendable {
    /// Runs a program to its end.
    ///
    /// - Throws: `FunctionError.failed` when it cannot be started; `.timedOut` and `.cancelled` after its process group
    ///   was ended.
    func run(_ command: ProcessCommand) async throws -> ProcessResult
}

/// A program to run.
package struct ProcessCommand: Sendable, Hashable {
    /// The program and its arguments; the program is looked up in PATH when it has no `/`.
    package var arguments: [String]
    package var workingDirectory: String?
    /// Set on top of the node's own environment.
    package var environment: [String: String] = [:]
    /// Whether the node's own environment is given on; else the program sees only `environment`.
    package var inheritsEnvironment = true
    package var input: [UInt8] = []
    /// Login name to run as; the node must run as root.
    package var user: String?
    package var timeout: Duration?
    /// Output beyond this many bytes per stream is cut, and the result says so.
    package var outputLimitBytes = 8 << 20
    /// Whether standard error goes into standard output, in the order written.
    package var mergesError = false
    /// Octal file creation mask; nil leaves the node's own.
    package var umask: Int?

    package init(_ arguments: [String]) { self.arguments = arguments }
}

/// How a program ended.
package struct ProcessResult: Sendable, Hashable {
    package var processID: Int
    /// Exit status, or minus the signal number that ended it, as Python reports it.
    package var exitCode: Int
    package var output: [UInt8]
    package var error: [UInt8]
    package var isOutputCut: Bool

    package init(processID: Int, exitCode: Int, output: [UInt8], error: [UInt8], isOutputCut: Bool) {
        self.processID = processID
        self.exitCode = exitCode
        self.output = output
        self.error = error
        self.isOutputCut = isOutputCut
    }
}

/// The jobs that run on this node now.
package protocol RunningJobs: Sendable {
    /// Salt's proc-file map of a job (`jid`, `fun`, `arg`, `tgt`, `tgt_type`, `ret`, `user`, `pid`), nil when it does not run.
    func find(_ job: JobID) async -> ValueMap?
    /// All of them, oldest first.
    func all() async -> [ValueMap]
    /// Sends a signal to the processes of a job; the job ends as cancelled for `SIGTERM` and `SIGKILL`.
    ///
    /// - Returns: false when no such job runs.
    func signal(_ job: JobID, _ signal: Int32) async -> Bool
}
