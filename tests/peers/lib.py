"""Sandboxes, homes, and the three tools that are compared in them."""

import hashlib
import json
import os
import re
import select
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "target"
DAYPASS = os.environ.get("PEERS_DAYPASS", str(TARGET / "debug" / "daypass"))
AWS = os.environ.get("PEERS_AWS", str(TARGET / "peers/awscli/awscli/v2/2.38.5/dist/aws"))

START_URL = "https://d-9067c5bbc5.awsapps.com/start/#"
ACCOUNT = "867530900000"
ROLE = "Project-Power-User"
PROFILE = "disasters-sso"
SESSION = "disasters"

GUIDE_CONFIG = f"""\
[profile {PROFILE}]
sso_session = {SESSION}
sso_account_id = {ACCOUNT}
sso_role_name = {ROLE}
region = us-east-1
output = json
[sso-session {SESSION}]
sso_start_url = {START_URL}
sso_region = us-east-1
sso_registration_scopes = sso:account:access
"""

LEGACY_CONFIG = f"""\
[profile legacy]
sso_start_url = {START_URL}
sso_region = us-east-1
sso_account_id = {ACCOUNT}
sso_role_name = {ROLE}
region = us-east-1
"""


def until(condition, seconds=30.0, what="the condition"):
    """The first true value of the condition; fails when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come true in {seconds} s"
        time.sleep(0.02)


@dataclass
class Result:
    """How a command ended."""

    words: list
    code: int
    out: str
    err: str

    def ok(self):
        assert self.code == 0, self
        return self

    def json(self):
        return json.loads(self.ok().out)

    def __str__(self):
        return f"{self.words}: exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Sandbox:
    """A running `daypass sandbox`."""

    def __init__(self, *options, strict=True):
        freedoms = ["--strict"] if strict else []
        self.process = subprocess.Popen(
            [DAYPASS, "sandbox", "--portal-rate", "0", *freedoms, *map(str, options)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.environment = self._read_environment()

    def _read_environment(self):
        stream, text = self.process.stdout, b""
        while b"AWS_EC2_METADATA_DISABLED=true\n" not in text:
            ready, _, _ = select.select([stream], [], [], 30)
            assert ready, "the sandbox does not start"
            chunk = os.read(stream.fileno(), 65536)
            assert chunk, f"the sandbox ended with {self.process.wait()}"
            text += chunk
        printed = dict(re.findall(r"^export (\w+)=(.*)$", text.decode(), re.MULTILINE))
        # Every test has a home of its own.
        del printed["HOME"]
        return printed

    def stop(self):
        self.process.terminate()  # and its throw-away home goes with it
        self.process.wait()
        self.process.stdout.close()


@dataclass
class Home:
    """A throw-away home directory, and the environment of what runs in it."""

    path: Path
    sandbox: Sandbox
    extra: dict = field(default_factory=dict)

    def __post_init__(self):
        self.path.mkdir(parents=True, exist_ok=True)
        self.person("browser")
        self.person("denier", "--deny")

    def person(self, name, *options):
        """A program for $BROWSER. In the background: the AWS CLI serves its
        callback only after $BROWSER has returned."""
        script = self.path / name
        words = " ".join(options)
        script.write_text(
            "#!/bin/sh\n"
            f'echo "$1" >> "{self.path}/{name}.log"\n'
            f"'{DAYPASS}' sandbox approve \"$1\" {words} </dev/null >/dev/null 2>&1 &\n"
        )
        script.chmod(0o755)
        return script

    @property
    def environment(self):
        return {
            "HOME": str(self.path),
            "PATH": "/usr/bin:/bin",
            "BROWSER": f"{self.path}/browser %s",
            "TERM": "xterm",
            "LANG": "C.UTF-8",
            "TZ": "America/New_York",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "AWS_PAGER": "",
            "AWS_CLI_AGENT_TOOLKIT_HINT_DISABLED": "true",
            "AWS_CLI_SESSION_ID_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            **self.sandbox.environment,
            **self.extra,
        }

    @property
    def config(self):
        return self.path / ".aws" / "config"

    @property
    def credentials(self):
        return self.path / ".aws" / "credentials"

    def write_config(self, text=GUIDE_CONFIG):
        self.config.parent.mkdir(exist_ok=True)
        self.config.write_bytes(text.encode())
        return self

    def write_credentials(self, text):
        self.credentials.parent.mkdir(exist_ok=True)
        self.credentials.write_bytes(text.encode())
        self.credentials.chmod(0o600)
        return self

    def run(self, program, *words, env=None, timeout=90, cwd=None, stdin=""):
        env = {**self.environment, **(env or {})}
        done = subprocess.run(
            [program, *words],
            env={name: value for name, value in env.items() if value is not None},
            input=stdin.encode(),
            capture_output=True,
            timeout=timeout,
            cwd=cwd or self.path,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        return Result([Path(program).name, *words], done.returncode, out, err)

    def aws(self, *words, **options):
        return self.run(AWS, *words, **options)

    def daypass(self, *words, **options):
        return self.run(DAYPASS, *words, **options)

    def boto(self, code, *words, **options):
        """Runs Python with boto3 imported; no daypass is on its PATH."""
        import sys

        script = "import json, sys, boto3\n" + code
        return self.run(sys.executable, "-I", "-c", script, *words, **options)

    def tool(self, name):
        return {"aws": self.aws, "daypass": self.daypass}[name]

    # The token cache

    def token_file(self, key=SESSION):
        name = hashlib.sha1(key.encode()).hexdigest() + ".json"
        return self.path / ".aws" / "sso" / "cache" / name

    def token(self, key=SESSION):
        return json.loads(self.token_file(key).read_text())

    def age_token(self, key=SESSION, seconds_left=-60):
        """As if the access token had been issued long ago."""
        token = self.token(key)
        end = time.gmtime(time.time() + seconds_left)
        token["expiresAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", end)
        self.token_file(key).write_text(json.dumps(token))
        self.forget_role_credentials()
        return token

    def forget_role_credentials(self):
        """The AWS CLI's and daypass's, so that they have to use the token again. Only
        for logins in the shared cache: sealed ones lie beside daypass's."""
        for file in (self.path / ".aws" / "cli" / "cache").glob("*.json"):
            file.unlink()
        for file in (self.path / ".aws" / "daypass" / "vault" / "records").glob("*.sealed"):
            file.unlink()


def key_sentence(text):
    """What the AWS CLI says, without its frame: `aws: [ERROR]: ` and the prefix
    of its argument and configuration errors."""
    match = re.search(r"aws: \[ERROR\]: (.*)", text)
    assert match, text
    sentence = match[1]
    frame = r"^An error occurred \((ParamValidation|Configuration|NoRegion|NoCredentials)\): "
    sentence = re.sub(frame, "", sentence)
    # Whose number of attempts is counted is no part of the sentence.
    return sentence.replace(" (reached max retries: 0)", "").strip().rstrip(".")
