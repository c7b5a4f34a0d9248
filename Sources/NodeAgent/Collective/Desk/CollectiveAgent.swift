package import MCollectiveProtocol
package import MusterCore

/// An agent of the collective: what its DDL says, and what its actions do.
///
/// One file in `Collective/Agents` makes one of these. ``CollectiveDesk`` checks a call before an action sees it.
package struct CollectiveAgent: Sendable {
    /// An action: gets a call that its DDL accepts, gives its outputs. They are laid over the defaults of the DDL.
    package typealias Action = @Sendable (ActionCall) async throws -> RubyHash

    package let description: DDL
    private let actions: [String: Action]

    /// - Parameter actions: By name. One that the DDL declares and that is missing here is answered as the peers do.
    package init(_ description: DDL, actions: [String: Action]) {
        self.description = description
        self.actions = actions
    }

    package var name: String { description.metadata.name }

    /// How long one of its actions may take; ten seconds when the DDL gives none, as in the reference.
    package var timeout: Duration {
        let seconds = description.metadata.timeout
        return .milliseconds(Int64(min(seconds > 0 ? seconds : 10, 86_400) * 1000))
    }

    /// The actions that do something.
    package var actionNames: Set<String> { Set(actions.keys) }

    /// Runs an action and makes the answer of what came of it; what an action throws is a failed answer.
    package func reply(to call: ActionCall) async -> RPCReply {
        var reply = RPCReply(data: description.action(call.action)?.defaultData ?? [:])
        guard let action = actions[call.action] else {
            reply.fail(.unknownAction, "Unknown action '\(call.action)' for agent '\(name)'")
            return reply
        }
        do {
            reply.add(try await action(call))
        } catch let failure as ActionFailure {
            reply.add(failure.outputs)
            reply.fail(failure.status, failure.message)
        } catch FunctionError.failed(let reason) {
            reply.fail(.aborted, reason)
        } catch {
            reply.fail(.unknownError, "\(error)")
        }
        return reply
    }
}

extension RPCReply {
    /// Sets outputs; those that are set already get the new value.
    mutating func add(_ outputs: RubyHash) {
        for pair in outputs.pairs { data[pair.key] = pair.value }
    }

    /// Says that the call failed; the outputs stay.
    mutating func fail(_ status: RPCStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

/// Why an action gives up, as the peers' `reply.fail` says it.
package struct ActionFailure: Error, Hashable {
    package var status: RPCStatus
    package var message: String
    /// What is answered nevertheless.
    package var outputs: RubyHash

    package init(_ message: String, status: RPCStatus = .aborted, outputs: RubyHash = [:]) {
        self.status = status
        self.message = message
        self.outputs = outputs
    }
}

/// One call of an action.
package struct ActionCall: Sendable {
    /// Who asks. A job of another wire has no caller of the collective: its words are made up of the job.
    package struct Origin: Sendable, Hashable {
        package var caller: String
        package var sender: String
        package var requestID: String
        package var collective: String
        package var ttl: Int64
        package var time: Timestamp

        package init(_ request: CollectiveRequest) {
            caller = request.callerID.description
            sender = request.senderID
            requestID = request.requestID
            collective = request.collective
            ttl = request.ttl
            time = request.time
        }

        package init(
            caller: String, sender: String, requestID: String, collective: String, ttl: Int64 = 60, time: Timestamp
        ) {
            self.caller = caller
            self.sender = sender
            self.requestID = requestID
            self.collective = collective
            self.ttl = ttl
            self.time = time
        }
    }

    package var action: String
    package var inputs: RubyHash
    package var origin: Origin
    package var context: CollectiveContext

    package init(_ action: String, inputs: RubyHash, origin: Origin, context: CollectiveContext) {
        self.action = action
        self.inputs = inputs
        self.origin = origin
        self.context = context
    }

    /// An input as text, nil when it is not given.
    func text(_ input: String) -> String? { inputs[named: input]?.text }

    /// An input as truth; false when it is not given.
    func isTrue(_ input: String) -> Bool { inputs[named: input] == .bool(true) }

    /// An input as a number, nil when it is not given or none.
    func number(_ input: String) -> Double? { inputs[named: input]?.value.double }
}

/// What actions and data plugins may know and use.
package struct CollectiveContext: Sendable {
    package let profile: CollectiveProfile
    /// As a function of a job has it.
    package let functions: FunctionContext

    package init(profile: CollectiveProfile, functions: FunctionContext) {
        self.profile = profile
        self.functions = functions
    }
}

extension RubyHash {
    /// Outputs: names become symbols.
    package init(outputs: KeyValuePairs<String, RubyValue>) {
        self.init(outputs.map { (.symbol($0.key), $0.value) })
    }
}
