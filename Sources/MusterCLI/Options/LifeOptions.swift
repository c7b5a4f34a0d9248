import ArgumentParser

/// How long a daemon lives, for programs that start one.
struct LifeOptions: ParsableArguments {
    @Flag(help: ArgumentHelp("Stop when standard input comes to its end.", visibility: .hidden))
    var endWithInput = false

    func apply() {
        if endWithInput { Lifeline.endWithInput() }
    }
}
