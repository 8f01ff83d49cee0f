import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Registrations of a session")
struct RegistrationBookTests {
    typealias Command = RegistrationBook.Command

    static let notices = KISRegistration(.domesticNotices, "hts01")
    static func trades(_ number: Int) -> KISRegistration { KISRegistration(.domesticTrades, "\(100_000 + number)") }
    static func wanted(_ count: Int, _ priority: KISRegistrationPriority = .trades) -> [KISWantedRegistration] {
        (0..<count).map { KISWantedRegistration(trades($0), priority) }
    }

    static func answer(_ registration: KISRegistration?, _ code: String) throws -> RegistrationAnswer {
        let isSuccess = code == "OPSP0000" || code == "OPSP0001"
        let id = registration?.stream.rawValue ?? "(null)"
        let text =
            #"{"header":{"tr_id":"\#(id)","tr_key":"\#(registration?.key ?? "")","encrypt":"N"},"#
            + #""body":{"rt_cd":"\#(isSuccess ? 0 : 1)","msg_cd":"\#(code)","msg1":"text"}}"#
        guard case .answer(let answer)? = ControlMessage(Array(text.utf8)) else {
            throw ArithmeticError.malformed(text)
        }
        return answer
    }

    /// Sends what the book wants, answered at once with success, until it wants nothing.
    private func settle(_ book: inout RegistrationBook, steps: Int = 200) throws -> [Command] {
        var commands: [Command] = []
        for _ in 0..<steps {
            guard let command = book.next(after: .milliseconds(200)) else { continue }
            commands.append(command)
            switch command {
            case .register(let item): _ = book.answered(try Self.answer(item, "OPSP0000"))
            case .unregister(let item): _ = book.answered(try Self.answer(item, "OPSP0001"))
            }
        }
        return commands
    }

    @Test("Order notices go first, then what is held, then the rest as named; one command at a time")
    func order() throws {
        var book = RegistrationBook()
        book.want([
            KISWantedRegistration(Self.trades(1), .trades), KISWantedRegistration(Self.trades(2), .heldTrades),
            KISWantedRegistration(Self.trades(3), .trades), KISWantedRegistration(Self.notices, .orderNotices),
        ])
        let expected = [Self.notices, Self.trades(2), Self.trades(1), Self.trades(3)]
        #expect(try settle(&book) == expected.map { .register($0) })
        #expect(book.active == expected)
    }

    @Test("No more than the budget is ever registered, and the rest stays without")
    func budget() throws {
        var book = RegistrationBook()
        book.want(Self.wanted(60))
        #expect(try settle(&book) == (0..<41).map { .register(Self.trades($0)) })
        #expect(book.unserved == (41..<60).map(Self.trades))
    }

    @Test("The least important gives way to a more important one, and only after it has gone")
    func eviction() throws {
        var book = RegistrationBook(budget: 3)
        book.want(Self.wanted(3))
        _ = try settle(&book)
        book.want(Self.wanted(3) + [KISWantedRegistration(Self.notices, .orderNotices)])
        #expect(book.next(after: .zero) == .unregister(Self.trades(2)))
        // The place is not free before the answer.
        #expect(book.next(after: .seconds(1)) == nil)
        #expect(book.answered(try Self.answer(Self.trades(2), "OPSP0001")) == .unregistered(Self.trades(2)))
        #expect(book.next(after: .zero) == .register(Self.notices))
        #expect(book.active == [Self.trades(0), Self.trades(1)])
    }

    @Test("Nothing gives way to its equal, however often the wishes change places")
    func noLoop() throws {
        var book = RegistrationBook(budget: 2)
        book.want(Self.wanted(2))
        _ = try settle(&book)
        for _ in 0..<50 {
            book.want(Self.wanted(4).reversed())
            #expect(try settle(&book, steps: 10).isEmpty)
            book.want(Self.wanted(4))
            #expect(try settle(&book, steps: 10).isEmpty)
        }
    }

    @Test("A change of mind costs nothing, and what has gone rests before it comes back")
    func rest() throws {
        var book = RegistrationBook()
        book.want(Self.wanted(2))
        _ = try settle(&book)
        for _ in 0..<20 {
            book.want(Self.wanted(1))
            #expect(book.next(after: .seconds(1)) == nil)
            book.want(Self.wanted(2))
            #expect(book.next(after: .seconds(1)) == nil)
        }
        book.want(Self.wanted(1))
        #expect(book.next(after: .seconds(29)) == nil)
        #expect(book.next(after: .seconds(1)) == .unregister(Self.trades(1)))
        _ = book.answered(try Self.answer(Self.trades(1), "OPSP0001"))
        book.want(Self.wanted(2))
        #expect(book.next(after: .seconds(59)) == nil)
        #expect(book.next(after: .seconds(1)) == .register(Self.trades(1)))
    }

