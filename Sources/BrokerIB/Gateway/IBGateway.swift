internal import Core

/// A gateway that is connected to when somebody needs it first, and as one of takt's clients. A connection that ends is made
/// anew by itself; whoever made this closes it.
public actor IBGateway {
    public nonisolated let terms: IBGatewayTerms
    /// What stands behind the connection, with the account that it is for.
    private var desk: IBDesk?
    private var failed: (trouble: IBGatewayTrouble, until: Duration)?
    private var isOpening = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false

    /// After a failure nobody waits again for so long: the next step of the same beat would only wait as long.
    private static let afterFailure = Duration.seconds(30)
    /// How often a wait is looked at.
    private static let glance = Duration.milliseconds(500)

    public init(_ terms: IBGatewayTerms) { self.terms = terms }

    /// Connected, let in, and with the right account.
    public func ready() async throws(IBGatewayTrouble) -> IBDesk {
        while isOpening { await withCheckedContinuation { waiters.append($0) } }
        // Nothing else happens between here and the next wait.
        isOpening = true
        defer {
            isOpening = false
            let waiting = waiters
            waiters = []
            for waiter in waiting { waiter.resume() }
        }
        if let failed, terms.clock.uptime() < failed.until { throw failed.trouble }
        do throws(IBGatewayTrouble) {
            guard !isClosed else { throw IBGatewayTrouble(later: "the connection was closed") }
            if let desk {
                try await wait(for: desk.connection)
                return desk
            }
            let made = try await open()
            guard !isClosed else {
                await made.connection.close()
                throw IBGatewayTrouble(later: "the connection was closed")
            }
            desk = made
            return made
        } catch {
            failed = (error, terms.clock.uptime() + Self.afterFailure)
            await desk?.connection.close()
            desk = nil
            throw error
        }
    }

    /// Ends the connection, if there is one and nobody is making it; the next question makes another.
    func release() async {
        guard !isOpening else { return }
        let connection = desk?.connection
        desk = nil
        await connection?.close()
    }

    /// Ends the connection, if there is one.
    public func close() async {
        isClosed = true
        await desk?.connection.close()
        desk = nil
    }

    // MARK: Opening

    private func open() async throws(IBGatewayTrouble) -> IBDesk {
        let ids = terms.clientIDs
        let memory = try memory()
        for id in ids {
            var configuration = terms.configuration(clientID: id)
            configuration.orderIDs = memory
            let connection = IBConnection(configuration, clock: terms.clock) { [terms] notice in
                // One of several numbers that is taken is no news: the next one is tried.
                guard ids.count == 1 || !notice.sentence.hasPrefix("client id \(id) ") else { return }
                terms.tell(notice)
            }
            do throws(IBGatewayTrouble) {
                try await wait(for: connection)
                return IBDesk(connection, account: try account(of: await connection.accounts), terms, memory: memory)
            } catch {
                await connection.close()
                guard ids.count > 1, error.description == IBSessionStop.clientIDInUse(id).sentence else { throw error }
            }
        }
        throw IBGatewayTrouble(
            later: "the client ids \(ids[0]) to \(ids[0] + ids.count - 1) are all in use. Wait for "
                + "the other takt commands, or set brokers.ib.client_id to another number")
    }

    /// It is made when a connection is, so that who only looks leaves nothing behind.
    private func memory() throws(IBGatewayTrouble) -> IBContractFile? {
        guard let folder = terms.memoryFolder else { return nil }
        do throws(IBMemoryFailure) { return try IBContractFile(folder: folder) } catch {
            throw IBGatewayTrouble(later: "\(error)")
        }
    }

    private func wait(for connection: IBConnection) async throws(IBGatewayTrouble) {
        let deadline = terms.clock.uptime() + terms.connecting
        while true {
            do throws(IBFailure) { return try await connection.open(within: Self.glance) } catch {
                let detail = await connection.trouble
                if await connection.hasStopped { throw IBGatewayTrouble(stop: detail) }
                if error == .cancelled || terms.isStopping() {
                    throw IBGatewayTrouble(later: "takt was told to stop while it waited for the gateway: \(detail)")
                }
                guard terms.clock.uptime() < deadline else {
                    let place = "\(terms.host):\(terms.port)"
                    let seconds = terms.connecting.components.seconds
                    throw IBGatewayTrouble(
                        later: "the gateway at \(place) did not let takt in within \(seconds) s: "
                            + (await connection.standstill ?? detail))
                }
            }
        }
    }

    /// The account that is traded in.
    private func account(of login: [String]) throws(IBGatewayTrouble) -> AccountID {
        let account: AccountID
        switch (terms.account, login.count) {
        case (let wanted?, _):
            guard login.contains(wanted.text) else {
                throw IBGatewayTrouble(
                    final: "the gateway's login has not the account \(Self.masked(wanted.text)), but "
                        + "\(login.map(Self.masked).joined(separator: ", ")). Log in with its user, or correct "
                        + "brokers.ib.account (IB_ACCOUNT)")
            }
            account = wanted
        case (nil, 1): account = AccountID(login[0])
        case (nil, _):
            throw IBGatewayTrouble(
                final:
                    "the gateway's login has \(login.count) accounts (\(login.map(Self.masked).joined(separator: ", "))). "
                    + "Name one: brokers.ib.account (IB_ACCOUNT)")
        }
        if let objection = terms.objection(account) {
            throw IBGatewayTrouble(final: "the account \(Self.masked(account.text)): \(objection)")
        }
        return account
    }

    /// `DU…67`
    static func masked(_ account: String) -> String {
        account.count > 5 ? "\(account.prefix(2))…\(account.suffix(2))" : "…"
    }
}

extension IBConnection {
    /// What a handshake that goes on is waiting for; `nil` where the last failure says more.
    fileprivate var standstill: String? {
        switch session.state {
        // A first attempt; of later ones the last failure says more.
        case .connecting where trouble == Self.untried:
            "the connection was not made. Check that its machine can be reached, and brokers.ib.host and brokers.ib.port"
        case .greeting:
            "it took the connection and says nothing. A window of it may be asking whether to accept: confirm it, or add this "
                + "machine to its trusted addresses. If there is none, restart it"
        case .starting: "it has not told its accounts yet. It may still be starting, or waiting for its login"
        case .idle, .waiting, .connecting, .ready, .stopped: nil
        }
    }

    fileprivate var hasStopped: Bool { session.state == .stopped }
}

extension IBGatewayTrouble {
    /// A session's last words. A gateway that is not there, or whose client id is taken, may be there at the next beat; one that
    /// speaks another version, or sends its clients elsewhere, needs a person.
    fileprivate init(stop sentence: String) {
        let needsPerson = sentence.hasPrefix("506") || sentence.contains("takt does not follow")
        self = needsPerson ? IBGatewayTrouble(final: sentence) : IBGatewayTrouble(later: sentence)
    }
}
