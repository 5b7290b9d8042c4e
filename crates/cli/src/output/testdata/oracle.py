"""The AWS CLI as an oracle: runs it against a stand-in for the services it calls.

A case says what the service answers and how the command line asks for it; the
answer is what the real program printed, byte for byte. Nothing leaves the machine.
"""

import fcntl
import http.server
import json
import os
import pty
import struct
import subprocess
import tempfile
import termios
import threading
import urllib.parse

COMMANDS = {
    "ListAccounts": ["sso", "list-accounts"],
    "ListAccountRoles": ["sso", "list-account-roles", "--account-id", "1"],
    "GetRoleCredentials": [
        "sso", "get-role-credentials", "--account-id", "1", "--role-name", "r",
    ],
    "GetCallerIdentity": ["sts", "get-caller-identity"],
}
LIST_KEYS = {"ListAccounts": "accountList", "ListAccountRoles": "roleList"}

IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult>{}</GetCallerIdentityResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>"""


class Service(http.server.BaseHTTPRequestHandler):
    """Answers the pages of the one case that is under way."""

    pages = []

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        token = query.get("next_token", ["0"])[0]
        page = self.pages[int(token)]
        self.answer(json.dumps(page).encode(), "application/json")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        fields = "".join(f"<{k}>{v}</{k}>" for k, v in self.pages[0].items())
        self.answer(IDENTITY.format(fields).encode(), "text/xml")

    def log_message(self, *args):
        pass


class Oracle:
    """One stand-in service and one AWS CLI binary."""

    def __init__(self, aws):
        self.aws = aws
        self.home = tempfile.TemporaryDirectory()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def environment(self):
        return {
            "HOME": self.home.name,
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "AWS_PAGER": "",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_port}",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_REGION": "us-east-1",
        }

    def command(self, case):
        line = [self.aws, *COMMANDS[case["operation"]]]
        if line[1] == "sso":
            line += ["--access-token", "x"]
        line += ["--output", case["format"]]
        if case.get("query") is not None:
            line += ["--query", case["query"]]
        if case.get("color"):
            line += ["--color", case["color"]]
        return line + case.get("args", [])

    def run(self, case):
        """stdout, stderr and exit code of one case."""
        Service.pages = case["pages"]
        if case.get("width") is not None:
            return self.on_terminal(case)
        done = subprocess.run(
            self.command(case), env=self.environment(), capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout.decode(), done.stderr.decode(), done.returncode

    def on_terminal(self, case):
        """The same with stdout on a pseudo-terminal of that many columns."""
        ours, theirs = pty.openpty()
        size = struct.pack("HHHH", 24, case["width"], 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        modes = termios.tcgetattr(theirs)
        modes[1] &= ~termios.OPOST
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
        child = subprocess.Popen(
            self.command(case), env=self.environment() | {"TERM": "xterm"},
            stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE,
        )
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 65536):
                seen += part
        except OSError:
            pass
        os.close(ours)
        return seen.decode(), child.stderr.read().decode(), child.wait()
