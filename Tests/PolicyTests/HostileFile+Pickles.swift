import Policy
import TestSupport

extension HostileFile {
    /// A pickle of these instructions in a sound archive.
    private static func pickle(_ name: String, _ names: String, _ parts: [UInt8]...) -> HostileFile {
        let code = [0x80, 2] + parts.flatMap { $0 } + Pickle.stop
        return HostileFile(name, names, changing: { $0.pickle = code })
    }

    private static func letters(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Pickles that would call something.
    static var calls: [HostileFile] {
        var files: [HostileFile] = []
        let system = Pickle.global("posix\nsystem\n") + Pickle.text("true") + [0x85] + Pickle.reduce
        files.append(HostileFile("os.system", "'posix.system'", changing: { $0.prelude = system }))
        files.append(
            pickle(
                "eval by its name on the stack", "'builtins.eval'", Pickle.text("builtins"), Pickle.text("eval"), [0x93]
            ))
        files.append(pickle("a method of a class", "'__builtin__.getattr'", Pickle.global("__builtin__\ngetattr\n")))
        files.append(pickle("a loader of torch", "'torch.load'", Pickle.global("torch\nload\n")))
        files.append(pickle("a name that steers a terminal", "'os.?[2Jx'", Pickle.global("os\n\u{1B}[2Jx\n")))
        files.append(pickle("INST", "the opcode INST at byte 3", Pickle.mark, letters("ios\nsystem\n")))
        files.append(pickle("OBJ", "the opcode OBJ", Pickle.mark, letters("o")))
        files.append(pickle("NEWOBJ", "the opcode NEWOBJ ", [0x81]))
        files.append(pickle("NEWOBJ_EX", "the opcode NEWOBJ_EX", [0x92]))
        files.append(pickle("an extension", "the opcode EXT1", [0x82, 1]))
        files.append(pickle("a persistent name", "the opcode PERSID", letters("Pname\n")))
        files.append(pickle("a buffer from outside", "the opcode NEXT_BUFFER", [0x97]))
        files.append(
            pickle(
                "a state for a list", "set the state of a list", Pickle.emptyList, Pickle.emptyDict, Pickle.build))
        files.append(
            pickle(
                "a call of a storage's class", "would call a class", Pickle.global("torch\nFloatStorage\n"),
                Pickle.emptyTuple, Pickle.reduce))
        files.append(
            pickle("a call of a text", "would call a text", Pickle.text("x"), Pickle.emptyTuple, Pickle.reduce))
        files.append(
            pickle(
                "arguments for OrderedDict", "gives arguments to OrderedDict",
                Pickle.global("collections\nOrderedDict\n"), Pickle.tuple([1]), Pickle.reduce))
        files.append(
            pickle(
                "a tensor of nothing", "describe no tensor", Pickle.global("torch._utils\n_rebuild_tensor_v2\n"),
                Pickle.emptyTuple, Pickle.reduce))
        return files
    }

    /// Pickles that are none.
    static var oddities: [HostileFile] {
        var files: [HostileFile] = []
        func add(_ name: String, _ names: String, _ parts: [UInt8]...) {
            files.append(pickle(name, names, parts.flatMap { $0 }))
        }
        add("an integer in words", "the opcode INT ", letters("I1\n"))
        add("no opcode", "the opcode 0xFF at byte 2", [0xFF])
        add("another protocol", "names the protocol 9", [0x80, 9])
        add("a reference to something else", "no reference to a storage", Pickle.tuple([1, 2]), Pickle.persistent)
        add("a text of four gigabytes", "needs 4294967295 bytes", letters("X"), [0xFF, 0xFF, 0xFF, 0xFF])
        add("a number of 200 bytes", "a number of 200 bytes", [0x8A, 200])
        add("a text that is none", "holds no UTF-8", letters("X"), [1, 0, 0, 0, 0xC3])
        add("more taken than there is", "takes more than there is", Pickle.reduce)
        add("something from below a mark", "takes more than there is", Pickle.none, Pickle.mark, [0x85])
        add("no mark", "finds no mark", Pickle.emptyDict, Pickle.setitems)
        add(
            "a key without a value", "a key without a value", Pickle.emptyDict, Pickle.mark, Pickle.none,
            Pickle.setitems)
        add("a memory that was never", "recalls 7", letters("h"), [7])
        add("an item for a text", "has a text where its container", Pickle.text("x"), Pickle.none, Pickle.append)
        add("something left over", "leaves 1 values behind", Pickle.none, Pickle.emptyDict)
        add("no dictionary", "is no dictionary", Pickle.none)
        add("a list that contains itself", "is no dictionary", Pickle.emptyList, letters("q\0h\0"), Pickle.append)
        add(
            "nested half a million deep", "is no dictionary", Pickle.emptyTuple,
            [UInt8](repeating: 0x85, count: 500_000))
        let doubling = letters("q\0h\0") + [0x86]
        add("doubled forty times", "is no dictionary", Pickle.emptyTuple, (0..<40).flatMap { _ in doubling })
        add(
            "a number for a key", "a whole number as a key", Pickle.emptyDict, Pickle.int(1), Pickle.none,
            Pickle.setitem)
        let dictionary = [0x80, 2] + Pickle.emptyDict
        let trailing = dictionary + Pickle.stop + [1, 2, 3]
        files.append(
            HostileFile("something behind the end", "followed by 3 more bytes", changing: { $0.pickle = trailing }))
        files.append(HostileFile("cut off", "where the pickle is cut off", changing: { $0.pickle = dictionary }))
        return files
    }
}
