/// The instructions of Python's pickle, protocols 0 to 5, so that every one can be refused by its name.
///
/// Names and codes: CPython's `Lib/pickletools.py`.
enum PickleOpcode: UInt8 {
    case mark = 0x28, stop = 0x2E, pop = 0x30, popMark = 0x31, dup = 0x32
    case float = 0x46, int = 0x49, binint = 0x4A, binint1 = 0x4B, long = 0x4C, binint2 = 0x4D, none = 0x4E
    case persid = 0x50, binpersid = 0x51, reduce = 0x52, string = 0x53, binstring = 0x54, shortBinstring = 0x55
    case unicode = 0x56, binunicode = 0x58, append = 0x61, build = 0x62, global = 0x63, dict = 0x64, appends = 0x65
    case get = 0x67, binget = 0x68, inst = 0x69, longBinget = 0x6A, list = 0x6C, emptyList = 0x5D, obj = 0x6F
    case put = 0x70, binput = 0x71, longBinput = 0x72, setitem = 0x73, tuple = 0x74, setitems = 0x75
    case emptyDict = 0x7D, emptyTuple = 0x29, binfloat = 0x47, binbytes = 0x42, shortBinbytes = 0x43
    case proto = 0x80, newobj = 0x81, ext1 = 0x82, ext2 = 0x83, ext4 = 0x84, tuple1 = 0x85, tuple2 = 0x86
    case tuple3 = 0x87, newtrue = 0x88, newfalse = 0x89, long1 = 0x8A, long4 = 0x8B, shortBinunicode = 0x8C
    case binunicode8 = 0x8D, binbytes8 = 0x8E, emptySet = 0x8F, additems = 0x90, frozenset = 0x91, newobjEx = 0x92
    case stackGlobal = 0x93, memoize = 0x94, frame = 0x95, bytearray8 = 0x96, nextBuffer = 0x97, readonlyBuffer = 0x98

    /// As pickletools writes it: `STACK_GLOBAL`.
    var name: String {
        var text = ""
        for letter in "\(self)" { text += letter.isUppercase ? "_\(letter)" : letter.uppercased() }
        return text
    }

    static func name(of byte: UInt8) -> String {
        PickleOpcode(rawValue: byte)?.name ?? "0x\(String(byte, radix: 16, uppercase: true))"
    }
}
