"""A scripted stand-in of KIS's REST side. Usage: kis_stub.py FOLDER-OF-COMMON. Prints its port.

Everything is under /NAME, one world per test. POST /script/NAME takes a JSON object:
  "token": a list of replies to /oauth2/tokenP, used up in order; then (or without) tokens are issued, one a minute unless
           "token_spacing" says another number of seconds: a second request within it gets EGW00133 with 403, as KIS does
  "replies": a list of replies to anything under /uapi, used up in order; the last one stays
  "valid": if given, the access tokens that /uapi takes; any other gets EGW00123 with 500
A reply: status, headers, body (text), delay (seconds before it), close (take the request, then hang up), slow (seconds spread
over the body).
GET /seen/NAME gives what came in: a list of {path, method, headers, body, at}.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, sys.argv[1])
from common import announce, end_with_parent  # noqa: E402

worlds = {}
lock = threading.Lock()


class World:
    def __init__(self, script):
        self.script = script
        self.seen = []
        self.token_replies = list(script.get("token", []))
        self.replies = list(script.get("replies", []))
        self.issued = 0
        self.last_issue = None

    def token(self):
        if self.token_replies:
            return self.token_replies.pop(0)
        now = time.monotonic()
        if self.last_issue is not None and now - self.last_issue < self.script.get("token_spacing", 60):
            text = "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)"
            return {"status": 403, "body": json.dumps({"error_description": text, "error_code": "EGW00133"})}
        self.last_issue = now
        self.issued += 1
        seoul = time.gmtime(time.time() + 9 * 3600 + 86400)
        answer = {
            "access_token": "eyJhbGciOi.STUB.TOKEN-%04d" % self.issued,
            "access_token_token_expired": time.strftime("%Y-%m-%d %H:%M:%S", seoul),
            "token_type": "Bearer",
            "expires_in": 86400,
        }
        # Long enough that others arrive while it is under way.
        return {"body": json.dumps(answer), "delay": self.script.get("token_delay", 0)}

    def reply(self, headers):
        valid = self.script.get("valid")
        if valid is not None and headers.get("authorization", "").removeprefix("Bearer ") not in valid:
            body = {"rt_cd": "1", "msg_cd": "EGW00123", "msg1": "기간이 만료된 token 입니다."}
            return {"status": 500, "body": json.dumps(body)}
        if len(self.replies) > 1:
            return self.replies.pop(0)
        return self.replies[0] if self.replies else {"status": 500, "body": "the script is at its end"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, reply):
        time.sleep(reply.get("delay", 0))
        if reply.get("close"):
            self.close_connection = True
            return
        body = reply.get("body", "").encode()
        self.send_response(reply.get("status", 200))
        headers = {"content-type": "application/json; charset=utf-8", **reply.get("headers", {})}
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        pause = reply.get("slow", 0)
        if not pause:
            self.wfile.write(body)
            return
        for index in range(len(body)):
            self.wfile.write(body[index : index + 1])
            self.wfile.flush()
            time.sleep(pause / max(1, len(body)))

    def handle_call(self, method):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        _, name, *rest = self.path.split("/", 2)
        path = "/" + (rest[0] if rest else "")
        if name == "script":
            with lock:
                worlds[rest[0]] = World(json.loads(body))
            return self.answer({"body": "{}"})
        if name == "seen":
            with lock:
                return self.answer({"body": json.dumps(worlds[rest[0]].seen)})
        headers = {key.lower(): value for key, value in self.headers.items()}
        with lock:
            world = worlds[name]
            world.seen.append(
                {
                    "path": path,
                    "method": method,
                    "headers": headers,
                    "body": body.decode("utf-8", "replace"),
                    "at": time.time(),
                }
            )
            if path == "/oauth2/tokenP":
                reply = world.token()
            elif path == "/oauth2/Approval":
                field = json.loads(body).get("secretkey")
                if field:
                    reply = {"body": json.dumps({"approval_key": "approval-of-the-stub-%d" % len(world.seen)})}
                else:
                    reply = {"status": 403, "body": json.dumps({"error_code": "EGW00103", "error_description": "x"})}
            else:
                reply = world.reply(headers)
        return self.answer(reply)

    def do_GET(self):
        self.handle_call("GET")

    def do_POST(self):
        self.handle_call("POST")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """A client that hangs up in the middle is a test at work."""


end_with_parent(seconds=600)
server = Server(("127.0.0.1", 0), Handler)
announce(server.server_address[1])
server.serve_forever()
