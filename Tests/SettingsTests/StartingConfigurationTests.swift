import Testing

@testable import Settings

#if canImport(Glibc)
    import Glibc
#endif

struct StartingConfigurationTests {
    /// The repository, found by its Package.swift above this file.
    static let root: String? = {
        var folder = String(#filePath)
        while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
            folder = String(folder[..<slash])
            let isRoot = access("\(folder)/config/trading.yaml", R_OK) == 0
            if isRoot, access("\(folder)/Package.swift", R_OK) == 0 { return folder }
        }
        return nil
    }()

    @Test("The embedded texts are the repository's files, byte for byte", .enabled(if: root != nil))
    func sameBytes() throws {
        for (path, text) in StartingConfiguration.files {
            var errors: [SettingsError] = []
            let bytes = FileReading.bytes(of: "\(Self.root ?? "")/\(path)", errors: &errors)
            #expect(bytes == Array(text.utf8), "\(path)")
            #expect(errors.isEmpty)
        }
    }

    private var texts: ConfigurationTexts {
        ConfigurationTexts(
            brokers: StartingConfiguration.brokers, trading: StartingConfiguration.trading,
            risk: StartingConfiguration.risk, symbols: StartingConfiguration.symbols,
            dotEnv: StartingConfiguration.dotEnv)
    }

    @Test("The starting configuration loads, and trades as no configuration at all does")
    func loads() throws {
        let started = try load(texts)
        let bare = try load()
        #expect(started.profiles == bare.profiles)
        #expect(started.risk == bare.risk)
        #expect(started.orders == bare.orders)
        #expect(started.decision == bare.decision)
        #expect(started.agents == bare.agents)
        #expect(started.paper.initialCash == bare.paper.initialCash)
        #expect(started.instruments.keys.sorted() == bare.instruments.keys.sorted())
        #expect(started.notes.allSatisfy { $0.message.contains("is not set") }, "\(started.notes)")
    }
}
