import MCollectiveProtocol
import MusterCore

/// Modules as agents, and agents as modules: what one wire can call the other can too.
///
/// A module `disk` is an agent `disk` whose actions are its functions. Inputs are the parameters by name; positional
/// arguments beyond them are the list `args`; inputs that the function does not name are its keywords. The output is
/// `result`, and for a return code other than zero the call is an aborted one.
extension CollectiveAgent {
    /// How long a function may take, in seconds.
    private static let limit = 180.0

    /// The agent of a module.
    package init(_ module: ExecutionModule) {
        var ddl = DDL()
        ddl.metadata.name = module.name
        ddl.metadata.description = module.summary
        ddl.metadata.author = "The Muster authors"
        ddl.metadata.license = "Apache License, Version 2.0"
        ddl.metadata.version = Muster.version
        ddl.metadata.timeout = CollectiveAgent.limit
        ddl.actions = module.functions.map(DDLAction.init)
        var actions: [String: Action] = [:]
        for function in module.functions {
            let name = "\(module.name).\(function.name)"
            actions[function.name] = { call in try await CollectiveAgent.call(name, call) }
        }
        self.init(ddl, actions: actions)
    }

    private static func call(_ function: String, _ call: ActionCall) async throws -> RubyHash {
        var arguments = FunctionCall(function)
        for entry in RubyValue.hash(call.inputs).value.map ?? [:] {
            if entry.key == "args" {
                arguments.arguments = entry.value.array ?? [entry.value]
            } else {
                arguments.keywords[entry.key] = entry.value
            }
        }
        let answer: CallAnswer
        do {
            answer = CallAnswer(try await call.context.functions.call(arguments))
        } catch FunctionError.invalidArguments(_, let reason) {
            throw ActionFailure(reason, status: .invalidData)
        } catch let error as FunctionError {
            throw ActionFailure("\(error)")
        }
        let outputs = RubyHash(outputs: ["result": RubyValue(answer.value)])
        guard answer.isSuccess else {
            throw ActionFailure("\(function) returned \(answer.returnCode)", outputs: outputs)
        }
        return outputs
    }
}

extension DDLAction {
    /// The action of a function.
    fileprivate init(_ function: ModuleFunction) {
        self.init(function.name)
        description = function.documentation.split(separator: "\n").first.map(String.init) ?? ""
        display = .always
        inputs = function.parameters.map { parameter in
            // Any value will do: functions check their arguments themselves.
            var input = DDLInput(parameter.name, .other("any"))
            input.isOptional = parameter.defaultValue != nil
            input.prompt = parameter.name
            input.description = parameter.defaultValue.map { "Optional, \($0.pythonText)" } ?? "Required"
            return input
        }
        if function.extras.contains(.positional) {
            var input = DDLInput("args", .other("any"))
            input.isOptional = true
            input.prompt = "Arguments"
            input.description = "A list of further arguments"
            inputs.append(input)
        }
        outputs = [DDLOutput("result", displayAs: "Result")]
    }
}

extension ExecutionModule {
    /// The modules with the actions of agents added: `rpcutil.ping` as `module.function`, with inputs as keywords.
    ///
    /// A function that a module has stays what it is: `service.status` is Salt's, with Salt's answer.
    ///
    /// - Parameter profile: what the agents know; a job's own context takes the place of a request's.
    package static func adding(
        _ agents: [CollectiveAgent], to modules: [ExecutionModule], profile: CollectiveProfile
    ) -> [ExecutionModule] {
        var modules = modules
        for agent in agents {
            let functions = agent.description.actions.map { agent.function($0, profile: profile) }
            if let index = modules.firstIndex(where: { $0.name == agent.name }) {
                let module = modules[index]
                let others = functions.filter { function in !module.functions.contains { $0.name == function.name } }
                modules[index] = ExecutionModule(
                    module.name, summary: module.summary, functions: module.functions + others)
            } else {
                modules.append(
                    ExecutionModule(agent.name, summary: agent.description.metadata.description, functions: functions))
            }
        }
        return modules
    }
}

extension CollectiveAgent {
    /// An action as a function. Its value is the map of the outputs; a failed action is a failed function.
    fileprivate func function(_ action: DDLAction, profile: CollectiveProfile) -> ModuleFunction {
        let parameters: [ModuleFunction.Parameter] = action.inputs.map {
            $0.isOptional ? .optional($0.name) : .required($0.name)
        }
        return ModuleFunction(action.name, action.description, parameters: parameters, extras: .keywords) {
            arguments, context in
            var inputs = RubyValue(symbols: ValueMap(arguments.keywords.filter(isInput))).hash ?? [:]
            for input in action.inputs where !arguments[input.name].isNull {
                inputs[.symbol(input.name)] = RubyValue(arguments[input.name])
            }
            do {
                try action.check(inputs)
            } catch {
                throw FunctionError.failed(reason: "\(error)")
            }
            let reply = await reply(
                to: ActionCall(
                    action.name, inputs: inputs,
                    origin: .init(
                        caller: "job=\(context.job?.text ?? "local")", sender: profile.identity,
                        requestID: context.job?.text ?? "", collective: profile.configuration.mainCollective,
                        time: .now),
                    context: CollectiveContext(profile: profile, functions: context)))
            guard reply.status == .ok else { throw FunctionError.failed(reason: reply.message) }
            return FunctionResult(.map(reply.outputs))
        }
    }

    /// Salt's machinery adds keywords of its own.
    private func isInput(_ entry: ValueMap.Element) -> Bool { entry.key.string?.hasPrefix("__") != true }
}
