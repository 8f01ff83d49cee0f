"""A mail server that writes what it takes, read by Python's email package, as JSON lines.

Usage: smtp_server.py RECORD [plain | starttls CERTIFICATE KEY | smtps CERTIFICATE KEY]. Prints its port.
With TLS, user `takt` and password `s3cret-word` are demanded. Recipients: `unknown@…` does not exist, `later@…` is
greylisted.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from common import announce, end_with_parent

record_file, mode = sys.argv[1], sys.argv[2]


def parts(message):
    leaves = [part for part in message.walk() if not part.is_multipart()]
    return [
        {
            "type": part.get_content_type(),
            "charset": part.get_content_charset(),
            "encoding": part["Content-Transfer-Encoding"],
            "text": part.get_content(),
        }
        for part in leaves
    ]


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@"):
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        content = envelope.original_content
        message = email.message_from_bytes(content, policy=email.policy.default)
        record = {
            "envelope_from": envelope.mail_from,
            "envelope_to": envelope.rcpt_tos,
            "is_encrypted": session.ssl is not None or mode == "smtps",
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "to": [address.addr_spec for address in message["To"].addresses],
            "from_name": message["From"].addresses[0].display_name,
            "date": message["Date"].datetime.isoformat(),
            "content_type": message.get_content_type(),
            "parts": parts(message),
            "defects": [str(defect) for part in message.walk() for defect in part.defects],
            "longest_line": max(len(line) for line in content.split(b"\r\n")),
            "is_ascii": content.isascii(),
            "has_bare_line_ends": b"\n" in content.replace(b"\r\n", b"") or b"\r" in content.replace(b"\r\n", b""),
            "has_injected_header": "X-Injected" in message,
        }
        with open(record_file, "a") as file:
            file.write(json.dumps(record) + "\n")
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"takt", b"s3cret-word")
    return AuthResult(success=good, auth_data=data, handled=good)


def factory(context):
    if mode == "plain":
        return lambda: SMTP(Handler(), hostname="test.invalid")
    return lambda: SMTP(
        Handler(),
        hostname="test.invalid",
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=mode == "starttls",
    )


async def main():
    context = None
    if mode != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
    implicit = context if mode == "smtps" else None
    server = await asyncio.get_running_loop().create_server(factory(context), "127.0.0.1", 0, ssl=implicit)
    announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


end_with_parent(record_file)
asyncio.run(main())
