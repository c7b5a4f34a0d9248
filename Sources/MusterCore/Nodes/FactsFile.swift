/// Where an operator's own facts of a node are kept (Salt's `grains` file).
///
/// Services never read files of a format themselves: the daemon hands them one of these.
package protocol FactsFile: Sendable {
    /// The facts in the file; empty when there is no file.
    ///
    /// - Throws: When the file cannot be read or holds no map.
    func load() throws -> ValueMap
    /// Replaces the file with these facts, whole or not at all.
    func save(_ facts: ValueMap) throws
}
