"""What `daypass doctor` says a tool would pick, and what the real tool picks, home by home."""

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from lib import DAYPASS, HERE
from matrix import routes, rows
from matrix.who import END, KEYS, SECRET, Who

with (HERE / "matrix" / "scenes.toml").open("rb") as file:
    TABLE = tomllib.load(file)
SCENES = TABLE["scene"]

# The row of the matrix that is asked for each tool of doctor's table.
TOOLS = {
    "aws-cli": "AWS CLI",
    "boto3": "boto3",
    "polars": "polars",
    "js": "SDK for JavaScript v3",
    "go": "SDK for Go v2 (Terraform)",
    "rclone": "rclone",
    "s5cmd": "s5cmd 2.3 (SDK for Go v1)",
    "java": "SDK for Java v2",
    "rust": "SDK for Rust (deltalake)",
    "cpp": "pyarrow (SDK for C++)",
    "crt": "awscrt (aws-c-auth)",
    "gdal-3.12": "GDAL 3.12 (pyogrio)",
    "gdal-3.10": "GDAL 3.10 (rasterio)",
    "obstore": "obstore",
    "opendal": "OpenDAL",
}

# These know AWS's own hosts only where they ask for a role's credentials: without a
# network such a request cannot be seen, so that nobody has signed anything in the end, or
# what comes later in the order.
UNSEEN = {
    "s5cmd": {"IdentityCenter", "HubRole", "AssumedRole"},
    "cpp": {"IdentityCenter", "HubRole", "AssumedRole"},
    "crt": {"HubRole", "AssumedRole"},
    "opendal": {"IdentityCenter", "HubRole", "AssumedRole"},
    "obstore": {"HubRole"},
    "gdal-3.12": {"AssumedRole"},
    "gdal-3.10": {"AssumedRole"},
}

CLIENTS = {client.name: client for client in rows.clients()}


