import MCollectiveProtocol
import MusterCore
import Testing

@testable import NodeAgent

/// What the options make of agents and registration.
@Suite struct CollectivePlansTests {
    private func configuration(_ text: String) -> CollectiveConfiguration { .init(.init("server.cfg", text)) }

    @Test(
        "offers agents as the options say",
        arguments: [
            ("", "rpcutil", .core, true), ("activate_agents = 0", "rpcutil", .core, true),
            ("", "puppet", .standard, true), ("activate_agents = 0", "puppet", .standard, false),
            ("activate_agents = 0\nplugin.puppet.activate_agent = 1", "puppet", .standard, true),
            ("plugin.puppet.activate_agent = false", "puppet", .standard, false), ("", "shell", .standard, false),
            ("plugin.shell.activate_agent = 1", "shell", .standard, true), ("", "cmd", .module, false),
            ("plugin.cmd.activate_agent = y", "cmd", .module, true),
            ("plugin.muster_modules.activate_agent = true", "cmd", .module, true),
            ("plugin.muster_modules.activate_agent = true\nplugin.cmd.activate_agent = 0", "cmd", .module, false),
            ("", "mine", .external, true), ("", "disk", .module, false),
        ] as [(String, String, AgentActivation.Origin, Bool)])
    func activates(options: String, agent: String, origin: AgentActivation.Origin, isActive: Bool) {
        let activation = AgentActivation(configuration(options))
        #expect(activation.isActive(agent, origin) == isActive)
    }

    @Test func registersWhereItBelongs() throws {
        #expect(RegistrationPlan(configuration("")) == nil)
        #expect(RegistrationPlan(configuration("registerinterval = 10\nregistration = meta")) == nil)
        let options = "collectives = mcollective,sub\nregisterinterval = 10\nregistration_collective ="
        let plan = try #require(RegistrationPlan(configuration("\(options) sub")))
        #expect(plan.collective == "sub" && plan.interval == .seconds(10) && plan.firstDelay(0.5) == .zero)
        let other = try #require(RegistrationPlan(configuration("\(options) nosuch\nregistration_splay = 1")))
        #expect(other.collective == "mcollective" && other.firstDelay(0.5) == .seconds(5))
    }
}
