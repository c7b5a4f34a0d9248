extension NodeSettings {
    package static let settings: [Setting<NodeSettings>] = [
        .texts("controllers", \.controllers, "the controllers to join, all at once: HOST, HOST:PORT or [ADDRESS]:PORT"),
        .count(
            "request_port", \.requestPort, in: 1...65_535, "the port of controllers that are given without one",
            form: "a port"),
        .optionalPath(
            "mcollective_config", \.collectiveFile,
            "the server.cfg of MCollective: the node joins its collectives, and without controllers nothing else"),
        .optionalText("id", \.id, "the name of this node; from id_file or the host's name when it is not given"),
        .optionalPath("id_file", \.idFile, "where the id is kept when the host's name made it"),
        .flag("id_lowercase", \.idIsLowercased, "an id from the host's name is in lower case"),
        .optionalText("id_append_domain", \.idDomain, "added to the id, with a dot, unless it ends with it"),
        .path("state_dir", \.stateDirectory, "seen jobs and returns that are not sent yet"),
        .path("key_dir", \.keyDirectory, "the keys of the node and its controllers, laid out as Salt's pki/minion"),
        .optionalPath("modules_dir", \.modulesDirectory, "the operators' own modules: executables in any language"),
        .path("facts_file", \.factsFile, "facts that operators set with grains.setval and by hand"),
        .map("facts", \.facts, "facts over those that are found"),
        .count(
            "key_bits", \.keyBits, in: 2048...8192,
            "the size of the node's key when it is made; higher makes sign-ins slower, twice the bits seven times"),
        .choice("encryption", \.encryption, "how session keys travel; controllers before Salt 3007 know SHA1"),
        .choice("signature", \.signature, "what signatures are made over; controllers before Salt 3007 know SHA1"),
        .choice("fingerprint_digest", \.fingerprintDigest, "the digest of controller_fingerprint"),
        .optionalText(
            "controller_fingerprint", \.controllerFingerprint, "the only key a controller may have at first contact"),
        .optionalPath("key_signer_file", \.keySignerFile, "the public key that must have signed the controllers' keys"),
        .flag(
            "always_verify_key_signature", \.alwaysVerifiesKeySignature,
            "checks that signature at every sign-in, not only for new keys"),
        .duration(
            "sign_in_timeout", \.signInTimeout, in: .milliseconds(100) ... .seconds(600),
            "how long the answer to a sign-in is waited for; shorter asks a busy controller more often"),
        .duration(
            "sign_in_retry", \.signInRetry, in: .milliseconds(100) ... .seconds(86_400),
            "how long a node whose key is not accepted waits before it asks again; shorter asks more often"),
        .duration(
            "sign_in_longest_retry", \.signInLongestRetry, in: .zero ... .seconds(86_400),
            "waits grow up to this; 0 keeps them as they are"),
        .flag("retry_when_rejected", \.retriesWhenRejected, "goes on asking although the key is rejected"),
        .texts("autosign_facts", \.autosignFacts, "facts sent at sign-in, for controllers that accept by them"),
        .duration(
            "reconnect_delay", \.reconnectDelay, in: .milliseconds(10) ... .seconds(3600),
            "the first wait before a lost connection is made again; a random part of it is taken"),
        .duration(
            "reconnect_longest_delay", \.reconnectLongestDelay, in: .milliseconds(10) ... .seconds(86_400),
            "waits grow up to this; longer spares the controller, shorter comes back sooner"),
        .duration(
            "request_timeout", \.requestTimeout, in: .milliseconds(100) ... .seconds(3600),
            "how long answers of the controller are waited for"),
        .duration(
            "return_timeout", \.returnTimeout, in: .milliseconds(100) ... .seconds(3600),
            "the shortest wait for the acknowledgement of a return"),
        .duration(
            "return_longest_timeout", \.returnLongestTimeout, in: .milliseconds(100) ... .seconds(3600),
            "the longest; each try waits a random time between the two"),
        .count(
            "return_tries", \.returnTries, in: 1...1000, "tries before a return is left on disk for later"),
        .duration(
            "return_replay_interval", \.returnReplayInterval, in: .seconds(1) ... .seconds(86_400),
            "how often returns on disk are sent again"),
        .bytes(
            "return_spool_size", \.returnSpoolBytes, in: (1 << 20)...(1 << 40),
            "returns kept on disk for one controller; the oldest go when there is more"),
        .count(
            "max_running_jobs", \.maxRunningJobs, in: 1...100_000,
            "jobs that run at once; higher takes more memory and processors, lower makes jobs wait"),
        .count("max_waiting_jobs", \.maxWaitingJobs, in: 0...1_000_000, "jobs that wait; further ones are refused"),
        .limit(
            "job_time_limit", \.jobTimeLimit, upTo: .seconds(366 * 86_400),
            "a job that runs longer is ended; 0 for never"),
        .count("seen_jobs", \.seenJobs, in: 10...1_000_000, "job ids remembered, so that none runs twice"),
        .duration(
            "drain_limit", \.drainLimit, in: .zero ... .seconds(3600),
            "how long running jobs may go on when the node stops"),
        .texts(
            "disabled_modules", \.disabledModules,
            "modules that no job can call; the functions of saltutil that look after jobs stay in any case"),
        .texts(
            "allowed_modules", \.allowedModules,
            "the only modules that jobs can call, besides those functions of saltutil; none given means all"),
        .limit(
            "ping_interval", \.pingInterval, upTo: .seconds(86_400),
            "how often a minion_ping event is fired; 0 for never"),
        .flag("legacy_start_event", \.firesLegacyStart, "fires minion_start besides salt/minion/ID/start"),
        .texts("start_event_facts", \.startEventFacts, "facts that the start event carries"),
        .flag("filter_topics", \.filtersTopics, "subscribes only to jobs for this node; the controller must do it too"),
        .optionalText("environment", \.environment, "Salt's saltenv"),
        .optionalText("pillar_environment", \.pillarEnvironment, "Salt's pillarenv"),
        .nodegroups("nodegroups", \.nodegroups, "compound expressions by name, for N@ in targets"),
        .choice("log_level", \.logLevel, "the least important messages that are logged"),
    ]
}
