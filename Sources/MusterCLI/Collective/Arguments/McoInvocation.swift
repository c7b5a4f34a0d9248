import MCollectiveProtocol

/// What a command line of `mco` asks, with the options that all applications share read.
struct McoInvocation: Sendable, Hashable {
    /// How results are printed.
    enum Output: Sendable, Hashable {
        case console, json
    }

    /// The words that are no options.
    var words: [String] = []
    /// The application's own options, in their order.
    var own: [RubyOptionParser.Result.Given] = []
    var configurationFile: String?
    var isVerbose = false
    var wantsHelp = false

    var filter = Filter()
    /// The texts behind `-S`, for what explains them.
    var collective: String?
    /// Seconds; nil was not given.
    var discoveryTimeout: Int?
    /// Seconds. Five means the same as not given, as in the original.
    var timeout = 5
    var ttl: Int64?
    var replyTo: String?
    /// Nil leaves it to the configuration.
    var discoveryMethod: String?
    /// Nil leaves them to the configuration.
    var discoveryOptions: [String] = []
    /// Seconds.
    var publishTimeout: Int?
    /// Seconds.
    var connectionTimeout: Int?
    var isSorted = false

    var showsProgress = true
    var limit: NodeLimit.Size?
    var limitSeed: UInt32?
    var batch: NodeLimit.Size?
    /// Seconds.
    var batchSleep: Double?
    var output = Output.console
    /// Nil leaves it to the action.
    var display: DDLAction.Display?

    /// The last value of an option of the application; empty for one without a value.
    subscript(_ key: String) -> String? { own.last { $0.key == key }?.value }

    /// Whether an option of the application was given.
    func has(_ key: String) -> Bool { own.contains { $0.key == key } }

    /// Every value of an option of the application.
    func all(_ key: String) -> [String] { own.filter { $0.key == key }.map(\.value) }
}
