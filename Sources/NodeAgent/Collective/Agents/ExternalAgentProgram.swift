import Glibc
import MCollectiveProtocol
import MusterCore

/// Runs a call in a program, by the protocol of Choria's external agents.
///
/// The program gets two files and the name of the protocol, as arguments and as `CHORIA_EXTERNAL_REQUEST`,
/// `CHORIA_EXTERNAL_REPLY` and `CHORIA_EXTERNAL_PROTOCOL`: the request as JSON, and an empty file for its reply. The agent's
/// configuration is named by `CHORIA_EXTERNAL_CONFIG`. It must end with 0; its status, message and outputs stand in the
/// reply.
///
/// Source: Choria, "External Agents", protocol `io.choria.mcorpc.external.v1`.
struct ExternalAgentProgram: Sendable {
    static let requestProtocol = "io.choria.mcorpc.external.v1.rpc_request"

    let path: String
    let agent: String
    let configuration: String

    func run(_ call: ActionCall) async throws -> RubyHash {
        let directory = try ExternalAgentProgram.makeDirectory()
        // What cannot be removed lies in a directory that is the node's alone.
        defer { try? FileAccess.remove(directory) }
        let (request, reply) = ("\(directory)/request.json", "\(directory)/reply.json")
        try FileAccess.write(
            Array(JSON.text(.map(self.request(call))).utf8), to: request, flags: O_WRONLY | O_CREAT | O_EXCL,
            mode: 0o600)
        try FileAccess.write([], to: reply, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        var command = ProcessCommand([path, request, reply, ExternalAgentProgram.requestProtocol])
        command.workingDirectory = directory
        command.environment = [
            "CHORIA_EXTERNAL_REQUEST": request, "CHORIA_EXTERNAL_REPLY": reply,
            "CHORIA_EXTERNAL_PROTOCOL": ExternalAgentProgram.requestProtocol, "CHORIA_EXTERNAL_CONFIG": configuration,
        ]
        command.outputLimitBytes = 64 << 10
        let result = try await call.context.functions.processes.run(command)
        guard result.exitCode == 0 else {
            let error = String(decoding: result.error, as: UTF8.self).trimmed
            throw ActionFailure(
                "the program of the agent \(agent) ended with \(result.exitCode): \(error)", status: .unknownError)
        }
        return try outputs(try FileAccess.read(reply, limit: 4 << 20))
    }

    private func request(_ call: ActionCall) -> ValueMap {
        [
            "$schema": "https://choria.io/schemas/mcorpc/external/v1/rpc_request.json",
            "protocol": .string(ExternalAgentProgram.requestProtocol), "agent": .string(agent),
            "action": .string(call.action), "requestid": .string(call.origin.requestID),
            "senderid": .string(call.origin.sender), "callerid": .string(call.origin.caller),
            "collective": .string(call.origin.collective), "ttl": .int(call.origin.ttl),
            "msgtime": .int(call.origin.time.seconds), "data": RubyValue.hash(call.inputs).value,
        ]
    }

    /// Reads `{"statuscode": 0, "statusmsg": "OK", "data": {…}}`.
    private func outputs(_ bytes: [UInt8]) throws(ActionFailure) -> RubyHash {
        guard let reply = try? JSON.value(bytes).map else {
            throw ActionFailure("the program of the agent \(agent) left no reply", status: .unknownError)
        }
        let outputs = RubyValue(symbols: reply["data"]?.map ?? [:]).hash ?? [:]
        let code = reply["statuscode"]?.int ?? 0
        guard code == 0 else {
            throw ActionFailure(
                reply["statusmsg"]?.string ?? "", status: RPCStatus(rawValue: code) ?? .unknownError, outputs: outputs)
        }
        return outputs
    }

    /// A directory of this user alone, below `TMPDIR`.
    private static func makeDirectory() throws(FunctionError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/muster-agent-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileAccess.failure("make a directory in", parent) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
