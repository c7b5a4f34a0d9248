import MusterCore

extension SimulationSettings.Names {
    /// The ids, in order: the prefix and a number of at least five digits.
    ///
    /// - Throws: `SimulationError.invalidName`.
    func ids(_ count: Int) throws(SimulationError) -> [NodeID] {
        var ids: [NodeID] = []
        ids.reserveCapacity(count)
        for number in first..<(first + count) {
            let name = prefix + number.digits(5)
            guard let id = NodeID(name) else { throw .invalidName(name) }
            ids.append(id)
        }
        return ids
    }
}
