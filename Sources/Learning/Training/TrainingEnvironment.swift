/// What a policy is trained in: bars that can be replayed, an account, and its costs. A value; a copy is another rollout from
/// the same place.
///
/// No clock, no I/O, no randomness of its own: the same start and actions give the same rewards, on any thread.
public protocol TrainingEnvironment: Sendable {
    /// Numbers in a state.
    var inputs: Int { get }
    var actions: Int { get }
    /// Where an episode may begin: instrument, bar, position and cash, numbered from zero.
    var startCount: Int { get }

    /// Begins an episode.
    ///
    /// - Parameter start: one of ``startCount``.
    mutating func reset(at start: Int) throws -> Observation

    /// States of the bars before the episode, oldest first, one after the other: what a network with history sees at its
    /// first step, as it would live. Asked for after ``reset(at:)``; empty if there are none.
    var priorStates: [Float] { get }

    /// Takes an action and goes to the next bar.
    mutating func step(_ action: Int) throws -> StepOutcome

    /// Ends an episode that is not over: closes what is held, at what that costs.
    ///
    /// - Returns: the log return of closing; 0 where nothing is held. It belongs to the step before.
    mutating func cut() throws -> Double

    /// The value traded since the episode began, as a multiple of equity.
    var turnover: Double { get }
}

extension TrainingEnvironment {
    public var priorStates: [Float] { [] }
}

/// What is seen at a bar, and what may be done.
public struct Observation: Hashable, Sendable {
    public var state: [Float]
    public var allowed: ActionMask

    public init(_ state: [Float], allowed: ActionMask) { (self.state, self.allowed) = (state, allowed) }
}

/// What an action led to.
public struct StepOutcome: Hashable, Sendable {
    /// The net log return, ln(equity after / equity before), after all costs; at the last step with those of closing.
    public var reward: Double
    public var observation: Observation
    /// The episode is over; nobody looks at the observation.
    public var isDone: Bool

    public init(reward: Double, observation: Observation, isDone: Bool) {
        (self.reward, self.observation, self.isDone) = (reward, observation, isDone)
    }
}

/// An environment whose answers are looked at.
struct CheckedEnvironment<Environment: TrainingEnvironment> {
    private var environment: Environment
    private let start: Int
    private var step = 0

    /// Begins an episode.
    init(_ environment: Environment, start: Int) throws(LearningError) {
        (self.environment, self.start) = (environment, start)
        do { observation = try self.environment.reset(at: start) } catch {
            throw .environment(start: start, step: nil, problem: "\(error)")
        }
        prior = self.environment.priorStates
        if let problem = Self.problem(observation, environment) {
            throw .environment(start: start, step: nil, problem: problem)
        }
        guard prior.count.isMultiple(of: environment.inputs), prior.allSatisfy(\.isFinite) else {
            throw .environment(start: start, step: nil, problem: "the states before it are no whole or no finite rows")
        }
    }

    private(set) var observation: Observation
    let prior: [Float]
    private(set) var isDone = false
    var turnover: Double { environment.turnover }

    /// - Returns: the reward.
    mutating func take(_ action: Int) throws(LearningError) -> Double {
        let outcome: StepOutcome
        do { outcome = try environment.step(action) } catch {
            throw .environment(start: start, step: step, problem: "\(error)")
        }
        guard outcome.reward.isFinite else {
            throw .environment(start: start, step: step, problem: "the reward is \(outcome.reward)")
        }
        if !outcome.isDone, let problem = Self.problem(outcome.observation, environment) {
            throw .environment(start: start, step: step, problem: problem)
        }
        (observation, isDone) = (outcome.observation, outcome.isDone)
        step += 1
        return outcome.reward
    }

    /// Ends the episode where it stands.
    ///
    /// - Returns: what closing adds to the last reward.
    mutating func cut() throws(LearningError) -> Double {
        guard !isDone else { return 0 }
        let reward: Double
        do { reward = try environment.cut() } catch {
            throw .environment(start: start, step: step, problem: "\(error)")
        }
        guard reward.isFinite else { throw .environment(start: start, step: step, problem: "closing gives \(reward)") }
        isDone = true
        return reward
    }

    private static func problem(_ observation: Observation, _ environment: Environment) -> String? {
        guard observation.state.count == environment.inputs else {
            return "the state has \(observation.state.count) numbers, and \(environment.inputs) are announced"
        }
        guard observation.state.allSatisfy(\.isFinite) else { return "a number of the state is not finite" }
        guard observation.allowed.bits & ActionMask.all(environment.actions).bits != 0 else {
            return "no action is possible"
        }
        guard observation.allowed.bits & ~ActionMask.all(environment.actions).bits == 0 else {
            return "an action beyond the \(environment.actions) is possible"
        }
        return nil
    }
}
