/// Where the values of a payload stand. Kept from frame to frame, so that a frame costs no memory.
struct PayloadTable {
    /// `starts[k]` is the offset of value k; the last entry stands one behind a separator that is not there.
    private var starts: [UInt32] = []
    private(set) var valueCount = 0

    private static let separators: UInt64 = 0x5E5E_5E5E_5E5E_5E5E
    private static let lowBits: UInt64 = 0x7F7F_7F7F_7F7F_7F7F

    /// Finds the values of a payload, which are separated by `^`. An empty payload is one empty value.
    mutating func scan(_ payload: UnsafeBufferPointer<UInt8>) {
        if starts.count < payload.count + 2 { starts = [UInt32](repeating: 0, count: payload.count + 2) }
        valueCount = starts.withUnsafeMutableBufferPointer { Self.scan(payload, into: $0) }
    }

    private static func scan(
        _ payload: UnsafeBufferPointer<UInt8>, into starts: UnsafeMutableBufferPointer<UInt32>
    ) -> Int {
        var found = 1
        var index = 0
        starts[0] = 0
        if let base = payload.baseAddress {
            let raw = UnsafeRawPointer(base)
            while index + 8 <= payload.count {
                // Eight bytes at a time: a byte that is a separator becomes 0x80, any other 0. Exact: no carry crosses bytes.
                let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ separators
                var marks = ~(((word & lowBits) &+ lowBits) | word | lowBits)
                while marks != 0 {
                    starts[found] = UInt32(truncatingIfNeeded: index &+ (marks.trailingZeroBitCount &>> 3) &+ 1)
                    found &+= 1
                    marks &= marks &- 1
                }
                index &+= 8
            }
        }
        while index < payload.count {
            if payload[index] == 0x5E {
                starts[found] = UInt32(truncatingIfNeeded: index &+ 1)
                found &+= 1
            }
            index &+= 1
        }
        starts[found] = UInt32(truncatingIfNeeded: payload.count &+ 1)
        return found
    }

    /// Reads a record of so many values, all of which the table must have.
    @inline(__always)
    func withReader<Result>(
        _ payload: UnsafeBufferPointer<UInt8>, record: Int, width: Int, _ body: (inout RecordReader) -> Result
    ) -> Result {
        precondition((record + 1) * width <= valueCount, "the width was made of the number of values")
        return starts.withUnsafeBufferPointer { starts in
            var reader = RecordReader(bytes: payload, starts: starts, first: record * width, width: width)
            return body(&reader)
        }
    }
}