class Room:
    """A home, a server, and what is set in there."""

    def __init__(self, folder, scene, who):
        self.home, self.who, self.scene = folder, who, scene
        self.aws = folder / ".aws"
        (self.aws / "sso" / "cache").mkdir(parents=True)
        self.process = folder / "keys"
        keys = {"Version": 1, "AccessKeyId": KEYS["Process"], "SecretAccessKey": SECRET}
        keys |= {"SessionToken": "token", "Expiration": END}
        self.process.write_text(f"#!/bin/sh\necho '{json.dumps(keys)}'\n")
        self.process.chmod(0o755)
        (folder / "token").write_text("token")
        for name in ("config", "credentials"):
            (self.aws / name).write_text(self.text(scene.get(name, [])))
            (self.aws / name).chmod(0o600)
        self.log_in()

    def text(self, parts):
        blocks = [TABLE["blocks"].get(part, part).strip() for part in parts]
        return "".join(f"{block}\n" for block in blocks).replace("{process}", str(self.process))

    def log_in(self):
        token = {"startUrl": "https://d-1111111111.awsapps.com/start", "region": "us-east-1"}
        token |= {"accessToken": "token", "expiresAt": END}
        file = self.aws / "sso" / "cache" / (hashlib.sha1(b"s").hexdigest() + ".json")
        file.write_text(json.dumps(token))
        file.chmod(0o600)

    def variables(self):
        scene, who = self.scene, self.who.url
        told = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        told |= {name: routes.NOWHERE for name in routes.METADATA}
        told |= {f"AWS_ENDPOINT_URL_{name}": who for name in ("S3", "STS", "SSO", "SSO_OIDC")}
        told |= {"CPL_AWS_STS_ROOT_URL": who, "AWS_EC2_METADATA_SERVICE_NUM_ATTEMPTS": "1"}
        told |= {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"}
        told |= {"AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": "", "AWS_CLI_SESSION_ID_DISABLED": "true"}
        told |= {"AWS_EC2_METADATA_DISABLED": "true"}
        told |= {"PEERS_BUCKET": "b", "PEERS_TABLE": "s3://b/t.csv", "PEERS_RASTER": "s3://b/t.asc"}
        told |= {"PEERS_DELTA": "s3://b/d", "PEERS_ROUTE": "doctor"}
        if "profile" in scene:
            told["AWS_PROFILE"] = scene["profile"]
        if "default_profile" in scene:
            told["AWS_DEFAULT_PROFILE"] = scene["default_profile"]
        if scene.get("hub"):
            told["AWS_ROLE_ARN"] = "arn:aws:iam::111111111111:role/hub"
            told["AWS_WEB_IDENTITY_TOKEN_FILE"] = str(self.home / "token")
        if scene.get("keys"):
            told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"] = KEYS["Variables"], SECRET
        if scene.get("container"):
            told["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{who}/container"
            told["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = str(self.home / "token")
        return told

    def run(self, words, more=None):
        variables = self.variables() | (more or {})
        options = {"cwd": self.home, "env": variables, "input": b"\n", "capture_output": True}
        return subprocess.run(words, timeout=40, check=False, **options)

    def said_by_doctor(self, tool, *options):
        """The source that doctor names, or how else it ends."""
        words = [DAYPASS, "doctor", "--offline", "--for", tool, "--output", "json", *options]
        done = self.run(words)
        (row,) = json.loads(done.stdout)["Tools"]
        later = {step["Source"] for step in row["Steps"] if step["State"] == "never-reached"}
        return row["Source"] or row["End"], later

    def picked_by(self, client, *options):
        """Whose key the real client has signed with, and what it said."""
        host = self.who.url.removeprefix("http://")
        places = {"s3": self.who.url, "s3_host": host, "portal_host": host}
        try:
            done = self.run([*runnable(client.words(places)), *options], client.variables(places))
        except subprocess.TimeoutExpired:
            # It tries AWS's own hosts again and again: whoever was to sign has by now.
            return self.who.signer(), "no end"
        return self.who.signer(), (done.stdout + done.stderr).decode(errors="replace")


def not_there(client):
    """Why its program cannot be run; None if it can."""
    program = client.words({"s3": "", "s3_host": "", "portal_host": ""})[0]
    return None if shutil.which(program) else f"{program} is not there"


def runnable(words):
    """A script of the kit by the kit's own Python: its first line names the place where
    it was installed, which may have moved."""
    file = Path(words[0])
    is_script = file.parent == Path(rows.PLACES["bin"]) and file.read_bytes()[:2] == b"#!"
    return [rows.PLACES["python"], *words] if is_script else words


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("tool", TOOLS)
def test_doctor_knows(tool, name, tmp_path):
    client = CLIENTS[TOOLS[tool]]
    if missing := client.missing() or not_there(client):
        if os.environ.get("CI") == "true":
            pytest.fail(f"{client.name} is not run, which CI does not allow: {missing}")
        pytest.skip(missing)
    who = Who()
    try:
        room = Room(tmp_path, SCENES[name], who)
        said, later = room.said_by_doctor(tool)
        picked, words = room.picked_by(client)
    finally:
        who.stop()
    unseen = said in UNSEEN.get(tool, ()) and (picked is None or picked in later)
    expected = said if said in KEYS else None
    assert unseen or picked == expected, f"doctor says {said}, it picks {picked}\n{words[-3000:]}"


@pytest.mark.parametrize("name", ["login_on_a_hub", "login_and_keys_in_variables"])
def test_an_option_beats_variables(name, tmp_path):
    who = Who()
    try:
        room = Room(tmp_path, SCENES[name], who)
        said, _ = room.said_by_doctor("aws-cli", "--profile", "p")
        picked, words = room.picked_by(CLIENTS["AWS CLI"], "--profile", "p")
    finally:
        who.stop()
    assert said == picked == "IdentityCenter", words


def test_a_hub_whose_role_is_enough(tmp_path):
    who = Who()
    try:
        scene = {"config": ["login", "default_s3_uri = s3://b/p", "session"], "profile": "p"}
        room = Room(tmp_path, {**scene, "hub": True}, who)
        done = room.run([DAYPASS, "doctor", "--output", "json"])
        found = {row["Id"]: row for row in json.loads(done.stdout)["Findings"]}
        assert who.signer() == "HubRole"
    finally:
        who.stop()
    assert "s3://b" in found["hub-is-enough"]["What"]
    assert found["hub-is-enough"]["Severity"] == "note"
