/// The few functions that both kinds of peers have under different names, so that one job reaches both.
enum FunctionNames {
    private static let pairs = [(salt: "test.ping", collective: "rpcutil.ping")]

    /// What minions call it.
    static func salt(_ function: String) -> String { pairs.first { $0.collective == function }?.salt ?? function }

    /// What the nodes of a collective call it.
    static func collective(_ function: String) -> String {
        pairs.first { $0.salt == function }?.collective ?? function
    }
}
