/// A condition on the headers of a message: the `selector` header of SUBSCRIBE.
///
///     condition  = conjunct *( OR conjunct )
///     conjunct   = negation *( AND negation )
///     negation   = [ NOT ] test
///     test       = "(" condition ")" / TRUE / FALSE / operand [ comparison ]
///     comparison = ( "=" / "<>" / "!=" / "<" / "<=" / ">" / ">=" ) operand
///                / IS [ NOT ] NULL
///                / [ NOT ] IN "(" text *( "," text ) ")"
///                / [ NOT ] LIKE text [ ESCAPE text ]
///                / [ NOT ] BETWEEN operand AND operand
///     operand    = name / text / [ "-" / "+" ] number
///
/// Logic has three values: a header that is not there makes a test unknown, and unknown is not a match. STOMP has no types:
/// compared with a number a header counts as one if it reads as one (and is unknown if not), compared with anything else as
/// text. Texts have no order: `<` between texts is unknown. Arithmetic is not supported, and refused.
///
/// MCollective uses `mc_identity = 'NAME'` alone. Sources: JMS 1.1, 3.8.1 "Message Selector"; ActiveMQ, "Selectors".
public struct Selector: Sendable, Hashable {
    /// The longest text that is taken.
    public static let maxBytes = 8192
    static let maxDepth = 64

    /// What it was read from.
    public let text: String
    let condition: SelectorCondition

    public init(_ text: String) throws(SelectorError) {
        guard text.utf8.count <= Selector.maxBytes else { throw .tooLong(limitBytes: Selector.maxBytes) }
        self.text = text
        condition = try SelectorParser.parse(text)
    }

    /// Whether a message with these headers is wanted.
    public func matches(_ headers: Headers) -> Bool {
        matches { headers[$0] }
    }

    /// Whether a message is wanted whose headers are asked for by name.
    public func matches(_ header: (String) -> String?) -> Bool {
        condition.evaluate(header) == true
    }

    /// The header and the text it must be equal to, when the condition is just that.
    ///
    /// Many subscriptions of this form are an index: the one that a message is for is found without trying the others.
    public var equality: (header: String, text: String)? {
        guard case .compare(.equal, let left, let right) = condition else { return nil }
        switch (left, right) {
        case (.header(let name), .text(let text)), (.text(let text), .header(let name)): return (name, text)
        case (.header, _), (.text, _), (.number, _): return nil
        }
    }
}
