"""A server for a question: whose key has signed this request?

It answers for the portal, for STS, for a container's credentials and for S3, each with
keys of its own, so that a request for data tells where its credentials came from.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The source of credentials, by the access key that it gives.
KEYS = {
    "Variables": "AKIAVARIABLES0000000",
    "Files": "AKIAFILES00000000000",
    "HubRole": "ASIAHUBROLE000000000",
    "AssumedRole": "ASIAASSUMEDROLE00000",
    "IdentityCenter": "ASIAIDENTITYCENTER00",
    "Process": "ASIAPROCESS000000000",
    "Container": "ASIACONTAINER0000000",
}
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
END = "2099-01-01T00:00:00Z"
ROLES = {"AssumeRoleWithWebIdentity": "HubRole", "AssumeRole": "AssumedRole"}
NAMES = {key: name for name, key in KEYS.items()}

ROLE = """<{0}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{0}Result>
<Credentials><AccessKeyId>{1}</AccessKeyId><SecretAccessKey>{2}</SecretAccessKey>
<SessionToken>token</SessionToken><Expiration>{3}</Expiration></Credentials>
<AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId>
<Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
</{0}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{0}Response>"""
IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::1:user/u</Arn><UserId>U</UserId><Account>1</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>"""
LIST = """<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
<Prefix></Prefix><KeyCount>0</KeyCount>
<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>"""


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        self.answer(self.rfile.read(length).decode(errors="replace"))

    def do_GET(self):
        self.answer(self.path)

    do_HEAD = do_PUT = do_GET

    def answer(self, said):
        if self.path.startswith("/federation/credentials"):
            role = {"accessKeyId": KEYS["IdentityCenter"], "secretAccessKey": SECRET}
            role |= {"sessionToken": "token", "expiration": 4070908800000}
            return self.say({"roleCredentials": role})
        if self.path.startswith("/container"):
            keys = {"AccessKeyId": KEYS["Container"], "SecretAccessKey": SECRET}
            return self.say({**keys, "Token": "token", "Expiration": END})
        for action, name in ROLES.items():
            if f"Action={action}&" in said + "&":
                return self.send(ROLE.format(action, KEYS[name], SECRET, END), "text/xml")
        self.note()
        identity = "GetCallerIdentity" in said
        self.send(IDENTITY if identity else LIST, "text/xml" if identity else "application/xml")

    def note(self):
        """Who has signed a request for data."""
        found = re.search(r"Credential=(\w+)/", self.headers.get("authorization", "") + self.path)
        self.server.signers.append(NAMES.get(found[1], found[1]) if found else None)

    def say(self, value):
        self.send(json.dumps(value), "application/json")

    def send(self, text, kind):
        body = text.encode()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-amz-bucket-region", "us-west-2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Who:
    """The server, on a port of its own."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.signers = []
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def signer(self):
        """The first that signed; None if nobody did."""
        return next((name for name in self.server.signers if name), None)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
