import MCollectiveProtocol

/// One line for each answer, with the names of the nodes aligned at the right.
struct SenderLines: Sendable {
    var layout: McoLayout
    var results: [McoResult]
    /// Of the messages of answers that went wrong.
    var failureColor: McoColors.Color?

    /// - Parameter line: What is told of an answer that went well; nil for nothing.
    func text(_ line: (RPCReply) -> String?) -> String {
        let names = results.map { layout.name($0.sender) }
        let width = (names.map(\.unicodeScalars.count).max() ?? 0) + 3
        return zip(names, results).map { name, result in
            guard let text = result.reply.status == .ok ? line(result.reply) : result.reply.message else { return "" }
            let shown = layout.shown(text)
            let isPlain = result.reply.status == .ok
            let colored = isPlain ? shown : failureColor.map { layout.colors.text($0, shown) } ?? shown
            return "\(RubyText.aligned(name, width)): \(colored)\n"
        }.joined()
    }
}
