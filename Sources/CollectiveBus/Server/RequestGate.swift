import MCollectiveProtocol
import MusterCore
import STOMP

/// Decides which messages are requests that a node may serve, and counts. A value without socket or clock.
struct RequestGate {
    private let coder: MessageCoder
    private let rules: RequestRules
    private var memory = RequestMemory()
    private(set) var arrivals = Arrivals()
    private(set) var statistics = CollectiveStatistics()

    init(_ coder: MessageCoder, rules: RequestRules) {
        self.coder = coder
        self.rules = rules
    }

    /// Why a message is not served.
    enum Refusal: Error {
        /// Nobody subscribed to where it came from.
        case unknownArrival
        case envelope(EnvelopeError)
        case security(SecurityError, caller: CallerID)
        case rules(RequestRefusal, caller: CallerID)
    }

    /// Takes a message in.
    mutating func admit(_ delivery: Delivery, now: Timestamp) throws(Refusal) -> AcceptedRequest {
        statistics.total += 1
        guard let arrival = arrivals.arrival(of: delivery) else {
            statistics.misdirected += 1
            throw .unknownArrival
        }
        let sealed: SealedRequest
        do throws(EnvelopeError) {
            sealed = try SealedRequest(
                try coder.envelope(delivery), serializer: coder.security.serializer, limits: coder.limits)
        } catch {
            statistics.unvalidated += 1
            throw .envelope(error)
        }
        let request: CollectiveRequest
        do throws(SecurityError) { request = try coder.security.open(sealed, limits: coder.limits) } catch {
            statistics.unvalidated += 1
            throw .security(error, caller: sealed.callerID)
        }
        statistics.validated += 1
        do throws(RequestRefusal) {
            try rules.check(sealed, arrival: arrival, now: now, memory: &memory)
        } catch {
            count(error)
            throw .rules(error, caller: sealed.callerID)
        }
        return AcceptedRequest(request: request, replyTo: delivery.headers["reply-to"], arrival: arrival)
    }

    private mutating func count(_ refusal: RequestRefusal) {
        switch refusal {
        case .expired: statistics.expired += 1
        case .fromTheFuture: statistics.fromTheFuture += 1
        case .repeated, .forgotten: statistics.repeated += 1
        case .otherCollective, .otherAgent, .otherNode: statistics.misdirected += 1
        }
    }

    mutating func subscribed(to subscriptions: [CollectiveSubscription]) { arrivals = Arrivals(subscriptions) }
    mutating func notePassed() { statistics.passed += 1 }
    mutating func noteFiltered() { statistics.filtered += 1 }
    mutating func noteReply() { statistics.replies += 1 }
}

extension RequestGate.Refusal: CustomStringConvertible {
    var description: String {
        switch self {
        case .unknownArrival: "it came from a destination that was not subscribed to"
        case .envelope(let error): "\(error)"
        case .security(let error, let caller): "\(caller): \(error)"
        case .rules(let error, let caller): "\(caller): \(error)"
        }
    }
}

/// What the messages of each subscription must be.
struct Arrivals {
    private var byID: [String: RequestRules.Arrival] = [:]
    private var byDestination: [String: RequestRules.Arrival] = [:]

    init(_ subscriptions: [CollectiveSubscription] = []) {
        for subscription in subscriptions {
            byID[subscription.id] = subscription.arrival
            byDestination[subscription.destination] = subscription.arrival
        }
    }

    /// By the subscription, or by the destination where the broker does not name one (STOMP 1.0).
    func arrival(of delivery: Delivery) -> RequestRules.Arrival? {
        if let id = delivery.subscription, let arrival = byID[id] { return arrival }
        return delivery.destination.flatMap { byDestination[$0] }
    }
}
