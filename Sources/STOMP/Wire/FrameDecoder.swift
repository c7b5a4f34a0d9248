public import NIOCore

/// Finds frames in the bytes of one connection.
///
/// Memory grows with what has arrived, never with what was announced; a frame is cut out of the input when it is complete,
/// without a copy of its body; no byte is looked for twice. After an error nothing more is taken.
///
/// Tolerances:
/// - any number of LF, and CRLF, between frames: heart-beats, and the LF that RabbitMQ, ActiveMQ and StompServer put after
///   each frame;
/// - CRLF ends lines of the first frame: a 1.2 client may write so before a version is agreed upon;
/// - `content-length` on every frame, also of no body: ruby-stomp;
/// - a body without `content-length` ends at its first NUL: 1.0 clients, stomp.py, ActiveMQ;
/// - a repeated `content-length` if it says the same;
/// - colons in values that are not escaped: 1.0, and ActiveMQ's `session` in every version.
///
/// Spec: STOMP 1.2, "STOMP Frames", "Augmented BNF".
public struct FrameDecoder: Sendable {
    private enum State {
        case betweenFrames
        case inHead(HeadScanner)
        /// `scanned`: how far the end was looked for, from the first byte of the frame.
        case inBody(HeadScanner.Head, scanned: Int)
        case failed
    }

    /// What we take. May be changed between frames: a peer that has shown who it is may be given more room.
    public var limits: Limits
    /// What was agreed upon, for the frames to come; nil before.
    public var version: Version?
    private var state = State.betweenFrames
    private var input = ByteBuffer()
    /// Whether `input` is a buffer of our own, which no frame shares.
    private var ownsInput = false

    public init(limits: Limits = Limits(), version: Version? = nil) {
        self.limits = limits
        self.version = version
    }

    /// Takes bytes as they were read.
    public mutating func received(_ bytes: ByteBuffer) {
        if case .failed = state { return }
        if input.readableBytes == 0 {
            input = bytes
            ownsInput = false
        } else if ownsInput {
            input.writeImmutableBuffer(bytes)
        } else {
            // Frames already handed out share the storage: appending there would copy all of it.
            replaceInput(reserving: input.readableBytes + bytes.readableBytes)
            input.writeImmutableBuffer(bytes)
        }
    }

    /// The next frame; nil when more bytes are needed.
    public mutating func next() throws(STOMPError) -> Frame? {
        do throws(STOMPError) {
            let frame = try read()
            if frame == nil { letGo() } else { ownsInput = false }
            return frame
        } catch {
            end()
            throw error
        }
    }

    /// The memory that an unfinished frame takes here.
    public var heldBytes: Int { input.readableBytes == 0 ? 0 : input.storageCapacity }

    /// Takes nothing more, and gives up what is unfinished.
    public mutating func end() {
        state = .failed
        input = ByteBuffer()
    }

    private mutating func read() throws(STOMPError) -> Frame? {
        while true {
            switch state {
            case .failed: return nil
            case .betweenFrames:
                skipLineEnds()
                guard input.readableBytes > 0 else { return nil }
                state = .inHead(HeadScanner(limits: limits, version: version))
            case .inHead(var scanner):
                guard let head = try scan(&scanner) else {
                    state = .inHead(scanner)
                    return nil
                }
                state = .inBody(head, scanned: head.bodyStart)
            case .inBody(let head, let scanned):
                guard let end = try endOfBody(head, scanned: scanned) else { return nil }
                state = .betweenFrames
                return take(head, end: end)
            }
        }
    }

    private mutating func skipLineEnds() {
        let isLineEnd: (UInt8) -> Bool = { $0 == Escaping.lineFeed || $0 == Escaping.carriageReturn }
        let lineEnds = input.withUnsafeReadableBytes { $0.firstIndex { !isLineEnd($0) } ?? $0.count }
        input.moveReaderIndex(forwardBy: lineEnds)
    }

    private func scan(_ scanner: inout HeadScanner) throws(STOMPError) -> HeadScanner.Head? {
        // The result goes through an enum because rethrowing closures lose the type of what they throw.
        let result = input.withUnsafeReadableBytes { bytes in
            Result { () throws(STOMPError) in try scanner.scan(bytes) }
        }
        return try result.get()
    }

    /// How far the body reaches; nil when its NUL is not there yet.
    private mutating func endOfBody(_ head: HeadScanner.Head, scanned: Int) throws(STOMPError) -> Int? {
        let start = input.readerIndex
        if let length = head.contentLength {
            guard let last = input.getInteger(at: start + head.bodyStart + length, as: UInt8.self) else { return nil }
            guard last == Frame.end else { throw .bodyNotTerminated }
            return head.bodyStart + length
        }
        let unseen = input.viewBytes(at: start + scanned, length: input.readableBytes - scanned)
        let end = unseen?.firstIndex(of: Frame.end).map { $0 - start }
        let bodyBytes = (end ?? input.readableBytes) - head.bodyStart
        guard bodyBytes <= limits.maxBodyBytes else {
            throw .bodyTooLarge(declaredBytes: nil, limitBytes: limits.maxBodyBytes)
        }
        if end == nil { state = .inBody(head, scanned: input.readableBytes) }
        return end
    }

    private mutating func take(_ head: HeadScanner.Head, end: Int) -> Frame? {
        guard var frame = input.readSlice(length: end + 1),
            let lines = frame.getSlice(at: frame.readerIndex + head.lines.lowerBound, length: head.lines.count)
        else { return nil }
        frame.moveReaderIndex(forwardBy: head.bodyStart)
        frame.moveWriterIndex(to: frame.writerIndex - 1)
        let headers = Headers(asRead: lines, count: head.lineCount, escaping: head.escaping)
        return Frame(asRead: head.command, headers: headers, body: frame)
    }

    /// Gives back the buffer of what was taken out of it: an idle peer must not hold the memory of its last frame, nor a few
    /// bytes of the next one the whole of a read.
    private mutating func letGo() {
        let bytes = input.readableBytes
        guard bytes > 0 else {
            input = ByteBuffer()
            ownsInput = false
            return
        }
        guard input.storageCapacity > 4096, bytes < input.storageCapacity / 4 else { return }
        replaceInput(reserving: bytes)
    }

    private mutating func replaceInput(reserving bytes: Int) {
        var own = ByteBuffer()
        own.reserveCapacity(bytes)
        own.writeImmutableBuffer(input)
        input = own
        ownsInput = true
    }
}
