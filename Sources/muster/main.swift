import MusterCLI

// Puts the parts together: the command line with the daemons that it may start in this process.
await MusterCLI.main(
    roles: Roles(
        controller: ControllerRole.serve, node: NodeRole.serve, call: NodeRole.call, diagnose: Diagnosis.findings),
    controlSocket: ControllerRole.controlSocket)
