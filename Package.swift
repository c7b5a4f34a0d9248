// swift-tools-version: 6.2
import PackageDescription

// The layers, top row lowest; a target imports only rows above its own (docs/ARCHITECTURE.md).
//
//   wire      MessagePack  STOMP  ZMTP
//   domain    MusterCore
//   protocol  SaltProtocol (COpenSSL)  MCollectiveProtocol (COpenSSL)
//   edges     BusTransport  CollectiveBus (BusTransport)  Store
//   services  Controller  NodeAgent  HTTPAPI  Simulator  StompBroker
//   outside   DaemonSupport  MusterCLI  muster
//   beside    muster-bench
//   tests     MusterTestSupport  CollectiveTestSupport

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let nio = "swift-nio"
let nioCore: Target.Dependency = .product(name: "NIOCore", package: nio)
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: nio)
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")

func library(_ name: String, _ dependencies: [Target.Dependency] = [], extra: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings + extra)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies + ["MusterTestSupport"],
        exclude: exclude,
        swiftSettings: settings)
}

let package = Package(
    name: "muster",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "muster", targets: ["muster"]),
        .library(name: "MessagePack", targets: ["MessagePack"]),
        .library(name: "STOMP", targets: ["STOMP"]),
        .library(name: "ZMTP", targets: ["ZMTP"]),
        .library(name: "SaltProtocol", targets: ["SaltProtocol"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // wire
        library("MessagePack", [nioCore], extra: [.enableExperimentalFeature("Lifetimes")]),
        library("STOMP", [nioCore]),
        library("ZMTP", [nioCore]),

        // domain
        library("MusterCore"),

        // protocol
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        library(
            "SaltProtocol", ["COpenSSL", "MessagePack", "MusterCore", nioCore],
            extra: [.enableExperimentalFeature("Lifetimes")]),
        library("MCollectiveProtocol", ["COpenSSL", "MusterCore"]),

        // edges
        library(
            "BusTransport",
            [
                "MusterCore", "STOMP", "ZMTP", .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"), nioCore, nioPosix,
                .product(name: "NIOSSL", package: "swift-nio-ssl"), logging,
            ]),
        library(
            "CollectiveBus",
            ["BusTransport", "MCollectiveProtocol", "MusterCore", "STOMP", logging, nioCore, nioPosix]),
        library(
            "Store",
            [
                "COpenSSL", "MusterCore", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "DequeModule", package: "swift-collections"),
            ]),

        // services
        library(
            "Controller",
            [
                "BusTransport", "CollectiveBus", "MCollectiveProtocol", "MessagePack", "MusterCore", "SaltProtocol",
                "ZMTP",
                collections, lifecycle, logging, nioCore, nioPosix,
            ]),
        library(
            "NodeAgent",
            [
                "BusTransport", "CollectiveBus", "MCollectiveProtocol", "MessagePack", "MusterCore", "SaltProtocol",
                collections, lifecycle,
                logging,
                nioCore, nioPosix,
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        library(
            "HTTPAPI",
            [
                "MusterCore", lifecycle, logging, nioCore, nioPosix,
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTP1", package: nio),
            ]),

        library(
            "Simulator",
            [
                "BusTransport", "CollectiveBus", "MCollectiveProtocol", "MessagePack", "MusterCore", "SaltProtocol",
                "ZMTP",
                logging, nioCore, nioPosix, .product(name: "DequeModule", package: "swift-collections"),
            ]),

        library(
            "StompBroker",
            [
                "COpenSSL", "MCollectiveProtocol", "MusterCore", "STOMP",
                .product(name: "DequeModule", package: "swift-collections"), lifecycle, logging, nioCore, nioPosix,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),

        // outside
        library("DaemonSupport", ["MusterCore", "Yams", lifecycle, logging]),
        library(
            "MusterCLI",
            [
                "CollectiveBus", "DaemonSupport", "HTTPAPI", "MCollectiveProtocol", "MusterCore", "Yams", logging,
                nioCore,
                nioPosix, .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "muster",
            dependencies: [
                "CollectiveBus", "Controller", "DaemonSupport", "HTTPAPI", "MCollectiveProtocol", "MusterCLI",
                "MusterCore",
                "NodeAgent", "STOMP", "SaltProtocol", "Simulator", "StompBroker", "Store", lifecycle, logging, nioCore,
                nioPosix, .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),

        // beside: built by `make bench`, not installed
        .executableTarget(
            name: "muster-bench",
            dependencies: [
                "BusTransport", "DaemonSupport", "HTTPAPI", "MusterCore", "STOMP", "ZMTP", nioCore, nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Benchmarks/MusterBench",
            swiftSettings: settings),

        // tests
        .target(
            name: "MusterTestSupport",
            dependencies: ["DaemonSupport", "MusterCore", logging, nioCore],
            path: "Tests/MusterTestSupport",
            swiftSettings: settings),
        .target(
            name: "CollectiveTestSupport",
            dependencies: [
                "CollectiveBus", "MCollectiveProtocol", "MusterCore", "MusterTestSupport", "StompBroker", logging,
                nioCore,
                nioPosix,
            ],
            path: "Tests/CollectiveTestSupport",
            swiftSettings: settings),
        tests("MessagePackTests", ["MessagePack", "MusterCore", nioCore], exclude: ["Corpus"]),
        tests("STOMPTests", ["MusterCore", "STOMP", nioCore], exclude: ["Corpus"]),
        tests("ZMTPTests", ["MusterCore", "ZMTP", nioCore], exclude: ["Corpus"]),
        tests("MusterCoreTests", ["MusterCore"]),
        tests("SaltProtocolTests", ["COpenSSL", "MessagePack", "MusterCore", "SaltProtocol", nioCore]),
        tests("MCollectiveProtocolTests", ["MCollectiveProtocol", "MusterCore"], exclude: ["Corpus"]),
        tests(
            "BusTransportTests",
            ["BusTransport", "MusterCore", "ZMTP", nioCore, nioPosix, .product(name: "NIOEmbedded", package: nio)]),
        tests(
            "CollectiveBusTests",
            [
                "BusTransport", "CollectiveBus", "CollectiveTestSupport", "MCollectiveProtocol", "MusterCore", "STOMP",
                nioCore, nioPosix,
            ]),
        tests("StoreTests", ["MusterCore", "Store", .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "ControllerTests",
            [
                "BusTransport", "CollectiveBus", "CollectiveTestSupport", "Controller", "MCollectiveProtocol",
                "MessagePack",
                "MusterCore",
                "SaltProtocol", "Store", "ZMTP", logging, nioCore, nioPosix,
            ]),
        tests(
            "NodeAgentTests",
            [
                "BusTransport", "CollectiveBus", "CollectiveTestSupport", "MCollectiveProtocol", "MessagePack",
                "MusterCore",
                "NodeAgent", "SaltProtocol", "STOMP", lifecycle, logging, nioCore, nioPosix,
            ]),
        tests(
            "SimulatorTests",
            [
                "BusTransport", "CollectiveBus", "CollectiveTestSupport", "MCollectiveProtocol", "MusterCore",
                "SaltProtocol", "Simulator", nioCore, nioPosix,
            ]),
        tests(
            "StompBrokerTests",
            ["MusterCore", "STOMP", "StompBroker", logging, nioCore, .product(name: "NIOEmbedded", package: nio)]),
        tests("HTTPAPITests", ["HTTPAPI", "MusterCore", lifecycle, logging, nioCore, nioPosix]),
        tests("DaemonSupportTests", ["DaemonSupport", "MusterCore", logging]),
        tests("MusterCLITests", ["MCollectiveProtocol", "MusterCLI", "MusterCore"]),
        tests(
            "MusterBenchTests",
            [
                "muster-bench", "MusterCore", "STOMP", nioCore,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        tests(
            "InteropTests",
            ["BusTransport", "DaemonSupport", "HTTPAPI", "MusterCore", "SaltProtocol", "ZMTP", nioCore, nioPosix],
            exclude: ["Collective/legacy", "Collective/psych4.rb", "Stomp/client.py", "ZeroMQ/peer.py"]),
        tests(
            "FaultTests",
            ["BusTransport", "DaemonSupport", "HTTPAPI", "MusterCore", "SaltProtocol", "ZMTP", nioCore, nioPosix]),
    ]
)