    @Test("MAX SUBSCRIBE OVER lowers the budget to what is there, and the important still get in")
    func maximum() throws {
        var book = RegistrationBook()
        book.want(Self.wanted(5))
        for number in 0..<3 {
            #expect(book.next(after: .zero) == .register(Self.trades(number)))
            _ = book.answered(try Self.answer(Self.trades(number), "OPSP0000"))
        }
        #expect(book.next(after: .zero) == .register(Self.trades(3)))
        #expect(book.answered(try Self.answer(Self.trades(3), "OPSP0008")) == .budget(3))
        #expect(book.next(after: .seconds(100)) == nil)
        #expect(book.unserved == [Self.trades(3), Self.trades(4)])
        book.want([KISWantedRegistration(Self.notices, .orderNotices)] + Self.wanted(5))
        #expect(book.next(after: .zero) == .unregister(Self.trades(2)))
        // A new connection may hold more again.
        book.restart()
        #expect(book.budget == 41)
    }

    @Test(
        "Each answer has its consequence",
        arguments: [
            ("OPSP0000", .active), ("OPSP0002", .active), ("OPSP0007", .resting(.seconds(5))),
            ("OPSP0009", .resting(.seconds(5))), ("OPSP0008", .waiting), ("OPSP8991", .refused(code: "OPSP8991")),
            ("OPSP8992", .refused(code: "OPSP8992")), ("OPSP8993", .refused(code: "OPSP8993")),
            ("OPSP9991", .refused(code: "OPSP9991")), ("OPSP5555", .refused(code: "OPSP5555")),
        ] as [(String, RegistrationBook.State)])
    func answers(code: String, state: RegistrationBook.State) throws {
        var book = RegistrationBook()
        book.want(Self.wanted(1))
        _ = book.next(after: .zero)
        _ = book.answered(try Self.answer(Self.trades(0), code))
        #expect(book.state(of: Self.trades(0)) == state)
    }

    @Test("What KIS could not do is tried three times; what it never answers as well, and again on the next connection")
    func attempts() throws {
        var book = RegistrationBook()
        book.want(Self.wanted(1))
        var sent = 0
        for _ in 0..<1000 where book.next(after: .seconds(1)) != nil {
            sent += 1
            _ = book.answered(try Self.answer(Self.trades(0), "OPSP0007"))
        }
        #expect(sent == 3 && book.state(of: Self.trades(0)) == .refused(code: "OPSP0007"))

        var deaf = RegistrationBook()
        deaf.want(Self.wanted(1))
        #expect((0..<1000).count { _ in deaf.next(after: .seconds(1)) != nil } == 3)
        deaf.restart()
        #expect(deaf.next(after: .zero) == .register(Self.trades(0)))
    }

    @Test("A refusal for good survives a new connection; everything else is registered again")
    func restart() throws {
        var book = RegistrationBook()
        book.want(Self.wanted(3))
        for number in 0..<3 {
            _ = book.next(after: .zero)
            _ = book.answered(try Self.answer(Self.trades(number), number == 1 ? "OPSP8993" : "OPSP0000"))
        }
        book.restart()
        #expect(try settle(&book) == [.register(Self.trades(0)), .register(Self.trades(2))])
    }

    @Test("Answers to nothing that was asked change nothing")
    func stray() throws {
        var book = RegistrationBook()
        book.want(Self.wanted(1))
        #expect(book.answered(try Self.answer(Self.trades(0), "OPSP0000")) == nil)
        #expect(book.answered(try Self.answer(Self.trades(7), "OPSP0000")) == nil)
        #expect(book.answered(try Self.answer(Self.trades(0), "OPSP0001")) == nil)
        #expect(book.state(of: Self.trades(0)) == .waiting)
    }

    @Test("Whatever happens, the budget holds and a place is never used twice", arguments: propertySeeds)
    func property(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var book = RegistrationBook(budget: 5)
        /// What the other side has, by its own count.
        var server: Set<KISRegistration> = []
        var pending: [Command] = []
        for _ in 0..<3000 {
            if random.chance(0.05) {
                book.want(
                    (0..<random.int(0...12)).map { _ in
                        KISWantedRegistration(
                            Self.trades(random.int(0...15)), random.pick([.heldTrades, .trades, .books]))
                    })
            }
            if let command = book.next(after: .milliseconds(random.int(0...3000))) {
                switch command {
                case .register(let item): server.insert(item)
                case .unregister(let item): server.remove(item)
                }
                pending.append(command)
                #expect(server.count <= 5)
            }
            if !pending.isEmpty, random.chance(0.9) {
                switch pending.removeFirst() {
                case .register(let item): _ = book.answered(try Self.answer(item, "OPSP0000"))
                case .unregister(let item): _ = book.answered(try Self.answer(item, "OPSP0001"))
                }
            }
        }
    }
}
