"""A proxy before the sandbox that counts the requests, by method and path: an eye of
our own, which shares no code with what it looks at."""

import threading
import urllib.error
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GET_ROLE_CREDENTIALS = "GET /federation/credentials"
CREATE_TOKEN = "POST /token"


class Counted:
    """Stands before one endpoint; `url` is its own."""

    def __init__(self, behind):
        self.seen, lock = Counter(), threading.Lock()
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            def relay(self):
                with lock:
                    seen[f"{self.command} {self.path.partition('?')[0]}"] += 1
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = urllib.request.Request(behind + self.path, body or None, method=self.command)
                for name, value in self.headers.items():
                    if name.lower() not in ("host", "connection"):
                        request.add_header(name, value)
                try:
                    reply = urllib.request.urlopen(request, timeout=60)
                except urllib.error.HTTPError as error:
                    reply = error
                self.pass_on(reply, reply.read())

            def pass_on(self, reply, body):
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = relay

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 512

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
