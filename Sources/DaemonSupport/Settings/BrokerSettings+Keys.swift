extension BrokerSettings {
    package static let settings: [Setting<BrokerSettings>] = [
        .texts("listen", \.listen, "where clients connect without TLS: HOST, HOST:PORT or [ADDRESS]:PORT; port 61613"),
        .texts("tls_listen", \.tlsListen, "where clients connect with TLS, the same way; port 61614"),
        .optionalPath(
            "tls_certificate", \.tlsCertificate,
            "the certificate for tls_listen and those between it and its authority, as PEM; read again when it changes"),
        .optionalPath("tls_key", \.tlsKey, "its private key, as PEM"),
        .optionalPath(
            "tls_client_ca", \.tlsClientCA, "clients must have a certificate that one of these authorities has signed"),
        .optionalPath(
            "control_socket", \.controlSocket,
            "the unix socket that 'muster broker' talks to; only its owner and root get in; broker.sock in /run/muster"),
        .count(
            "max_connections", \.maxConnections, in: 1...10_000_000,
            "clients at a time; higher needs more file descriptors and memory"),
        .duration(
            "heart_beat", \.heartBeat, in: .seconds(1) ... .seconds(3600),
            "the shortest heart-beat with a client that wants some; shorter finds dead ones sooner and sends more"),
        .optionalPath(
            "data_dir", \.dataDirectory,
            "persistent messages, users, virtual hosts and permissions; without it messages stay in memory"),
        .texts("virtual_hosts", \.virtualHosts, "virtual hosts besides /, mcollective and /mcollective"),
        .optionalText("user", \.user, "a user who may do everything"),
        .optionalPath("password_file", \.passwordFile, "the file with that user's password in its first line"),
        .count(
            "max_queue_messages", \.maxQueueMessages, in: 1...100_000_000,
            "messages of one queue; higher takes more memory, lower refuses sooner"),
        .bytes(
            "max_queue_size", \.maxQueueBytes, in: (64 << 10)...(1 << 40),
            "memory of one queue's messages; higher takes more, lower refuses sooner"),
        .bytes(
            "max_stored_size", \.maxStoredBytes, in: (64 << 10)...(1 << 40),
            "memory of all queues of a virtual host; higher takes more, lower refuses sooner"),
        .count(
            "max_queues", \.maxQueues, in: 1...10_000_000,
            "queues of a virtual host; higher lets clients fill the memory with names"),
        .count(
            "max_backlog_messages", \.maxBacklogMessages, in: 1...10_000_000,
            "messages that wait for one slow subscriber of a topic; lower loses some sooner, higher takes more memory"),
        .bytes(
            "max_backlog_size", \.maxBacklogBytes, in: (64 << 10)...(1 << 40), "the memory of those of one subscriber"),
        .bytes(
            "max_backlogs_size", \.maxBacklogsBytes, in: (64 << 10)...(1 << 40),
            "the memory of those of all subscribers of a virtual host"),
        .bytes(
            "max_transaction_size", \.maxTransactionBytes, in: (64 << 10)...(1 << 40),
            "the memory of one client's open transactions"),
        .bytes(
            "max_transactions_size", \.maxTransactionsBytes, in: (64 << 10)...(1 << 40),
            "the memory of all open transactions of a virtual host"),
        .bytes(
            "max_log_size", \.maxLogBytes, in: (64 << 20)...(1 << 50),
            "what persistent messages of a virtual host take on disk; beyond it they are refused"),
        .bytes(
            "max_message_size", \.maxMessageBytes, in: (1 << 10)...(1 << 30),
            "the largest message; higher lets a client take more memory"),
        .count(
            "max_subscriptions", \.maxSubscriptions, in: 1...1_000_000,
            "subscriptions of a client; higher lets a client take more memory"),
        .count(
            "prefetch", \.prefetch, in: 1...65_535,
            "messages a consumer that names no number holds unacknowledged; lower waits more, higher shares less fairly"
        ),
        .count(
            "max_redeliveries", \.maxRedeliveries, in: 0...1_000_000,
            "how often a message is delivered again before it goes to dead_letter_queue"),
        .text("dead_letter_queue", \.deadLetterQueue, "the queue of messages that nobody could do anything with"),
        .choice("log_level", \.logLevel, "the least important messages that are logged"),
        .duration(
            "shutdown_grace", \.shutdownGrace, in: .zero ... .seconds(600),
            "how long clients may take what they are owed when the broker stops"),
    ]
}
