package import MCollectiveProtocol

/// A data plugin: what filters of `-S` and `rpcutil.get_data` look up on a node.
package struct DataPlugin: Sendable {
    /// What is looked up; nil when the call has no query.
    package typealias Query = @Sendable (String?, CollectiveContext) async throws -> RubyHash

    /// As it stands in filters.
    package let name: String
    package let description: DDL
    package let query: Query

    package init(_ name: String, _ description: DDL, query: @escaping Query) {
        self.name = name
        self.description = description
        self.query = query
    }

    /// A plugin that Muster describes.
    init(_ name: String, query: @escaping Query) {
        self.init(name, StandardDDLs.data(named: name) ?? DDL(), query: query)
    }

    /// Checks a query by the DDL, in the words of the peers.
    ///
    /// Source: MCollective 2.12, `data.rb`, `ddl_validate`.
    func check(_ query: String?) throws(ActionFailure) {
        guard let input = description.dataQuery?.inputs.first else {
            guard query == nil else {
                throw ActionFailure(
                    "No data plugin argument was declared in the \(description.metadata.name) DDL but an input was supplied",
                    status: .unknownError)
            }
            return
        }
        if query == nil, input.isOptional { return }
        if let problem = input.problem(with: query.map { .text($0) } ?? .null) {
            throw ActionFailure("\(DDLRefusal.invalidInput(input.name, problem))", status: .invalidData)
        }
    }

    /// Every plugin that a node has.
    package static var standard: [DataPlugin] {
        [.agent, .collective, .fact, .fstat, .nettest, .package, .puppet, .resource, .service]
    }
}
