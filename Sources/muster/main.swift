import MusterCLI
import Simulator

// Puts the parts together: the command line with the daemons that it may start in this process.
await MusterCLI.main(
    roles: Roles(
        controller: ControllerRole.serve, node: NodeRole.serve, broker: BrokerRole.serve, call: NodeRole.call,
        diagnose: Diagnosis.findings, simulate: Simulator.run),
    controlSocket: ControllerRole.controlSocket, brokerSocket: BrokerRole.controlSocket)
