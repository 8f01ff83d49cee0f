#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A loopback port that is taken for as long as the value lives.
public final class TestPort {
    public enum Behaviour {
        /// Bound but not listening: connections are refused.
        case refusing
        /// Listening but never answering: connections stand and nothing comes.
        case silent
    }

    public let number: Int
    private let socket: Int32

    public init(_ behaviour: Behaviour) {
        #if canImport(Glibc)
            socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(descriptor, $0, length) == 0, "no loopback port to be had")
                precondition(getsockname(descriptor, $0, &length) == 0, "the port has no name")
            }
        }
        number = Int(UInt16(bigEndian: address.sin_port))
        if case .silent = behaviour { precondition(listen(descriptor, 8) == 0, "cannot listen") }
    }

    deinit { close(socket) }
}
