/// A string of Ruby: bytes and what they are said to be.
package struct RubyString: Hashable, Sendable {
    /// What Ruby believes of the bytes. Peers do not compare it, but Marshal carries it.
    package enum Encoding: Hashable, Sendable {
        /// UTF-8, what literals and input are.
        case utf8
        /// US-ASCII, what digests and base64 are.
        case ascii
        /// None, what Marshal's own output is.
        case binary
        /// Any other, by Ruby's name for it.
        case named(String)
    }

    package var bytes: [UInt8]
    package var encoding: Encoding

    package init(bytes: [UInt8], encoding: Encoding) {
        self.bytes = bytes
        self.encoding = encoding
    }

    package init(_ text: String) {
        self.init(bytes: Array(text.utf8), encoding: .utf8)
    }

    /// The bytes as text when they are UTF-8, whatever they are said to be: peers mark text as binary and the reverse.
    package var text: String? { String(validating: bytes, as: UTF8.self) }
}

/// A regular expression as a peer sent it. It is data: nothing here compiles it, see ``RubyPattern``.
package struct RubyRegexp: Hashable, Sendable {
    /// Ruby's option bits.
    package struct Options: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let ignoreCase = Options(rawValue: 1)
        /// White space and comments in the pattern mean nothing.
        package static let extended = Options(rawValue: 2)
        /// The dot matches line ends too.
        package static let multiLine = Options(rawValue: 4)
    }

    package var source: RubyString
    package var options: Options

    package init(_ source: RubyString, options: Options = []) {
        self.source = source
        self.options = options
    }

    /// A pattern of ASCII text, which Ruby marks as US-ASCII, or of any other text.
    package init(_ source: String, options: Options = []) {
        let isASCII = source.utf8.allSatisfy { $0 < 0x80 }
        self.init(RubyString(bytes: Array(source.utf8), encoding: isASCII ? .ascii : .utf8), options: options)
    }
}
