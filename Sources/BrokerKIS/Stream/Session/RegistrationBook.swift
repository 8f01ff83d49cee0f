/// Which registrations a session has, wants and may have. Pure: it says what to send next, one command at a time.
///
/// The more important ones go first; when there is no room, a less important one gives way. KIS may block who registers
/// and unregisters in a loop, so nothing gives way to its equal, and what has left may come back only after a rest.
struct RegistrationBook {
    enum Command: Hashable {
        case register(KISRegistration)
        case unregister(KISRegistration)
    }

    enum State: Hashable {
        case waiting
        /// Sent; no answer yet.
        case asked(age: Duration)
        case active
        /// May be asked for again after that time.
        case resting(Duration)
        /// Being unregistered.
        case leaving(age: Duration)
        case refused(code: String)
    }

    private struct Entry {
        let priority: KISRegistrationPriority
        let order: Int
        var state = State.waiting
        var attempts = 0
        /// `nil` while it is wanted.
        var unwantedFor: Duration?

        var holdsRoom: Bool {
            switch state {
            case .asked, .active, .leaving: true
            case .waiting, .resting, .refused: false
            }
        }
    }

    /// What KIS allows in a session, all streams together.
    static let standardBudget = 41
    private static let answerDeadline = Duration.seconds(10)
    private static let attemptLimit = 3
    /// How long what nobody wants any more is kept: who changes their mind costs no command.
    private static let grace = Duration.seconds(30)
    private static let rest = Duration.seconds(60)
    private static let noAnswer = "no answer"

    private(set) var budget: Int
    private let fullBudget: Int
    private var entries: [KISRegistration: Entry] = [:]

    init(budget: Int = standardBudget) {
        self.budget = max(0, budget)
        fullBudget = self.budget
    }

    func state(of registration: KISRegistration) -> State? { entries[registration]?.state }
    var active: [KISRegistration] { sorted { $0.state == .active } }
    /// Wanted, and without room.
    var unserved: [KISRegistration] { sorted { $0.state == .waiting && $0.unwantedFor == nil } }
    /// A place is being freed, or an answer is awaited: what is without room may yet find it.
    var isMoving: Bool {
        entries.values.contains {
            switch $0.state {
            case .asked, .leaving: true
            case .waiting, .active, .resting, .refused: false
            }
        }
    }
    /// Notices that were asked for and not yet answered: a wrong HTS id makes KIS hang up here.
    var unansweredNotices: [KISRegistration] {
        entries.compactMap { registration, entry in
            if case .asked = entry.state, registration.stream.isNotice { registration } else { nil }
        }
    }

    private func sorted(_ isWanted: (Entry) -> Bool) -> [KISRegistration] {
        entries.filter { isWanted($0.value) }
            .sorted { ($0.value.priority, $0.value.order) < ($1.value.priority, $1.value.order) }.map(\.key)
    }

    /// Replaces what is wanted. Among equals, what is named first goes first.
    mutating func want(_ wanted: [KISWantedRegistration]) {
        var next: [KISRegistration: Entry] = [:]
        for (order, item) in wanted.enumerated() where next[item.registration] == nil {
            var entry = Entry(priority: item.priority, order: order)
            if let old = entries[item.registration] {
                entry.state = old.state
                entry.attempts = old.attempts
            }
            next[item.registration] = entry
        }
        for (registration, old) in entries where next[registration] == nil {
            switch old.state {
            case .asked, .active, .leaving, .resting:
                next[registration] = old
                next[registration]?.unwantedFor = old.unwantedFor ?? .zero
            case .waiting, .refused: break
            }
        }
        entries = next
    }

    /// A new connection: nothing is registered. What was refused for good stays refused, what rests goes on resting.
    mutating func restart() {
        budget = fullBudget
        for (registration, entry) in entries {
            switch entry.state {
            case _ where entry.unwantedFor != nil: entries[registration] = nil
            case .resting: break
            case .refused(let code) where code != Self.noAnswer: break
            case .waiting, .asked, .active, .leaving, .refused:
                entries[registration]?.state = .waiting
                entries[registration]?.attempts = 0
            }
        }
    }

