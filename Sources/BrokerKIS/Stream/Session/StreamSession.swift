internal import Core

/// A session of KIS's WebSocket as a state machine: events in, actions out. No socket, no clock; time comes as the
/// duration since the last tick, so that no jump of a clock is taken for silence.
///
/// KIS may block who connects and closes in a loop: every end is followed by a wait that doubles, and only a connection
/// that has lasted is taken as success.
struct StreamSession {
    enum State: Hashable {
        case waiting(Duration)
        case connecting
        case live(age: Duration, silence: Duration)
        case stopped
    }

    enum Action: Hashable {
        /// Ask for an approval key and connect. The last key was refused: do not take it again.
        case connect(isKeyRefused: Bool)
        case send(RegistrationBook.Command)
        case close
        case tell(KISStreamNews)
    }

    /// The bounds, with what they were chosen for.
    struct Limits: Hashable {
        /// KIS sends its keep-alive in quiet markets as well; its period is not documented.
        var silence = Duration.seconds(60)
        /// A connection that lasted so long was one; failures before it are forgotten.
        var stable = Duration.seconds(60)
        /// 2, 4, 8 … 64, 120, 120 s: thirty attempts last about fifty minutes, longer than KIS's nightly maintenance.
        var firstWait = Duration.seconds(2)
        var longestWait = Duration.seconds(120)
        var attempts = 30
        /// Another session holds the key.
        var keyInUseWait = Duration.seconds(90)
        var longestKeyInUseWait = Duration.seconds(600)
        /// So often in a row KIS may hang up on a registration for notices before that is put off for so long.
        var hangUps = 2
        var hangUpRest = Duration.seconds(600)
    }

    private(set) var state = State.waiting(.zero)
    private(set) var book: RegistrationBook
    private let limits: Limits
    private var random: SeededGenerator
    private var failures = 0
    private var collisions = 0
    private var isKeyRefused = false
    private var hasRenewedKey = false
    private var hangUps = 0
    private var toldWithoutRoom: [KISRegistration] = []

    init(budget: Int = RegistrationBook.standardBudget, limits: Limits = Limits(), seed: UInt64) {
        book = RegistrationBook(budget: budget)
        self.limits = limits
        random = SeededGenerator(seed: seed, stream: "kis-stream")
    }

    var isStopped: Bool { state == .stopped }
    var isLive: Bool { if case .live = state { true } else { false } }

    mutating func want(_ wanted: [KISWantedRegistration]) { book.want(wanted) }

    /// Time passes.
    mutating func tick(_ elapsed: Duration) -> [Action] {
        switch state {
        case .waiting(let left):
            guard left <= elapsed else {
                state = .waiting(left - elapsed)
                return []
            }
            state = .connecting
            return [.connect(isKeyRefused: isKeyRefused)]
        case .live(let age, let silence): return tickLive(age + elapsed, silence + elapsed, elapsed)
        case .connecting, .stopped: return []
        }
    }

    private mutating func tickLive(_ age: Duration, _ silence: Duration, _ elapsed: Duration) -> [Action] {
        state = .live(age: age, silence: silence)
        if silence > limits.silence {
            return [.close] + lost("nothing was heard for \(limits.silence.components.seconds) s")
        }
        if age >= limits.stable {
            failures = 0
            collisions = 0
            hasRenewedKey = false
        }
        if let command = book.next(after: elapsed) { return [.send(command)] }
        let withoutRoom = book.unserved
        guard !book.isMoving, withoutRoom != toldWithoutRoom else { return [] }
        toldWithoutRoom = withoutRoom
        return [.tell(.withoutRoom(withoutRoom))]
    }

    mutating func connected() -> [Action] {
        guard state == .connecting else { return [.close] }
        state = .live(age: .zero, silence: .zero)
        isKeyRefused = false
        book.restart()
        return [.tell(.connected)]
    }

    /// No key, or no connection.
    mutating func connectFailed(_ detail: String) -> [Action] {
        guard state == .connecting else { return [] }
        return lost(detail)
    }

    /// Something arrived, whatever it was.
    mutating func heard() {
        if case .live(let age, _) = state { state = .live(age: age, silence: .zero) }
    }

    /// The connection ended without our doing.
    mutating func ended(_ detail: String) -> [Action] {
        guard isLive else { return [] }
        var actions: [Action] = []
        let unanswered = book.unansweredNotices
        if !unanswered.isEmpty {
            hangUps += 1
            if hangUps >= limits.hangUps {
                // KIS hangs up on a wrong HTS id. Prices can still be had without the notices; and if the network was to
                // blame, the notices come back.
                for registration in unanswered {
                    book.postpone(registration, for: limits.hangUpRest)
                    actions.append(.tell(.hungUpOn(registration, retryAfter: limits.hangUpRest)))
                }
            }
        }
        return actions + lost(detail)
    }

    mutating func cancel() -> [Action] {
        guard state != .stopped else { return [] }
        let isOpen = isLive
        state = .stopped
        return (isOpen ? [.close] : []) + [.tell(.stopped(.cancelled))]
    }

    mutating func answered(_ answer: RegistrationAnswer) -> [Action] {
        guard isLive else { return [] }
        switch answer.reaction {
        case .keyInUse: return keyInUse()
        case .renewApprovalKey: return keyRefused(answer)
        case .registered, .unregistered, .retryLater, .overBudget, .refused, .ourMistake:
            switch book.answered(answer) {
            case .registered(let registration)?:
                if registration.stream.isNotice { hangUps = 0 }
                return [.tell(.registered(registration))]
            case .unregistered(let registration)?: return [.tell(.unregistered(registration))]
            case .refused(let registration)?:
                return [.tell(.refused(registration, code: answer.code, message: answer.message))]
            case .budget(let budget)?: return [.tell(.budgetLowered(budget))]
            case .postponed?: return []
            case nil:
                let isExpected = answer.isSuccess || answer.reaction == .registered || answer.reaction == .unregistered
                return isExpected ? [] : [.tell(.unknownAnswer(code: answer.code, message: answer.message))]
            }
        }
    }

    private mutating func keyInUse() -> [Action] {
        collisions += 1
        failures += 1
        guard failures < limits.attempts else { return [.close] + stop(.attemptsExhausted(failures)) }
        let wait = min(limits.keyInUseWait * (1 << min(collisions - 1, 10)), limits.longestKeyInUseWait)
        let jittered = wait + wait * (random.uniform() / 3)
        state = .waiting(jittered)
        return [.close, .tell(.keyInUse(retryAfter: jittered))]
    }

    private mutating func keyRefused(_ answer: RegistrationAnswer) -> [Action] {
        let (code, message) = (answer.code, answer.message)
        guard !hasRenewedKey else { return [.close] + stop(.approvalKeyRefused(code: code, message: message)) }
        hasRenewedKey = true
        isKeyRefused = true
        failures += 1
        state = .waiting(limits.firstWait)
        return [.close, .tell(.approvalKeyRefused(code: code, message: message))]
    }

    private mutating func lost(_ detail: String) -> [Action] {
        failures += 1
        guard failures < limits.attempts else { return stop(.attemptsExhausted(failures)) }
        let wait = min(limits.firstWait * (1 << min(failures - 1, 20)), limits.longestWait)
        let jittered = wait * (0.5 + random.uniform() / 2)
        state = .waiting(jittered)
        return [.tell(.disconnected(detail: detail, retryAfter: jittered))]
    }

    private mutating func stop(_ reason: KISStreamStop) -> [Action] {
        state = .stopped
        return [.tell(.stopped(reason))]
    }
}
