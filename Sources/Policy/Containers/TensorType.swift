/// How the numbers of a tensor are stored. Whatever it is, a policy computes with 32-bit floats.
public enum TensorType: String, Hashable, Sendable, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    /// The upper half of a 32-bit float.
    case bfloat16 = "BF16"
    case int64 = "I64"

    /// Bytes per number.
    public var width: Int {
        switch self {
        case .float64, .int64: 8
        case .float32: 4
        case .float16, .bfloat16: 2
        }
    }

    /// The number at a place in little-endian bytes, rounded to 32 bits.
    ///
    /// - Parameter offset: in bytes; the caller has checked that the number lies inside.
    func value(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
        func bits<Bits: FixedWidthInteger>(_: Bits.Type) -> Bits {
            Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self))
        }
        return switch self {
        case .float64: Float(Double(bitPattern: bits(UInt64.self)))
        case .float32: Float(bitPattern: bits(UInt32.self))
        case .float16: Float(Float16(bitPattern: bits(UInt16.self)))
        case .bfloat16: Float(bitPattern: UInt32(bits(UInt16.self)) << 16)
        case .int64: Float(bits(Int64.self))
        }
    }
}
