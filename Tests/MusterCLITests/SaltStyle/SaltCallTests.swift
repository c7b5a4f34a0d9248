import MusterCore
import Testing

@testable import MusterCLI

@Suite struct SaltCallTests {
    @Test func printsTheAnswerUnderLocal() async {
        let run = await run(
            "--local", "test.echo", "hi", "-l", "quiet", "--out", "json", "--out-indent", "-1", as: "salt-call",
            call: { call, _ in FunctionResult(call.arguments[0]) })
        #expect(run.output == "{\"local\": \"hi\"}\n")
        #expect(run.status == 0)
    }

    @Test(arguments: [(false, Int32(1)), (true, 7)])
    func endsWithOneOrWithTheReturnCode(passesThrough: Bool, status: Int32) async {
        let words = ["cmd.run", "false"] + (passesThrough ? ["--retcode-passthrough"] : [])
        let console = RecordingConsole()
        var context = CommandContext.test(FakeController(), console)
        context.roles.call = { _, _ in FunctionResult("", returnCode: 7) }
        #expect(await MusterCLI.run(["salt-call"] + words, in: context) == status)
    }

    @Test func passesTheConfigurationOn() async {
        let run = await run(
            "-c", "/srv/salt", "--id=me", "-g", as: "salt-call",
            call: { call, role in
                FunctionResult([
                    .string(call.function), .string(role.saltConfiguration ?? ""), role.overrides["id"] ?? .null,
                ])
            })
        #expect(run.output == "local:\n    - grains.items\n    - /srv/salt\n    - me\n")
    }

    @Test func needsAFunction() async {
        let run = await run(as: "salt-call")
        #expect(run.status == 64)
        #expect(run.diagnostics == "Usage: salt-call [options] <function> [arguments]\n")
    }
}
