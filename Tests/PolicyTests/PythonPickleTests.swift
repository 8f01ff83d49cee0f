import Core
import Foundation
import Policy
import TestSupport
import Testing

private enum PreparedPython {
    static let path = ProcessInfo.processInfo.environment["TAKT_TEST_PYTHON"]
}

/// Checkpoints by Python's own pickler and zip writer, with stand-ins for the three things of torch that they name.
@Suite(
    "Checkpoints by Python",
    .enabled(if: PreparedPython.path != nil, "TAKT_TEST_PYTHON is not set; scripts/test sets it"))
struct PythonPickleTests {
    private static let script = """
        import collections, pickle, struct, sys, types, zipfile
        path, protocol, method = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
        sys.modules.update({"torch": torch, "torch._utils": utils})
        for name in ["Float", "Double", "Half", "BFloat16", "Long"]:
            kind = type(name + "Storage", (), {"__module__": "torch"})
            setattr(torch, name + "Storage", kind)
        def rebuild(*parts): return parts
        rebuild.__module__, rebuild.__name__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2", "_rebuild_tensor_v2"
        utils._rebuild_tensor_v2 = rebuild
        entries = {}
        class Storage: pass
        class Tensor:
            def __init__(self, kind, code, numbers, shape, strides, offset=0):
                storage = self.storage = Storage()
                storage.kind, storage.key, storage.count = getattr(torch, kind + "Storage"), str(len(entries)), len(numbers)
                entries[storage.key] = struct.pack("<%d%s" % (len(numbers), code), *numbers)
                self.rest = (offset, shape, strides, False, collections.OrderedDict())
            def __reduce__(self): return utils._rebuild_tensor_v2, (self.storage, *self.rest)
        class Pickler(pickle.Pickler):
            def persistent_id(self, value):
                if isinstance(value, Storage):
                    return ("storage", value.kind, value.key, "cuda:0", value.count)
        state = collections.OrderedDict()
        state["float"] = Tensor("Float", "f", [1.5, -2, 3, 0.25, 5, 6], (2, 3), (3, 1))
        state["transposed"] = Tensor("Float", "f", [1, 2, 3, 4, 5, 6, 7], (2, 3), (1, 2), 1)
        state["double"] = Tensor("Double", "d", [0.1, 1e-3], (2,), (1,))
        state["half"] = Tensor("Half", "e", [1, -2, 65504, 2 ** -24], (4,), (1,))
        state["bfloat"] = Tensor("BFloat16", "H", [0x3F80, 0xC000, 0x7F7F], (3,), (1,))
        state["long"] = Tensor("Long", "q", [7, -70000], (2,), (1,))
        state["scalar"] = Tensor("Float", "f", [42], (), ())
        state["large"] = Tensor("Float", "f", [i * i % 9973 for i in range(70000)], (70000,), (1,))
        state._metadata = collections.OrderedDict([("", {"version": 1})])
        optimizer = {"state": {0: {"step": Tensor("Float", "f", [400], (), ())}}, "param_groups": [
            {"lr": 3e-4, "betas": (0.9, 0.999), "amsgrad": False, "foreach": None, "fused": True, "params": list(range(300))}]}
        top = {"network_state_dict": state, "optimizer_state_dict": optimizer, "gamma": 0.97, "seq_length": 30,
               "big": 2 ** 40, "negative": -5, "name": "café"}
        import io
        buffer = io.BytesIO()
        Pickler(buffer, protocol=protocol).dump(top)
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("any name/data.pkl", buffer.getvalue())
            archive.writestr("any name/byteorder", "little")
            for key, content in entries.items(): archive.writestr("any name/data/" + key, content)
        """

    private func bytes(protocol version: Int, method: Int) throws -> [UInt8] {
        let folder = try TemporaryFolder("takt-pickle")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(PreparedPython.path))
        process.arguments = ["-c", Self.script, folder.path("file.pth"), "\(version)", "\(method)"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path("file.pth"))))
    }

    @Test(
        "Every protocol from 2 to 5 is read, stored and deflated, whatever the numbers are stored as",
        arguments: [2, 3, 4, 5], [0, 8])
    func protocols(version: Int, method: Int) throws {
        let checkpoint = try Checkpoint.read(try bytes(protocol: version, method: method))
        let found = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0) })
        #expect(checkpoint.tensors.map(\.name).prefix(3) == ["float", "transposed", "double"])
        #expect(found["float"]?.values == [1.5, -2, 3, 0.25, 5, 6] && found["float"]?.shape == [2, 3])
        #expect(found["transposed"]?.values == [2, 4, 6, 3, 5, 7])
        #expect(found["double"]?.values == [0.1, 1e-3])
        #expect(found["half"]?.values == [1, -2, 65504, 0x1p-24])
        #expect(found["bfloat"]?.values == [1, -2, 0x1.FEp127])
        #expect(found["long"]?.values == [7, -70000])
        #expect(found["scalar"]?.values == [42] && found["scalar"]?.shape == [])
        #expect(found["large"]?.values == (0..<70_000).map { Float($0 * $0 % 9973) })
        #expect(found.count == 8)
        #expect(
            checkpoint.notes == [
                .init("gamma", "0.97"), .init("seq_length", "30"), .init("big", "1099511627776"),
                .init("negative", "-5"),
                .init("name", "café"),
            ])
    }
}
