public import NIOCore

/// Why a sealed message was not opened.
public enum ContainerError: Error, Equatable, Sendable {
    /// Shorter than the empty message, or not a whole number of cipher blocks.
    case malformed
    /// Not sealed with this key, or changed on the way. For a node the sign to sign in again.
    case wrongMAC
    /// The MAC is right and the padding is not: made by a peer with the key and a fault.
    case wrongPadding
    /// The content does not begin with Salt's marker.
    case missingMarker
    /// The reply belongs to another request.
    case wrongNonce
    /// libcrypto failed.
    case library(CryptographyError)
}

extension ContainerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed: "not a sealed message: too short or cut off"
        case .wrongMAC: "sealed with another key or changed on the way: sign in again"
        case .wrongPadding: "sealed with the right key but badly padded: the peer's implementation is at fault"
        case .missingMarker:
            "sealed with the right key but without Salt's marker: the peer's implementation is at fault"
        case .wrongNonce: "the reply answers another request: it was replayed or mixed up"
        case .library(let error): error.description
        }
    }
}

/// Seals and opens messages under one ``KeyString``: Salt's "Crypticle".
///
///     blob = IV(16) ‖ AES-192-CBC(PKCS#7(content)) ‖ HMAC-SHA256(IV ‖ cipher text)(32)
///     content = "pickle::" ‖ [nonce, in replies only] ‖ message
///
/// Uses a context of libcrypto and is therefore not `Sendable`: owned by one event loop or task; make one per key and
/// owner, and let those of one owner share the cipher: 300 bytes each. The MAC is checked in constant time before
/// anything is decrypted, and every byte of the padding is checked (Salt checks only the last). 3008's unencrypted
/// `tls_opt::` form fails the MAC.
public final class Container {
    private static let blockCount = ContainerCipher.blockCount
    private static let macCount = ContainerKey.macCount
    private static let marker: StaticString = "pickle::"
    private static let markerCount = 8
    /// libcrypto counts in 32 bits; more than any message that a limit lets through.
    private static let maximumCount = Int(Int32.max) - 256

    private var key: ContainerKey
    private let cipher: ContainerCipher

    /// Prepares the key.
    ///
    /// - Parameter cipher: What many containers of one owner share; nil makes one for this container alone.
    public init(_ key: KeyString, sharing cipher: ContainerCipher? = nil) throws(CryptographyError) {
        self.key = try ContainerKey(key)
        if let cipher { self.cipher = cipher } else { self.cipher = try ContainerCipher() }
    }

    deinit { key.erase() }

    /// Length of the sealed form of a message.
    public static func sealedCount(of byteCount: Int, nonce: Nonce? = nil) -> Int {
        let content = markerCount + (nonce == nil ? 0 : Nonce.byteCount) + byteCount
        return blockCount + (content / blockCount + 1) * blockCount + macCount
    }

    // MARK: Sealing

