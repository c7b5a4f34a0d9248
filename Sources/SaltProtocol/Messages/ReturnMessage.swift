import MessagePack
package import MusterCore

/// What a node says with `_return`, as the controller keeps it: the answer itself stays the bytes that came.
///
/// Source: `docs/protocols/salt.md`, section 7.1; Salt 3006, `salt/master.py`, `AESFuncs._return`.
package struct ReturnMessage: Sendable, Hashable {
    /// Nil for `req`: a return that no controller asked for (a schedule, a local call). The controller gives it an id.
    package let job: JobID?
    package let node: NodeID
    /// The function; of a compound call the names joined by commas.
    package let function: String
    /// `return`, encoded.
    package let body: [UInt8]
    /// 0 when the peer names none; of a compound call the worst.
    package let returnCode: Int
    /// Nil when the peer does not say; of a compound call whether all succeeded.
    package let isSuccess: Bool?
    package let outputter: String?
    /// `fun_args`, encoded; nil when absent.
    package let arguments: [UInt8]?

    /// Reads the return out of a request's load.
    ///
    /// - Parameters:
    ///   - load: The fields of `opened`.
    ///   - node: Who sent it, proved.
    /// - Throws: `MessageError` when `jid` or `return` is missing or `jid` is no job id; answer it as a failed command.
    package init(_ load: RequestLoad, in opened: RawSpan, from node: NodeID) throws(MessageError) {
        guard let jobRange = load.job else { throw .missingField("jid") }
        guard let body = load.encodedReturn else { throw .missingField("return") }
        let reader = MessagePackReader(opened)
        if reader.matches(jobRange, "req") {
            job = nil
        } else {
            let id = opened.extracting(jobRange).withUnsafeBytes { JobID(bytes: $0) }
            guard let id else { throw .invalidField("jid") }
            job = id
        }
        self.node = node
        self.body = reader.array(body)
        outputter = load.outputter.flatMap { reader.text($0) }
        arguments = load.encodedArguments.map { reader.array($0) }
        do throws(MessagePackError) {
            function = try ReturnMessage.function(load.encodedFunction, opened)
            returnCode = try ReturnMessage.returnCode(load.encodedReturnCode, opened)
            isSuccess = try ReturnMessage.success(load.encodedSuccess, opened)
        } catch {
            throw .undecodable(error)
        }
    }

    /// The return as it is stored.
    ///
    /// - Parameter job: The id to file it under when the node had none.
    package func nodeReturn(under job: JobID, received: Timestamp) -> NodeReturn {
        NodeReturn(
            job: job, node: node, function: function, body: .init(.messagePack, body), returnCode: returnCode,
            isSuccess: isSuccess, outputter: outputter, received: received)
    }

    // MARK: Fields that compound calls make into maps or arrays

    private static func function(_ range: Range<Int>?, _ bytes: RawSpan) throws(MessagePackError) -> String {
        guard let range else { return "" }
        var reader = MessagePackReader(bytes.extracting(range))
        switch try reader.next() {
        case .string(let name), .binary(let name):
            return reader.text(name) ?? ""
        case .array(let count):
            var names: [String] = []
            for _ in 0..<count { names.append(try reader.readTextOrSkip().flatMap { reader.text($0) } ?? "") }
            return names.joined(separator: ",")
        case .null, .bool, .int, .uint, .float, .double, .map, .ext:
            return ""
        }
    }

    /// The code furthest from zero. What is no number counts as Python's truth would: nil and false as success.
    private static func returnCode(_ range: Range<Int>?, _ bytes: RawSpan) throws(MessagePackError) -> Int {
        guard let range else { return 0 }
        var worst = 0
        try forEachOutcome(range, bytes) { value in
            let code: Int
            switch value {
            case .int(let number): code = Int(clamping: number)
            case .uint(let number): code = Int(clamping: number)
            case .null, .bool(false): code = 0
            case .bool, .float, .double, .string, .binary, .array, .map, .ext: code = 1
            }
            if code.magnitude > worst.magnitude { worst = code }
        }
        return worst
    }

    private static func success(_ range: Range<Int>?, _ bytes: RawSpan) throws(MessagePackError) -> Bool? {
        guard let range else { return nil }
        var all: Bool?
        try forEachOutcome(range, bytes) { value in
            if case .bool(let flag) = value { all = (all ?? true) && flag }
        }
        return all
    }

    /// Calls the closure with the value, or with each value of a map or element of an array.
    private static func forEachOutcome(
        _ range: Range<Int>, _ bytes: RawSpan, _ body: (MessagePackToken) -> Void
    ) throws(MessagePackError) {
        var reader = MessagePackReader(bytes.extracting(range))
        let first = try reader.next()
        switch first {
        case .map(let count):
            for _ in 0..<count {
                try reader.skip()
                try visit(&reader, body)
            }
        case .array(let count):
            for _ in 0..<count { try visit(&reader, body) }
        case .null, .bool, .int, .uint, .float, .double, .string, .binary, .ext:
            body(first)
        }
    }

    private static func visit(
        _ reader: inout MessagePackReader, _ body: (MessagePackToken) -> Void
    ) throws(MessagePackError) {
        let start = reader
        let token = try reader.next()
        body(token)
        reader = start
        try reader.skip()
    }
}
