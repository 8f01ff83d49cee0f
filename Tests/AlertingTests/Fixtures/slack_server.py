"""Stands in for Slack's incoming webhooks, from Slack's own reference, not from our code.

Usage: slack_server.py RECORD. Prints its port. The first path component says how it behaves; `/ok/…` checks the message
as Slack does and refuses what breaks a rule. Every request is appended to RECORD as a JSON line.
"""

import json
import pathlib
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "TransportTests" / "Fixtures"))
from common import announce, end_with_parent  # noqa: E402


def units(text):
    return len(text.encode("utf-16-le")) // 2


def check_text(text, kinds, limit):
    assert set(text) <= {"type", "text", "emoji", "verbatim"}, "unknown key in a text object"
    assert text["type"] in kinds, f"text type {text['type']} is not allowed here"
    assert 1 <= units(text["text"]) <= limit, f"text of {units(text['text'])} characters, allowed 1..{limit}"
    if text["type"] == "mrkdwn":
        assert "emoji" not in text, "emoji belongs to plain_text"
        bare = text["text"].replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert not set("&<>") & set(bare), "unescaped control character"


def check_block(block):
    if block["type"] == "header":
        check_text(block["text"], {"plain_text"}, 150)
    elif block["type"] == "section":
        assert "text" in block or "fields" in block, "a section needs text or fields"
        if "text" in block:
            check_text(block["text"], {"plain_text", "mrkdwn"}, 3000)
        if "fields" in block:
            assert 1 <= len(block["fields"]) <= 10, "fields: 1..10"
            for field in block["fields"]:
                check_text(field, {"plain_text", "mrkdwn"}, 2000)
    elif block["type"] == "context":
        assert 1 <= len(block["elements"]) <= 10, "elements: 1..10"
        for element in block["elements"]:
            check_text(element, {"plain_text", "mrkdwn"}, 3000)
    else:
        raise AssertionError(f"unexpected block {block['type']}")


def check(message):
    assert isinstance(message.get("text"), str) and 1 <= len(message["text"]) <= 40000, "fallback text"
    assert 1 <= len(message["blocks"]) <= 50, "blocks: 1..50"
    for block in message["blocks"]:
        check_block(block)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def answer(self, status, text, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        verdict = None
        try:
            message = json.loads(body)
            check(message)
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            verdict = f"{type(error).__name__}: {error}"
        with open(sys.argv[1], "a") as file:
            record = {"path": self.path, "type": self.headers["Content-Type"], "error": verdict, "body": body.decode()}
            file.write(json.dumps(record) + "\n")
        behaviour = self.path.split("/")[1]
        if behaviour == "ok" and verdict is None:
            self.answer(200, "ok")
        elif behaviour == "ok":
            self.answer(400, "invalid_blocks " + verdict)
        elif behaviour == "429":
            self.answer(429, "rate_limited", Retry_After="7")
        elif behaviour == "slow":
            time.sleep(60)
        elif behaviour == "echo":  # a proxy's error page that quotes the address
            self.answer(403, "forbidden: " + self.path)
        else:
            self.answer(int(behaviour), {"404": "no_service", "410": "channel_is_archived"}.get(behaviour, "error"))


end_with_parent(sys.argv[1])
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
announce(server.server_address[1])
server.serve_forever()
