package import NIOCore

/// What the `ClientConnection`s of one program share: the counters, and one write to each for all that a tick sends.
///
/// Not Sendable. Owner: its event loop.
package final class ClientLoop {
    let loop: BusLoop

    package init(on eventLoop: any EventLoop) {
        loop = BusLoop(eventLoop: eventLoop)
    }

    package var eventLoop: any EventLoop { loop.eventLoop }

    /// The counters of all connections.
    package var metrics: BusMetrics { loop.metrics }

    /// Lets all connections send what waits, and closes them; those that need longer than `grace` are cut off.
    ///
    /// The result succeeds when there is none left. Stop the connections first, or they come back.
    package func drain(within grace: TimeAmount) -> EventLoopFuture<Void> { loop.drain(within: grace) }
}
