"""`configure lint` names files that programs read differently: here those programs read them.

A server in place of STS answers with the access key that signed, so that the key tells
which line a program has read.
"""

import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from lib import DAYPASS, TARGET

PLACE = Path(os.environ.get("PEERS_PLACE", TARGET / "peers"))
BOTO3 = "import boto3\nprint(boto3.client('sts').get_caller_identity()['Arn'])"
CLIENTS = {
    "boto3": [sys.executable, "-I", "-c", BOTO3],
    "go": [str(PLACE / "go/caller")],
    "js": ["node", str(PLACE / "js/caller.js")],
}
ANSWER = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/{0}</Arn><UserId>{0}</UserId>
<Account>111111111111</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""


class Sts(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        signed = re.search(r"Credential=(.*?)/\d{8}/", self.headers.get("authorization", ""))
        body = ANSWER.format(signed.group(1) if signed else "nobody").encode()
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def sts():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def keys(name, end=""):
    return f"aws_access_key_id = {name}{end}\naws_secret_access_key = x{end}\n"


# The rule, the file, and the key that each program signs with; None is a refusal.
CASES = [
    ("clean", "[profile p]\n" + keys("ONE"), {"boto3": "ONE", "go": "ONE", "js": "ONE"}),
    ("byte-order-mark", "\ufeff[profile p]\n" + keys("ONE"), {"boto3": None, "go": None, "js": "ONE"}),
    ("duplicate-key", "[profile p]\n" + keys("ONE") + "aws_access_key_id = TWO\n", {"boto3": None, "go": "TWO", "js": "TWO"}),
    ("duplicate-section", "[profile p]\n" + keys("ONE") + "[profile p]\naws_access_key_id = TWO\n", {"boto3": None, "go": "TWO", "js": "TWO"}),
    ("not-an-entry", "[profile p]\n" + keys("ONE") + "a note\n", {"boto3": None, "go": "ONE", "js": "ONE"}),
    ("quoted-value", "[profile p]\n" + keys("ONE").replace("ONE", '"ONE"'), {"boto3": '"ONE"', "go": "ONE", "js": '"ONE"'}),
    ("inline-comment", "[profile p]\n" + keys("ONE", " # x"), {"boto3": "ONE # x", "go": "ONE", "js": "ONE"}),
    ("upper-case-key", "[profile p]\n" + keys("ONE").replace("aws_access", "AWS_access"), {"boto3": "ONE", "go": "ONE", "js": None}),
    ("colon", "[profile p]\n" + keys("ONE").replace(" =", ":"), {"boto3": "ONE", "go": "ONE", "js": None}),
    ("header-not-portable", "[profile  p]\n" + keys("ONE"), {"boto3": "ONE", "go": "ONE", "js": None}),
    ("missing-prefix", "[p]\n" + keys("ONE"), {"boto3": None, "go": None, "js": None}),
    ("swallowed-key", "[profile p]\naws_secret_access_key = x\nregion = us-east-1\n  aws_access_key_id = ONE\n", {"boto3": None, "go": "ONE", "js": "ONE"}),
]
DEFAULTS = "[profile default]\n" + keys("ONE") + "[default]\n" + keys("TWO")


def signs(client, home, sts, profile):
    """The key that a program signs with, or None."""
    env = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_STS": sts,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SDK_LOAD_CONFIG": "1",
    }
    if profile:
        env["AWS_PROFILE"] = profile
    done = subprocess.run(CLIENTS[client], env=env, input="x\n", capture_output=True, text=True, timeout=120)
    found = re.search(r"user/(.*)", done.stdout)
    return found.group(1) if found else None


def rules(home):
    done = subprocess.run(
        [DAYPASS, "configure", "lint", "--output", "json"],
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
    )
    findings = json.loads(done.stdout)["Findings"]
    assert done.returncode == (1 if findings else 0), done.stderr
    return [finding["Rule"] for finding in findings]


def write(home, text):
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(text, encoding="utf-8")
    (home / ".aws/config").chmod(0o600)


@pytest.mark.parametrize("rule, text, wanted", CASES, ids=[case[0] for case in CASES])
def test_programs_disagree_as_lint_says(tmp_path, sts, rule, text, wanted):
    write(tmp_path, text)
    found = rules(tmp_path)
    assert rule in found if rule != "clean" else not found
    assert {client: signs(client, tmp_path, sts, "p") for client in wanted} == wanted


def test_of_two_defaults_each_program_takes_its_own(tmp_path, sts):
    write(tmp_path, DEFAULTS)
    assert "hidden-section" in rules(tmp_path)
    wanted = {"boto3": "TWO", "go": "ONE", "js": "ONE"}
    assert {client: signs(client, tmp_path, sts, None) for client in wanted} == wanted
