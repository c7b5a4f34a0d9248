package import MCollectiveProtocol

/// When and where a node tells that it is there; nil when it does not.
///
/// Source: MCollective 2.12, `registration/base.rb`.
package struct RegistrationPlan: Sendable, Hashable {
    package let interval: Duration
    package let collective: String
    private let isSplayed: Bool

    /// Nil without an interval, and for a plugin that is not `agentlist`: what others tell is Ruby.
    package init?(_ configuration: CollectiveConfiguration) {
        let options = configuration.registration
        guard options.interval > 0, options.plugin == "agentlist" else { return nil }
        interval = .milliseconds(Int64(min(options.interval, 1e9) * 1000))
        // One that the node does not belong to is no place to tell it.
        let wanted = options.collective ?? configuration.mainCollective
        collective = configuration.collectives.contains(wanted) ? wanted : configuration.mainCollective
        isSplayed = options.isSplayed
    }

    /// How long the node waits before the first time: a part of the interval when it is splayed, else not at all.
    ///
    /// - Parameter part: from zero to one, random.
    package func firstDelay(_ part: Double) -> Duration { isSplayed ? interval * part : .zero }
}
