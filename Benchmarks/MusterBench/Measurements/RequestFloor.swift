import MusterCore
import NIOCore
import ZMTP

/// The floor of returns: peers that send a request and wait for its reply, all at once, at a ROUTER that echoes.
struct RequestFloor {
    let peers: Int

    var figures: [Figure] {
        [
            Figure(
                section: .floor, kind: "floor.requests", nodes: peers,
                title: "\(peers) lock-step peers, echoed requests",
                unit: .perSecond, better: .more),
            Figure(
                section: .floor, kind: "floor.requests.cpu", nodes: peers,
                title: "processor time for each request of \(peers) peers",
                unit: .microseconds, better: .less),
        ]
    }

    func measure(rounds: Int, time: Duration, _ site: Site) async throws -> [Samples] {
        try await FloorProcess.with(site) { server in
            let payload = ByteBuffer(repeating: UInt8(ascii: "r"), count: FloorProcess.messageBytes)
            let load = try await LoadPeers.connect(
                peers, .requester(Message(request: payload).wire), to: server.routerPort)
            do {
                var costs: [Double] = []
                let rates = try await Round.values(rounds) {
                    let clock = ContinuousClock()
                    let (began, spent, before) = try await (clock.now, server.processorTime, load.messages())
                    try await Task.sleep(for: time)
                    let (ended, spentThen, after) = try await (clock.now, server.processorTime, load.messages())
                    let requests = Double(after - before)
                    costs.append((spentThen - spent).inMicroseconds / max(1, requests))
                    return requests / (ended - began).inSeconds
                }
                await load.close()
                return [rates, Samples(costs) ?? Samples(0)]
            } catch {
                await load.close()
                throw error
            }
        }
    }
}
