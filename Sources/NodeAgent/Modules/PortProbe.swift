#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Tries whether a port can be reached. Blocks up to its timeout.
enum PortProbe {
    /// For TCP: whether the connection is accepted. For UDP: whether a datagram can be sent and is not refused at once.
    static func connects(to address: IPAddress, port: UInt16, isStream: Bool, timeout: Duration) -> Bool {
        let kind = Int32(isStream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue)
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.isIPv4 ? AF_INET : AF_INET6, kind | flags, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let status = address.withSocketAddress(port: port) { connect(descriptor, $0, $1) }
        if status != 0 && errno != EINPROGRESS { return false }
        if !isStream { return send(descriptor, [0], 1, Int32(MSG_NOSIGNAL)) == 1 && !hasError(descriptor) }
        if status == 0 { return true }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let milliseconds = Int32(clamping: timeout.components.seconds * 1000)
        return poll(&waiting, 1, milliseconds) == 1 && !hasError(descriptor)
    }

    private static func hasError(_ descriptor: Int32) -> Bool {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0
    }
}
