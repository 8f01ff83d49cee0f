internal import Alerting
internal import Core
internal import Cycle
internal import Settings
internal import Transport

/// The channels that the configuration opens. The log is always one of them, so that an installation without Slack and
/// e-mail still has its alerts somewhere.
enum AlertChannels {
    static func make(_ settings: Settings, log: LogFiles, clock: any WallClock, host: String) throws
        -> [any AlertChannel]
    {
        let origin = AlertOrigin(host: host, mode: settings.mode.rawValue)
        var channels: [any AlertChannel] = [
            LogChannel { severity, text in
                log.stepLog(severity >= .error ? .error : .info, "alert: \(text)")
            }
        ]
        let slack = settings.alerts.slack
        if slack.isReady, let webhook = slack.webhookURL {
            guard let url = RedactedURL(webhook.reveal()) else { throw misfit("SLACK_WEBHOOK_URL is no URL") }
            channels.append(SlackChannel(levels: levels(slack.levels), webhook: url, origin: origin, clock: clock))
        }
        let email = settings.alerts.email
        if email.isReady, let address = email.smtpURL, let recipients = email.to {
            channels.append(try self.email(email, address.reveal(), recipients, origin))
        }
        return channels
    }

    private static func email(
        _ email: AlertSettings.Email, _ address: String, _ recipients: String, _ origin: AlertOrigin
    ) throws -> EmailChannel {
        guard let url = RedactedURL(address),
            let server = SMTPServer(
                url: url, requireTLS: url.scheme == "smtps" || url.user != nil, caFile: email.caFile)
        else { throw misfit("SMTP_URL is no smtp:// or smtps:// URL") }
        guard let to = MailAddress.list(recipients), let first = to.first else {
            throw misfit("the recipients '\(recipients)' are no mail addresses")
        }
        guard let from = email.from.map({ MailAddress($0) }) ?? first else {
            throw misfit("the sender '\(email.from ?? "")' is no mail address")
        }
        return EmailChannel(levels: levels(email.levels), server: server, from: from, to: to, origin: origin)
    }

    private static func misfit(_ what: String) -> StepFailure {
        StepFailure(
            code: "bad-alert-channel", message: "An alert channel cannot be opened: \(what).",
            hint: "Nothing was done. Correct .env or risk.yaml, or disable the channel; `takt alert test` checks it.",
            isRetryable: false, exitCode: .configuration)
    }

    private static func levels(_ levels: [AlertLevel]) -> Set<Severity> {
        Set(levels.compactMap { Severity(rawValue: $0.rawValue) })
    }
}