    /// Appends the sealed message to the buffer.
    ///
    /// - Parameter nonce: That of the request when this is its reply; nil in requests and publishes.
    public func seal(_ message: RawSpan, nonce: Nonce? = nil, into buffer: inout ByteBuffer) throws(CryptographyError) {
        let count = try checkedCount(message, nonce)
        let failure: CryptographyError? = message.withUnsafeBytes { source in
            var failure: CryptographyError?
            _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
                failure = seal(source, nonce, into: UnsafeMutableRawBufferPointer(rebasing: target[..<count]))
                return failure == nil ? count : 0
            }
            return failure
        }
        if let failure { throw failure }
    }

    /// The sealed message.
    ///
    /// - Parameter nonce: That of the request when this is its reply; nil in requests and publishes.
    public func seal(_ message: [UInt8], nonce: Nonce? = nil) throws(CryptographyError) -> [UInt8] {
        try seal(message, nonce: nonce, initializationVector: nil)
    }

    /// Sealing with a given IV, for the captured vectors; nil takes a random one.
    func seal(_ message: [UInt8], nonce: Nonce?, initializationVector: [UInt8]?) throws(CryptographyError) -> [UInt8] {
        let count = try checkedCount(message.span.bytes, nonce)
        var failure: CryptographyError?
        let sealed = [UInt8](unsafeUninitializedCapacity: count) { target, written in
            let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<count])
            failure = message.withUnsafeBytes { seal($0, nonce, into: target, initializationVector) }
            written = failure == nil ? count : 0
        }
        if let failure { throw failure }
        return sealed
    }

    private func checkedCount(_ message: RawSpan, _ nonce: Nonce?) throws(CryptographyError) -> Int {
        guard message.byteCount <= Container.maximumCount else {
            throw .messageTooLong(bytes: message.byteCount, limit: Container.maximumCount)
        }
        return Container.sealedCount(of: message.byteCount, nonce: nonce)
    }

    /// Lays the padded content out behind the IV, encrypts it in place and puts the MAC behind it.
    private func seal(
        _ message: UnsafeRawBufferPointer, _ nonce: Nonce?, into target: UnsafeMutableRawBufferPointer,
        _ initializationVector: [UInt8]? = nil
    ) -> CryptographyError? {
        let vector = UnsafeMutableRawBufferPointer(rebasing: target[..<Container.blockCount])
        if let initializationVector {
            vector.copyBytes(from: initializationVector)
        } else {
            do throws(CryptographyError) { try SecureRandom.fill(vector) } catch { return error }
        }
        let macStart = target.count - Container.macCount
        let content = UnsafeMutableRawBufferPointer(rebasing: target[Container.blockCount..<macStart])
        var end = Container.markerCount
        content.copyMemory(from: UnsafeRawBufferPointer(start: Container.marker.utf8Start, count: end))
        nonce?.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: content[end...]).copyMemory(from: bytes)
            end += bytes.count
        }
        UnsafeMutableRawBufferPointer(rebasing: content[end...]).copyMemory(from: message)
        end += message.count
        for index in end..<content.count { content[index] = UInt8(content.count - end) }

        guard cipher.encrypt(UnsafeRawBufferPointer(content), key, UnsafeRawBufferPointer(vector), into: content)
        else { return .libraryFailure(operation: "EVP_CipherUpdate") }
        let authentic = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<macStart])
        guard key.authenticate(authentic, into: UnsafeMutableRawBufferPointer(rebasing: target[macStart...])) else {
            return .libraryFailure(operation: "SHA256_Final")
        }
        return nil
    }

    // MARK: Opening

    /// Checks and opens a sealed message.
    ///
    /// - Parameters:
    ///   - nonce: Of the request whose reply this is; nil for requests and publishes, which carry none in front.
    ///   - buffer: Cleared first; afterwards its readable bytes are the message, and empty if this throws. Use the same
    ///     one again for the next message.
    public func open(_ blob: RawSpan, expecting nonce: Nonce? = nil, into buffer: inout ByteBuffer)
        throws(ContainerError)
    {
        buffer.clear()
        let result: Result<Range<Int>, ContainerError> = blob.withUnsafeBytes { source in
            guard source.count <= Container.maximumCount else { return .failure(.malformed) }
            var result = Result<Range<Int>, ContainerError>.failure(.malformed)
            _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: source.count) { target in
                result = open(source, expecting: nonce, into: target)
                return (try? result.get())?.upperBound ?? 0  // nothing was written when it failed
            }
            return result
        }
        buffer.moveReaderIndex(to: try result.get().lowerBound)
    }

    /// Checks and opens a sealed message.
    ///
    /// - Parameter nonce: Of the request whose reply this is; nil for requests and publishes, which carry none in front.
    public func open(_ blob: [UInt8], expecting nonce: Nonce? = nil) throws(ContainerError) -> [UInt8] {
        var buffer = ByteBuffer()
        try open(blob.span.bytes, expecting: nonce, into: &buffer)
        return Array(buffer.readableBytesView)
    }

    /// Decrypts into the target, which has at least the length of the blob; the result is where the message lies there.
    private func open(
        _ blob: UnsafeRawBufferPointer, expecting nonce: Nonce?, into target: UnsafeMutableRawBufferPointer
    ) -> Result<Range<Int>, ContainerError> {
        let macStart = blob.count - Container.macCount
        let cipherCount = macStart - Container.blockCount
        guard cipherCount > 0, cipherCount.isMultiple(of: Container.blockCount) else { return .failure(.malformed) }
        guard isAuthentic(blob, macStart) else { return .failure(.wrongMAC) }

        let vector = UnsafeRawBufferPointer(rebasing: blob[..<Container.blockCount])
        let cipherText = UnsafeRawBufferPointer(rebasing: blob[Container.blockCount..<macStart])
        guard cipher.decrypt(cipherText, key, vector, into: target) else {
            return .failure(.library(.libraryFailure(operation: "EVP_CipherUpdate")))
        }
        let content = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<cipherCount])
        let padding = Int(content[cipherCount - 1])
        guard (1...Container.blockCount).contains(padding),
            content[(cipherCount - padding)...].allSatisfy({ $0 == UInt8(padding) })
        else { return .failure(.wrongPadding) }

        var start = Container.markerCount
        let end = cipherCount - padding
        let marker = UnsafeRawBufferPointer(start: Container.marker.utf8Start, count: start)
        guard end >= start, marker.elementsEqual(content[..<start]) else { return .failure(.missingMarker) }
        if let nonce {
            let next = start + Nonce.byteCount
            guard end >= next,
                nonce.withUnsafeBytes({ $0.elementsEqual(content[start..<next]) })
            else { return .failure(.wrongNonce) }
            start = next
        }
        return .success(start..<end)
    }

    private func isAuthentic(_ blob: UnsafeRawBufferPointer, _ macStart: Int) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: Container.macCount, alignment: 8) { expected in
            key.authenticate(UnsafeRawBufferPointer(rebasing: blob[..<macStart]), into: expected)
                && ConstantTime.areEqual(
                    UnsafeRawBufferPointer(expected), UnsafeRawBufferPointer(rebasing: blob[macStart...]))
        }
    }
}
