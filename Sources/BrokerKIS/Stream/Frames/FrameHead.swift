/// The beginning of a data frame: `flag|tr_id|count|payload`, split at the first three bars.
struct FrameHead {
    let isEncrypted: Bool
    let id: UnsafeBufferPointer<UInt8>
    /// 1...999.
    let count: Int
    let payload: UnsafeBufferPointer<UInt8>

    /// `nil` for what is no data frame.
    init?(_ message: UnsafeBufferPointer<UInt8>) {
        guard message.count >= 5, message[1] == UInt8(ascii: "|"), let flag = message.first,
            flag == UInt8(ascii: "0") || flag == UInt8(ascii: "1"),
            let idEnd = message[2...].firstIndex(of: UInt8(ascii: "|")), (1...12).contains(idEnd - 2),
            let countEnd = message[(idEnd + 1)...].firstIndex(of: UInt8(ascii: "|")),
            (1...3).contains(countEnd - idEnd - 1),
            let count = RecordReader.digits(UnsafeBufferPointer(rebasing: message[(idEnd + 1)..<countEnd])), count > 0
        else { return nil }
        isEncrypted = flag == UInt8(ascii: "1")
        id = UnsafeBufferPointer(rebasing: message[2..<idEnd])
        self.count = Int(count)
        payload = UnsafeBufferPointer(rebasing: message[(countEnd + 1)...])
    }
}