    /// What to send now, that long after the last call.
    mutating func next(after elapsed: Duration) -> Command? {
        for registration in entries.keys { age(registration, by: elapsed) }
        let used = entries.values.count { $0.holdsRoom }
        if let candidate = unserved.first, let entry = entries[candidate] {
            if used < budget {
                entries[candidate]?.state = .asked(age: .zero)
                return .register(candidate)
            }
            return makeRoom(for: entry)
        }
        let forgotten = sorted { $0.state == .active && ($0.unwantedFor ?? .zero) >= Self.grace }
        return forgotten.last.map { leave($0) }
    }

    private mutating func age(_ registration: KISRegistration, by elapsed: Duration) {
        guard var entry = entries[registration] else { return }
        if let unwantedFor = entry.unwantedFor { entry.unwantedFor = unwantedFor + elapsed }
        switch entry.state {
        case .asked(let age) where age + elapsed < Self.answerDeadline: entry.state = .asked(age: age + elapsed)
        case .asked:
            entry.attempts += 1
            entry.state = entry.attempts < Self.attemptLimit ? .waiting : .refused(code: Self.noAnswer)
        case .resting(let left): entry.state = left > elapsed ? .resting(left - elapsed) : .waiting
        case .leaving(let age) where age + elapsed < Self.answerDeadline: entry.state = .leaving(age: age + elapsed)
        case .leaving: entry.state = .resting(Self.rest)
        case .waiting, .active, .refused: break
        }
        entries[registration] = entry.unwantedFor != nil && entry.state == .waiting ? nil : entry
    }

    /// Sends away what nobody wants, or else the least important of those that are less important.
    private mutating func makeRoom(for entry: Entry) -> Command? {
        // One place is being freed already.
        let isFreeing = entries.values.contains { if case .leaving = $0.state { true } else { false } }
        guard !isFreeing else { return nil }
        let unwanted = sorted { $0.state == .active && $0.unwantedFor != nil }
        let lesser = sorted { $0.state == .active && $0.priority > entry.priority }
        return (unwanted.last ?? lesser.last).map { leave($0) }
    }

    private mutating func leave(_ registration: KISRegistration) -> Command {
        entries[registration]?.state = .leaving(age: .zero)
        return .unregister(registration)
    }

    /// What an answer meant for a registration; `nil` where it is none of ours.
    enum Outcome: Hashable {
        case registered(KISRegistration)
        case unregistered(KISRegistration)
        /// It is tried again.
        case postponed(KISRegistration)
        case refused(KISRegistration)
        case budget(Int)
    }

    mutating func answered(_ answer: RegistrationAnswer) -> Outcome? {
        guard let registration = find(answer), let entry = entries[registration] else { return nil }
        switch answer.reaction {
        case .registered:
            guard case .asked = entry.state else { return nil }
            entries[registration]?.state = .active
            entries[registration]?.attempts = 0
            return .registered(registration)
        case .unregistered:
            guard case .leaving = entry.state else { return nil }
            entries[registration]?.state = .resting(Self.rest)
            return .unregistered(registration)
        case .retryLater: return postpone(registration, entry, answer.code)
        case .overBudget:
            entries[registration]?.state = .waiting
            budget = min(budget, entries.values.count { $0.holdsRoom })
            return .budget(budget)
        case .refused, .ourMistake: return refuse(registration, code: answer.code)
        case .renewApprovalKey, .keyInUse: return nil
        }
    }

    private mutating func postpone(_ registration: KISRegistration, _ entry: Entry, _ code: String) -> Outcome {
        guard entry.attempts + 1 < Self.attemptLimit else { return refuse(registration, code: code) }
        entries[registration]?.attempts += 1
        entries[registration]?.state = .resting(.seconds(5 << entry.attempts))
        return .postponed(registration)
    }

    /// Puts a registration off.
    mutating func postpone(_ registration: KISRegistration, for rest: Duration) {
        entries[registration]?.state = .resting(rest)
    }

    private mutating func refuse(_ registration: KISRegistration, code: String) -> Outcome {
        entries[registration]?.state = .refused(code: code)
        return .refused(registration)
    }

    private func find(_ answer: RegistrationAnswer) -> KISRegistration? {
        if let stream = answer.stream, let key = answer.key, entries[KISRegistration(stream, key)] != nil {
            return KISRegistration(stream, key)
        }
        let asked = entries.keys.filter { if case .asked? = entries[$0]?.state { true } else { false } }
        // A complaint that names nothing can only be about the one that is being asked for.
        return answer.stream == nil && !answer.isSuccess && asked.count == 1 ? asked.first : nil
    }
}
