/// How many of the discovered nodes are asked: `--limit`, `--one`, and the option `rpclimitmethod`.
///
/// Source: MCollective 2.12, `rpc/client.rb`, `limit_targets=`, `pick_nodes_from_discovered`.
package struct NodeLimit: Hashable, Sendable {
    /// The size of a share of nodes.
    package enum Size: Hashable, Sendable {
        case count(Int)
        case percent(Int)

        /// Reads `5` or `20%`; nil when it is neither, or not above zero.
        package init?(_ text: String) {
            let isPercent = text.hasSuffix("%")
            let digits = isPercent ? text.dropLast() : text[...]
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
                number > 0, !isPercent || number <= 100
            else { return nil }
            self = isPercent ? .percent(number) : .count(number)
        }
    }

    /// Which nodes are left.
    package enum Method: Hashable, Sendable {
        /// The first to answer; with a plain number discovery can end there.
        case first
        /// Any; with a seed the same ones each time, whatever the order of discovery.
        case random(seed: UInt32?)
    }

    package var size: Size
    package var method: Method

    package init(_ size: Size, _ method: Method = .first) {
        self.size = size
        self.method = method
    }

    /// After how many answers discovery can stop, nil when it must hear all.
    package var discoveryLimit: Int? {
        guard case .count(let count) = size, method == .first else { return nil }
        return count
    }

    /// The nodes that are asked.
    ///
    /// - Parameter random: Drawn from when there is no seed.
    package func choose(_ nodes: [String], using random: inout some RandomNumberGenerator) -> [String] {
        let wanted =
            switch size {
            case .count(let count): min(count, nodes.count)
            case .percent(let percent): nodes.isEmpty ? 0 : max(1, nodes.count * percent / 100)
            }
        switch method {
        case .first: return Array(nodes.prefix(wanted))
        case .random(let seed?):
            var twister = MersenneTwister(seed: seed)
            return NodeLimit.pick(wanted, of: nodes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                twister.next(below: UInt32($0))
            }
        case .random(nil):
            return NodeLimit.pick(wanted, of: nodes) { Int.random(in: 0..<$0, using: &random) }
        }
    }

    private static func pick(_ count: Int, of nodes: [String], _ index: (Int) -> Int) -> [String] {
        var rest = nodes
        return (0..<count).map { _ in rest.remove(at: index(rest.count)) }
    }
}

/// The parts of a request that goes out in batches: `--batch`.
package enum NodeBatches {
    /// The groups, in the order of discovery; a percentage is rounded up.
    package static func groups(_ nodes: [String], of size: NodeLimit.Size) -> [ArraySlice<String>] {
        let count =
            switch size {
            case .count(let count): count
            case .percent(let percent): (nodes.count * percent + 99) / 100
            }
        return stride(from: 0, to: nodes.count, by: max(1, count)).map { start in
            nodes[start..<min(start + max(1, count), nodes.count)]
        }
    }
}
