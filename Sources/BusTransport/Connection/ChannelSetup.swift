import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The options every connection's channel gets.
enum ChannelSetup {
    /// Sets the options and adds the handler; call it on the channel's loop, before the channel is active.
    static func configure(
        _ channel: any Channel,
        options: ConnectionOptions,
        handler: ConnectionHandler
    ) throws {
        if let settings = channel.syncOptions {
            // One read per wake-up: a second one would only find the socket empty.
            try settings.setOption(.maxMessagesPerRead, value: 1)
            try settings.setOption(
                .writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10))
            try settings.setOption(.tcpOption(.tcp_nodelay), value: 1)
            if let keepAlive = options.keepAlive { try configure(settings, keepAlive) }
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private static func configure(_ settings: any NIOSynchronousChannelOptions, _ keepAlive: KeepAlive) throws {
        #if canImport(Darwin)
            let idle = TCP_KEEPALIVE
        #else
            let idle = TCP_KEEPIDLE
        #endif
        try settings.setOption(.socketOption(.so_keepalive), value: 1)
        let values = [
            (idle, keepAlive.idleSeconds), (TCP_KEEPINTVL, keepAlive.intervalSeconds), (TCP_KEEPCNT, keepAlive.probes),
        ]
        for case (let option, let value?) in values {
            try settings.setOption(.tcpOption(.init(rawValue: option)), value: value)
        }
    }
}
