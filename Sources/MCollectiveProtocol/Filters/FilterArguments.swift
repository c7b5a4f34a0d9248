/// The filter options of the command line, in the order in which they are given.
///
/// Source: MCollective 2.12, `optionparser.rb`.
extension Filter {
    /// One option with its argument.
    package enum Option: Hashable, Sendable {
        /// `-F`, `--with-fact`
        case fact(String)
        /// `-C`, `--with-class`
        case `class`(String)
        /// `-A`, `--with-agent`
        case agent(String)
        /// `-I`, `--with-identity`
        case identity(String)
        /// `-W`, `--with`: facts and classes, separated by blanks.
        case with(String)
        /// `-S`, `--select`
        case select(String)
    }

    /// The filter that some options make.
    package init(_ options: [Option]) throws(FilterError) {
        for option in options { try add(option) }
    }

    /// Adds what an option says.
    package mutating func add(_ option: Option) throws(FilterError) {
        switch option {
        case .fact(let text): facts.append(try FactTest(argument: text))
        case .class(let name): classes.append(.text(name))
        case .agent(let name): agents.append(.text(name))
        case .identity(let name): identities.append(.text(name))
        case .select(let text): compounds.append(try CompoundFilter(argument: text))
        case .with(let text):
            for word in text.split(separator: " ") {
                do { facts.append(try FactTest(argument: String(word))) } catch { classes.append(.text(String(word))) }
            }
        }
    }

    /// The identities when they are all plain names: then there is nothing to discover, and requests go to each of them.
    package var plainIdentities: [String]? {
        guard !identities.isEmpty else { return nil }
        var names: [String] = []
        for case .text(let name) in identities where !name.hasPrefix("/") { names.append(name) }
        return names.count == identities.count ? names : nil
    }

    /// Throws when a pattern of the filter cannot be matched by our nodes, so that a client says so before it asks.
    package func checkPatterns() throws(FilterError) {
        for pattern in patterns {
            do { _ = try RubyPattern(pattern) } catch { throw .invalidPattern(error) }
        }
    }
}
