internal import Alerting
internal import Core
internal import Cycle
internal import Settings
internal import Transport

/// The channels that the configuration opens. The log is always one of them, so that an installation without Slack and
/// e-mail still has its alerts somewhere.
enum AlertChannels {
    static func make(_ settings: Settings, log: LogFiles, clock: any WallClock, host: String) -> [any AlertChannel] {
        let origin = AlertOrigin(host: host, mode: settings.mode.rawValue)
        var channels: [any AlertChannel] = [
            LogChannel { severity, text in
                log.stepLog(severity >= .error ? .error : .info, "alert: \(text)")
            }
        ]
        let slack = settings.alerts.slack
        if slack.isReady, let url = slack.webhookURL.flatMap({ RedactedURL($0.reveal()) }) {
            channels.append(SlackChannel(levels: levels(slack.levels), webhook: url, origin: origin, clock: clock))
        }
        let email = settings.alerts.email
        if email.isReady, let url = email.smtpURL.flatMap({ RedactedURL($0.reveal()) }),
            let server = SMTPServer(
                url: url, requireTLS: url.scheme == "smtps" || url.user != nil, caFile: email.caFile),
            let to = email.to.flatMap({ MailAddress($0) }), let from = MailAddress(email.from ?? email.to ?? "")
        {
            channels.append(
                EmailChannel(levels: levels(email.levels), server: server, from: from, to: [to], origin: origin))
        }
        return channels
    }

    private static func levels(_ levels: [AlertLevel]) -> Set<Severity> {
        Set(levels.compactMap { Severity(rawValue: $0.rawValue) })
    }
}
