import ArgumentParser

/// A part of the benchmark that can be run alone, with `--only`.
enum Part: String, CaseIterable, ExpressibleByArgument {
    case floor
    case start
    case node
    case signIns = "sign-ins"
    case ping
    case returns
    case heldReturns = "held-returns"
    case memory
    case brokers
}
