"""An HTTP server whose path says how it behaves. Usage: http_server.py [CERTIFICATE KEY]. Prints its port."""

import collections
import json
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from common import announce, end_with_parent

seen = collections.Counter()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen[self.path] += 1
        word, _, argument = self.path.lstrip("/").partition("/")
        if word == "echo":
            record = {
                "method": self.command,
                "path": self.path,
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": body.decode(),
            }
            self.answer(200, json.dumps(record).encode(), Content_Type="application/json", X_Twice="  padded ")
        elif word == "status":
            self.answer(int(argument), b"status " + argument.encode())
        elif word == "flaky":  # fails that many times, then answers with the number of requests
            failing = seen[self.path] <= int(argument.split("/")[0])
            self.answer(503 if failing else 200, str(seen[self.path]).encode(), Retry_After="0")
        elif word == "seen":  # how many requests for that path have come in
            self.answer(200, str(seen["/" + argument]).encode())
        elif word == "slow":
            time.sleep(60)
        elif word == "drip":  # a head, then silence
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.wfile.write(b"abc")
            self.wfile.flush()
            time.sleep(60)
        elif word == "close":  # takes the request and hangs up
            self.close_connection = True
        elif word == "big":
            self.answer(200, b"x" * int(argument))
        elif word == "redirect":
            self.answer(302, b"elsewhere", Location="/echo/there")
        elif word == "loop":
            self.answer(302, b"again", Location="/loop")
        else:
            self.answer(404, b"no such behaviour")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any


end_with_parent(sys.argv[1] if len(sys.argv) == 3 else None)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if len(sys.argv) == 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
announce(server.server_address[1])
server.serve_forever()
