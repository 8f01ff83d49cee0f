import Core
import Foundation

/// A gateway that lets one client in, takes its subscriptions, and then writes a market at the pace it was told, in a process of
/// its own. It knows the protocol's bytes and nothing else.
struct IBStreamFeed {
    let seconds: Int
    let rate: Int
    /// Milliseconds; 0 for as fast as it is taken.
    let batch: Int
    private var socket: Int32 = -1
    private var waiting: [UInt8] = []
    private var quotes: [Int] = []
    private var bars: [Int] = []
    private var random = SeededGenerator(seed: 1, stream: "ib-stream")

    init(seconds: Int, rate: Int, batch: Int) {
        (self.seconds, self.rate, self.batch) = (seconds, rate, batch)
    }

    mutating func run() throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard isListening else { throw Failure.noPort }
        print(UInt16(bigEndian: address.sin_port))
        fflush(nil)
        socket = accept(listener, nil, nil)
        guard socket >= 0 else { throw Failure.noPort }
        try letIn()
        try market()
        // What is under way arrives before the end does.
        shutdown(socket, Int32(SHUT_WR))
        sleep(1)
    }

    enum Failure: Error { case noPort, gone }

    // MARK: The session

    private mutating func letIn() throws {
        while quotes.count < IBStreamBench.symbols || bars.count < IBStreamBench.symbols {
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else { throw Failure.gone }
            waiting += piece.prefix(count)
            if waiting.starts(with: Array("API\0".utf8)) { waiting.removeFirst(4) }
            while waiting.count >= 4 {
                let length = waiting.prefix(4).reduce(0) { $0 << 8 | Int($1) }
                guard waiting.count >= 4 + length else { break }
                let body = waiting[4..<4 + length]
                try answer(
                    body.split(separator: 0, omittingEmptySubsequences: false).map {
                        String(decoding: $0, as: UTF8.self)
                    })
                waiting.removeFirst(4 + length)
            }
        }
        // By the client's clock that is a quarter of a minute: the first bars are no part of five seconds, and nobody is silent.
        usleep(800_000)
    }

    private mutating func answer(_ fields: [String]) throws {
        func id(_ place: Int) -> Int { fields.count > place ? Int(fields[place]) ?? 0 : 0 }
        switch fields[0] {
        case "71": try send(frame("15|1|DU1234567,|") + frame("9|1|1|"))
        case "49": try send(frame("49|1|\(IBStreamBench.open.epochSeconds - 60)|"))
        case "7": try send(frame("55|1|\(id(2))|"))
        case "9":
            let name = fields[4]
            let number = 1000 + (Int(name.dropFirst(3)) ?? 0)
            try send(
                frame(
                    "10|\(id(2))|\(name)|STK||0|?|SMART|USD|\(name)|NMS|NMS|\(number)|0.01||LMT|SMART,NASDAQ|1|0|\(name)|NASDAQ"
                        + "||||||20261120:0930-20261120:1600|20261120:0930-20261120:1600||0|0|1|||26||COMMON|1|1|100|")
                    + frame("52|1|\(id(2))|"))
        case "1":
            quotes.append(id(2))
            try send(frame("81|\(id(2))|0.01|9c0001|3|") + frame("58|1|\(id(2))|1|"))
        case "50": bars.append(id(2))
        default: if fields[0].hasPrefix("v") { try send(frame("178|20261120 09:29:00 EST|")) }
        }
    }

    // MARK: The market

    /// A slot of five seconds at a time: ticks, and at its end a bar of each symbol.
    private mutating func market() throws {
        let ticks = (0..<50_000).map { tick($0) }
        var place = 0
        let start = TaktBench.wallNanoseconds()
        for slot in 0..<seconds / 5 {
            let end = frames(ofBarsIn: slot)
            let count = rate * 5 - IBStreamBench.symbols
            let batches = batch > 0 ? max(1, 5000 / batch) : count / 500
            var left = count
            for number in 0..<batches {
                let share = left / (batches - number)
                left -= share
                var bytes: [UInt8] = []
                for _ in 0..<share {
                    bytes += ticks[place]
                    place = place + 1 == ticks.count ? 0 : place + 1
                }
                // The bars of the five seconds come together, as they do.
                if number == batches - 1 { bytes += end }
                if batch > 0 { wait(until: start + (Double(slot) * 5000 + Double((number + 1) * batch)) * 1e6) }
                try send(bytes)
            }
        }
    }

    private func wait(until moment: Double) {
        let left = moment - TaktBench.wallNanoseconds()
        if left > 0 { usleep(UInt32(left / 1000)) }
    }

    /// Of a hundred ticks, fifty are prices, thirty-five sizes and fifteen texts.
    private mutating func tick(_ number: Int) -> [UInt8] {
        func drawn(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        let request = quotes[drawn(0...quotes.count - 1)]
        switch number % 20 {
        case 0...9:
            return frame(
                "1|6|\(request)|\([1, 2, 4][drawn(0...2)])|\(drawn(100...104)).\(drawn(10...99))|\(drawn(1...9) * 100)|1|"
            )
        case 10...16: return frame("2|6|\(request)|\([0, 3, 5, 8][drawn(0...3)])|\(drawn(1...90_000))|")
        default: return frame("46|6|\(request)|45|\(IBStreamBench.open.epochSeconds + Int64(number / 10_000))|")
        }
    }

    private mutating func frames(ofBarsIn slot: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for request in bars {
            let cents = Int.random(in: 10_000...10_400, using: &random)
            func price(_ shift: Int) -> String {
                "\((cents + shift) / 100).\(String(100 + (cents + shift) % 100).suffix(2))"
            }
            bytes += frame(
                "50|3|\(request)|\(IBStreamBench.open.epochSeconds + Int64(slot) * 5)|\(price(0))|\(price(5))|\(price(-4))|"
                    + "\(price(2))|\(Int.random(in: 1...5000, using: &random))|\(price(1))4725|17|")
        }
        return bytes
    }

    // MARK: Bytes

    private func frame(_ text: String) -> [UInt8] {
        let body = text.utf8.map { $0 == UInt8(ascii: "|") ? 0 : $0 }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: body.count >> $0) } + body
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure.gone }
            sent += count
        }
    }
}
