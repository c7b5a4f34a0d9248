/// A regular expression of a peer, ready to be searched for.
///
/// The search is a set of places in the pattern that advances with the text (Thompson, 1968): its time is at most the
/// product of both lengths, whatever the pattern. So a pattern from the wire cannot hold up a node, as it could with an
/// engine that goes back and tries again, Ruby's and Swift's among them.
package struct RubyPattern: Sendable {
    private enum Step: Sendable {
        case set(ScalarSet)
        case assertion(PatternAssertion)
        case fork(Int, Int)
        case jump(Int)
        case found
    }

    /// The longest pattern, in bytes.
    package static let maxBytes = 1024
    /// How many steps a pattern may unfold to.
    package static let maxSteps = 2000
    /// Longer texts match nothing: they bound the time of a search together with the steps.
    package static let maxTextBytes = 1 << 16

    private var steps: [Step] = []

    /// Makes a pattern ready.
    package init(_ regexp: RubyRegexp) throws(PatternError) {
        guard regexp.source.bytes.count <= RubyPattern.maxBytes else {
            throw .tooLong(bytes: regexp.source.bytes.count, limit: RubyPattern.maxBytes)
        }
        guard let source = regexp.source.text else { throw .notUTF8 }
        try append(try PatternParser.tree(source, options: regexp.options))
        try append(.found)
    }

    /// Makes a pattern ready.
    package init(_ source: String) throws(PatternError) { try self.init(RubyRegexp(source)) }

    // MARK: Steps

    private mutating func append(_ step: Step) throws(PatternError) {
        guard steps.count < RubyPattern.maxSteps else { throw .tooLarge(limit: RubyPattern.maxSteps) }
        steps.append(step)
    }

    private mutating func append(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .set(let set): try append(Step.set(set))
        case .assertion(let assertion): try append(Step.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try append(node) }
        case .choice(let branches):
            var ends: [Int] = []
            for branch in branches.dropLast() {
                let fork = steps.count
                try append(.jump(0))
                try append(branch)
                ends.append(steps.count)
                try append(.jump(0))
                steps[fork] = .fork(fork + 1, steps.count)
            }
            if let last = branches.last { try append(last) }
            for end in ends { steps[end] = .jump(steps.count) }
        case .repetition(let inner, let least, let most):
            for _ in 0..<least { try append(inner) }
            guard let most else { return try appendLoop(inner) }
            var forks: [Int] = []
            for _ in least..<most {
                forks.append(steps.count)
                try append(.jump(0))
                try append(inner)
            }
            for fork in forks { steps[fork] = .fork(fork + 1, steps.count) }
        }
    }

    private mutating func appendLoop(_ inner: PatternNode) throws(PatternError) {
        let fork = steps.count
        try append(.jump(0))
        try append(inner)
        try append(.jump(fork))
        steps[fork] = .fork(fork + 1, steps.count)
    }

    // MARK: Search

    /// Whether the pattern is found anywhere in the text.
    ///
    /// - Complexity: O(*nm*) in the characters of the text and the steps of the pattern.
    package func isFound(in text: String) -> Bool {
        guard text.utf8.count <= RubyPattern.maxTextBytes else { return false }
        let scalars = Array(text.unicodeScalars)
        var current = Places(count: steps.count)
        var next = Places(count: steps.count)
        for place in 0...scalars.count {
            // A match may begin at every place.
            if follow(from: 0, into: &current, at: place, in: scalars) { return true }
            guard place < scalars.count else { break }
            next.removeAll()
            for step in current.steps {
                guard case .set(let set) = steps[step], set.contains(scalars[place]) else { continue }
                if follow(from: step + 1, into: &next, at: place + 1, in: scalars) { return true }
            }
            swap(&current, &next)
        }
        return false
    }

    /// Takes in a step and all that can be reached from it without a character; true when the end is among them.
    private func follow(
        from step: Int, into places: inout Places, at place: Int, in text: [Unicode.Scalar]
    ) -> Bool {
        var open = [step]
        while let step = open.popLast() {
            guard places.insert(step) else { continue }
            switch steps[step] {
            case .found: return true
            case .set: break
            case .jump(let target): open.append(target)
            case .fork(let first, let second): open += [second, first]
            case .assertion(let assertion): if assertion.holds(at: place, in: text) { open.append(step + 1) }
            }
        }
        return false
    }

    /// A set of steps that is emptied in constant time.
    private struct Places {
        private(set) var steps: [Int] = []
        private var marks: [Int]
        private var generation = 1

        init(count: Int) { marks = [Int](repeating: 0, count: count) }

        mutating func insert(_ step: Int) -> Bool {
            guard marks[step] != generation else { return false }
            marks[step] = generation
            steps.append(step)
            return true
        }

        mutating func removeAll() {
            steps.removeAll(keepingCapacity: true)
            generation += 1
        }
    }
}

extension PatternAssertion {
    /// Whether it holds before the character at `place`.
    fileprivate func holds(at place: Int, in text: [Unicode.Scalar]) -> Bool {
        switch self {
        case .lineStart: place == 0 || text[place - 1] == "\n"
        case .lineEnd: place == text.count || text[place] == "\n"
        case .textStart: place == 0
        case .textEnd: place == text.count
        case .textEndOrLastLineEnd: place == text.count || (place == text.count - 1 && text[place] == "\n")
        case .wordBoundary: isBoundary(place, text)
        case .noWordBoundary: !isBoundary(place, text)
        }
    }

    private func isBoundary(_ place: Int, _ text: [Unicode.Scalar]) -> Bool {
        func isWord(_ place: Int) -> Bool {
            text.indices.contains(place) && ScalarSet.named["word"]?.contains(text[place]) == true
        }
        return isWord(place - 1) != isWord(place)
    }
}
