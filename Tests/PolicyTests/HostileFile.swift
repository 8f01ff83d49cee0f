import Policy
import TestSupport
import Testing

/// A file that must be refused, and what the refusal names.
struct HostileFile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: @Sendable () -> [UInt8]
    let names: String

    init(_ name: String, _ names: String, _ bytes: @escaping @Sendable () -> [UInt8]) {
        (testDescription, self.names, self.bytes) = (name, names, bytes)
    }

    /// A checkpoint with something done to it.
    init(_ name: String, _ names: String, changing change: @escaping @Sendable (inout ForgedCheckpoint) -> Void) {
        self.init(name, names) {
            var checkpoint = ForgedCheckpoint.perceptron
            change(&checkpoint)
            return checkpoint.bytes
        }
    }

    /// A sound checkpoint in a spoilt archive.
    init(_ name: String, _ names: String, zip change: @escaping @Sendable (inout ForgedZip) -> Void) {
        self.init(name, names) {
            var zip = ForgedCheckpoint.perceptron.zip
            change(&zip)
            return zip.bytes
        }
    }

    /// Safetensors with this header and so many bytes behind it.
    init(_ name: String, _ names: String, header: String, data: Int) {
        self.init(name, names) {
            ForgedZip.number(header.utf8.count, 8) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
        }
    }
}

// MARK: Containers

extension HostileFile {
    static let containers: [HostileFile] = [
        HostileFile("empty", "it is empty") { [] },
        HostileFile("a text", "begins neither like") { Array("import os\nos.system('true')\n".utf8) },
        HostileFile("gzip", "compressed with gzip") { [0x1F, 0x8B, 8, 0] },
        HostileFile("a pickle without a container", "a bare pickle") { [0x80, 2, 0x7D, 0x2E] },
        HostileFile("the beginning of a zip", "it is cut off") { Array(ForgedCheckpoint.perceptron.bytes.prefix(20)) },
        HostileFile("half a zip", "it is cut off: its directory is missing") {
            let bytes = ForgedCheckpoint.perceptron.bytes
            return Array(bytes.prefix(bytes.count / 2))
        },
        HostileFile("a zip with something behind it", "its directory is missing") {
            ForgedCheckpoint.perceptron.bytes + [0]
        },
        HostileFile("more entries than any network", "entries", zip: { $0.count = 65_535 }),
        HostileFile(
            "one entry more than there are", "its directory is damaged", zip: { $0.count = $0.entries.count + 1 }),
        HostileFile("a directory beyond the end", "directory lies elsewhere", zip: { $0.directoryOffset = 1 << 30 }),
        HostileFile("a directory in the data", "its directory is damaged", zip: { $0.directoryOffset = 7 }),
        HostileFile("a flipped bit", "'net/data/1' at byte", zip: { $0["net/data/1"].checksum = 7 }),
        HostileFile("encrypted", "'net/data/0'", zip: { $0["net/data/0"].flags = 0x809 }),
        HostileFile("another compression", "compression method 12", zip: { $0["net/data/0"].method = 12 }),
        HostileFile("two sizes", "is stored with two different sizes", zip: { $0["net/data/0"].size = 17 }),
        HostileFile("larger than 4 GB", "is larger than 4 GB", zip: { $0["net/data/0"].size = 0xFFFF_FFFF }),
        HostileFile(
            "cut off in the middle", "'net/data/3'",
            zip: {
                ($0["net/data/3"].packedSize, $0["net/data/3"].size) = (5000, 5000)
            }),
        HostileFile(
            "a bomb of one entry", "unpacks to 1000000000 bytes",
            zip: {
                ($0["net/data/0"].method, $0["net/data/0"].size) = (8, 1_000_000_000)
            }),
        HostileFile(
            "a bomb of many entries", "the unpacked archive has",
            zip: { zip in
                for number in 0..<2000 {
                    var entry = ForgedZip.Entry("net/data/x\(number)", [3, 0])
                    (entry.method, entry.size) = (8, 60_000)
                    zip.entries.append(entry)
                }
            }),
        HostileFile(
            "longer than it promises", "does not unpack to the 3 bytes it promises",
            zip: {
                ($0["net/data.pkl"].method, $0["net/data.pkl"].size) = (8, 3)
                $0["net/data.pkl"].content = ForgedZip.deflated([1, 2, 3, 4])
            }),
        HostileFile(
            "shorter than it promises", "does not unpack to the 9 bytes it promises",
            zip: {
                ($0["net/data.pkl"].method, $0["net/data.pkl"].size) = (8, 9)
                $0["net/data.pkl"].content = ForgedZip.deflated([1, 2, 3, 4])
            }),
        HostileFile("no deflate at all", "does not unpack", zip: { $0["net/data.pkl"].method = 8 }),
        HostileFile("a name twice", "'net/data/0' at byte", zip: { $0.entries.append($0["net/data/0"]) }),
        HostileFile(
            "entries on top of each other", "lies on top of 'net/outer'",
            zip: { zip in
                var inner = ForgedZip([ForgedZip.Entry("net/inner", [1, 2, 3, 4])])
                inner.directoryOffset = 0
                let place = zip.entries.reduce(0) { $0 + 30 + $1.name.utf8.count + $1.content.count }
                zip.entries.append(.init("net/outer", Array(inner.bytes.prefix(43))))
                var entry = ForgedZip.Entry("net/inner", [1, 2, 3, 4])
                entry.offset = place + 30 + "net/outer".utf8.count
                zip.entries.append(entry)
            }),
        HostileFile(
            "a path upwards", "'net/../../etc/passwd'", zip: { $0["net/data/0"].name = "net/../../etc/passwd" }),
        HostileFile("an absolute path", "no plain path", zip: { $0["net/data/0"].name = "/etc/passwd" }),
        HostileFile("a Windows path", "no plain path", zip: { $0["net/data/0"].name = "net\\..\\x" }),
        HostileFile("a name that steers a terminal", "'net/?[2J'", zip: { $0["net/data/0"].name = "net/\u{1B}[2J" }),
        HostileFile(
            "another name in its own header", "no header of its own",
            zip: {
                $0["net/data/0"].localName = "net/data/9"
            }),
        HostileFile("no pickle", "0 entries 'data.pkl'", zip: { $0["net/data.pkl"].name = "net/data.pk" }),
        HostileFile("two pickles", "2 entries 'data.pkl'", zip: { $0["net/byteorder"].name = "x/data.pkl" }),
        HostileFile("big-endian", "not little-endian", zip: { $0["net/byteorder"].content = Array("big".utf8) }),
        HostileFile(
            "an endless pickle", "data.pkl has 2000000 bytes",
            zip: {
                $0["net/data.pkl"].content = [UInt8](repeating: 0x4E, count: 2_000_000)
            }),
    ]
}
