// swift-tools-version:6.2
import PackageDescription

/// What every target of ours is compiled with.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// What a target is compiled with whose code runs only where the processor has been asked.
#if arch(x86_64)
    let avx2: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-mavx2"], .when(configuration: .release))]
#else
    let avx2: [SwiftSetting] = []
#endif

/// A room. The arrows of the house are written here and nowhere else; the checks build with
/// `--explicit-target-dependency-import-check error`, so the compiler holds them.
func room(_ name: String, uses rooms: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: rooms, swiftSettings: strict)
}

/// The tests of a room. Fixtures are read in place, beside the test's own file.
func tests(of name: String, uses rooms: [Target.Dependency] = [], leaving: [String] = []) -> Target {
    let own: [Target.Dependency] =
        name == "Core" ? ["Core", "TestSupport"] : [.byName(name: name), "Core", "TestSupport"]
    return .testTarget(name: "\(name)Tests", dependencies: own + rooms, exclude: leaving, swiftSettings: strict)
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "takt",
    products: [.executable(name: "takt", targets: ["takt"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    ],
    targets: [
        // The system's libraries.
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // What the processor can do.
        .systemLibrary(name: "CProcessor"),
        // libcurl is loaded on first use: linking it would cost every command 5 ms of start-up.
        .target(name: "CCurl"),
        // What posix_spawn does not do for a program of somebody else's.
        .target(name: "CKeeper"),

        // Values and pure rooms: no files, no network, no clock of their own.
        room("Core", uses: ["CCrypto"]),
        room("Sessions", uses: ["Core"]),
        room("Ledger", uses: ["Core"]),
        // Archives in memory: what bar files and checkpoints come in.
        room("Zip", uses: ["Core", "CZlib"]),
        room("MarketData", uses: ["Core", "Sessions", "Zip"]),
        room("Indicators", uses: ["Core"]),
        room("Features", uses: ["Core", "Indicators"]),
        // The same arithmetic twice: for any processor, and for those with vectors of eight.
        room("Vectors"),
        .target(name: "VectorsAVX2", dependencies: ["Vectors"], swiftSettings: strict + avx2),
        room("Policy", uses: ["Core", "Features", "Vectors", "VectorsAVX2", "CProcessor", "Zip"]),
        // Training stands apart from the room that trades: nothing of it is there when `decide` runs.
        room("Learning", uses: ["Core", "Policy", "Vectors"]),
        room("Risk", uses: ["Core"]),
        room("Decision", uses: ["Core"]),
        room("Broker", uses: ["Core"]),
        room("Execution", uses: ["Core", "Broker"]),
        room("Reporting", uses: ["Core"]),

        // What touches disk and network.
        room("Settings", uses: ["Core", "CYAML"]),
        room("Store", uses: ["Core", grdb, sqlite]),
        room("Transport", uses: ["Core", "CCurl"]),
        // Long-lived connections; a room of its own, so that only who needs them builds SwiftNIO.
        room("Sockets", uses: [nio, nioPosix, nioHTTP, nioWebSocket]),
        room("Programs", uses: ["CKeeper"]),
        room("Locks", uses: ["Core"]),
        room("Alerting", uses: ["Core", "Transport"]),
        room("Claude", uses: ["Core", "Decision", "Transport"]),
        room("BrokerPaper", uses: ["Core", "Broker", grdb]),
        room(
            "BrokerKIS",
            uses: ["Core", "CCrypto", "Broker", "Settings", "Sessions", "Transport", "Locks", "Sockets"]),
        room("BrokerIB", uses: ["Core", "Broker", "Sessions", "MarketData", "Sockets"]),

        // Stand-ins for the brokers' own services. They never see an adapter: two readings of the same documents.
        room("Rehearsal", uses: ["Core", "CCrypto", "Sessions", nio, nioPosix, nioHTTP, nioWebSocket]),

        // The spine and the way in.
        room(
            "Cycle",
            uses: [
                "Core", "Sessions", "Ledger", "MarketData", "Features", "Policy", "Risk", "Decision", "Broker",
                "Execution", "Reporting", "Settings", "Store", "Programs", "Alerting", "Locks",
            ]),
        // The same core as the spine's, played over history.
        room(
            "Research",
            uses: [
                "Core", "Sessions", "Ledger", "Features", "Policy", "Learning", "Risk", "Decision", "Broker",
                "BrokerPaper", "Reporting", "Settings", "Store", "Cycle",
            ]),
        room(
            "Commands",
            uses: [
                "Core", "Sessions", "Ledger", "MarketData", "Indicators", "Features", "Policy", "Learning", "Decision",
                "Broker", "BrokerPaper", "BrokerKIS", "BrokerIB", "Claude", "Reporting",
                "Settings", "Store",
                "Transport", "Sockets", "Alerting", "Cycle", "Research", argumentParser,
            ]),
        .executableTarget(
            name: "takt", dependencies: ["Commands"], swiftSettings: strict,
            // A position-dependent program has no relative relocations to write at every start: some 100,000 of them, a
            // millisecond or two that a timer would pay at each beat.
            linkerSettings: [.unsafeFlags(["-Xclang-linker", "-no-pie"], .when(configuration: .release))]),

        // What is measured inside one process; not part of the product.
        .executableTarget(
            name: "TaktBench",
            dependencies: [
                "Core", "Sessions", "MarketData", "Indicators", "Features", "Policy", "Learning", "Risk", "Decision",
                "Settings", "Store", "BrokerPaper", "BrokerKIS", "BrokerIB", "Cycle", "Research",
            ], swiftSettings: strict),

        // The stand-ins as a process of their own, for tests and demonstrations; not part of the product.
        .executableTarget(name: "TaktRehearsal", dependencies: ["Core", "Rehearsal"], swiftSettings: strict),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["Core", "Broker"], path: "Tests/TestSupport", swiftSettings: strict),
        .target(name: "TransportServers", path: "Tests/TransportTests/Servers", swiftSettings: strict),
        tests(of: "Core", leaving: ["Fixtures"]),
        tests(of: "Sessions", leaving: ["Fixtures"]),
        tests(of: "Ledger", leaving: ["Fixtures"]),
        tests(of: "Zip"),
        tests(of: "MarketData", uses: ["Sessions"], leaving: ["Fixtures"]),
        tests(of: "Indicators", leaving: ["Fixtures"]),
        tests(of: "Features", uses: ["Indicators"]),
        tests(of: "Vectors", uses: ["VectorsAVX2"]),
        tests(of: "Policy", uses: ["Features", "Indicators"]),
        tests(of: "Learning", uses: ["Policy"]),
        tests(of: "Risk"),
        tests(of: "Decision"),
        tests(of: "Execution", uses: ["Broker"]),
        tests(of: "Reporting", leaving: ["Fixtures"]),
        tests(of: "Settings"),
        tests(of: "Store", uses: [grdb]),
        tests(of: "Transport", uses: ["TransportServers"], leaving: ["Fixtures", "Servers"]),
        tests(of: "Sockets", uses: ["TransportServers", nio, nioPosix], leaving: ["Fixtures"]),
        tests(of: "Programs"),
        tests(of: "Locks"),
        tests(of: "Alerting", uses: ["Transport", "TransportServers"], leaving: ["Fixtures"]),
        .target(
            name: "ClaudeServers", dependencies: ["Core", "Claude", "Transport", "TransportServers"],
            path: "Tests/ClaudeTests/Servers", exclude: ["claude_server.py"], swiftSettings: strict),
        tests(
            of: "Claude", uses: ["ClaudeServers", "Decision", "Transport", "TransportServers"],
            leaving: ["Fixtures", "Servers"]),
        tests(of: "BrokerPaper", uses: ["Broker", grdb]),
        tests(
            of: "BrokerKIS",
            uses: [
                "Broker", "Execution", "Settings", "Sessions", "Transport", "TransportServers", "Locks", "Sockets",
                "Rehearsal",
            ],
            leaving: ["Fixtures", "Servers"]),
        tests(
            of: "BrokerIB", uses: ["Broker", "Sessions", "Sockets", "Rehearsal", "TransportServers"],
            leaving: ["Fixtures"]),
        tests(of: "Rehearsal", uses: ["Sessions", "TaktRehearsal", "TransportServers"], leaving: ["Fixtures"]),
        tests(
            of: "Cycle",
            uses: [
                "Sessions", "Ledger", "MarketData", "Features", "Policy", "Learning", "Risk", "Decision", "Broker",
                "Settings",
                "Store", grdb,
            ]),
        tests(
            of: "Research",
            uses: [
                "Sessions", "Ledger", "Features", "Policy", "Learning", "Risk", "Decision", "Broker", "BrokerPaper",
                "Store", "Cycle",
            ]),
        // Whole processes: transcripts of the commands, and the proof that a kill at any instant is safe.
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "takt", "Commands", "Cycle", "Core", "ClaudeServers", "TestSupport", grdb, argumentParser,
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["takt", "TaktRehearsal", "Core", "TestSupport"], swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
