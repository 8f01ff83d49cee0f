"""A stand-in of the Messages API. Usage: claude_server.py. Prints its port.

POST /script/NAME takes a JSON list of replies, used up in order by POST /NAME/v1/messages; GET /seen/NAME gives the requests
that came in there. A reply: status, headers, body (text) or base64, delay (seconds), close (hang up instead).
"""

import base64
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, sys.argv[1])
from common import announce, end_with_parent  # noqa: E402

scripts = {}
seen = {}
lock = threading.Lock()


def problem(headers, body):
    """What the service would not take, with its status and error type."""
    if not headers.get("x-api-key"):
        return 401, "authentication_error", "x-api-key header is required"
    if headers.get("anthropic-version") != "2023-06-01":
        return 400, "invalid_request_error", "anthropic-version: header is required"
    if headers.get("content-type") != "application/json":
        return 400, "invalid_request_error", "content-type must be application/json"
    try:
        document = json.loads(body)
    except ValueError as error:
        return 400, "invalid_request_error", "not valid JSON: %s" % error
    for key in ("model", "max_tokens", "messages"):
        if key not in document:
            return 400, "invalid_request_error", "%s: Field required" % key
    return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if "content-type" not in {name.lower() for name in dict(headers)}:
            self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        _, word, name = self.path.split("/", 2)
        assert word == "seen"
        with lock:
            self.answer(200, json.dumps(seen.get(name, [])).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        _, word, rest = self.path.split("/", 2)
        if word == "script":
            with lock:
                scripts[rest] = json.loads(body)
                seen[rest] = []
            return self.answer(200, b"{}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        with lock:
            seen.setdefault(word, []).append(
                {"path": "/" + rest, "headers": headers, "body": body.decode("utf-8", "replace")}
            )
            queue = scripts.get(word, [])
            reply = queue.pop(0) if queue else {"status": 500, "body": "the script is at its end"}
        wrong = problem(headers, body) if rest == "v1/messages" else (404, "not_found_error", "no such path")
        if wrong:
            status, kind, message = wrong
            error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_stand_in"}
            return self.answer(status, json.dumps(error).encode(), {"request-id": "req_stand_in"})
        time.sleep(reply.get("delay", 0))
        if reply.get("close"):
            self.close_connection = True
            return None
        data = base64.b64decode(reply["base64"]) if "base64" in reply else reply.get("body", "").encode()
        return self.answer(reply.get("status", 200), data, reply.get("headers", {}))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # Tests run side by side, and a full queue would drop connections.
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """A client that hangs up in the middle is a test at work."""


end_with_parent()
server = Server(("127.0.0.1", 0), Handler)
announce(server.server_address[1])
server.serve_forever()
