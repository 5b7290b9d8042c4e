"""The routes: what a client finds in its home and its environment."""

import os
import re
import select
import shutil
import subprocess
from pathlib import Path

from lib import DAYPASS, GUIDE_CONFIG, HERE, LEGACY_CONFIG, PROFILE, SESSION, Home
from matrix import rows
from matrix.rows import BUCKET, FOLDER

WORLD = HERE / "matrix" / "world.toml"

# A profile of credential_process has no key beginning with `sso_`: SDKs differ on what
# to do with both.
CONFIG = f"""\
{GUIDE_CONFIG}
[profile by-process]
credential_process = {DAYPASS} credential-process --profile {PROFILE}
region = us-west-2
"""

# Nobody listens there: what a client would ask of the machine it runs on is not ours
# to answer, and nobody else's either.
NOWHERE = "http://127.0.0.1:9"


METADATA = [
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_METADATA_ENDPOINT",
    "CPL_AWS_EC2_API_ROOT_URL",
]
FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"


class Served:
    """A running `daypass serve`, and what it printed."""

    def __init__(self, home, *options, last="export AWS_REGION=", env=()):
        self.process = subprocess.Popen(
            [DAYPASS, "serve", "--profile", PROFILE, *options],
            env=home.environment | dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.printed = self._read(last)
        found = re.findall(r"^export (\w+)=(.*)$", self.printed, re.MULTILINE)
        self.variables = dict(found)

    def _read(self, last):
        stream, text = self.process.stdout, ""
        while last not in text or not text.endswith("\n"):
            ready, _, _ = select.select([stream], [], [], 30)
            assert ready, "daypass serve does not start"
            chunk = os.read(stream.fileno(), 65536).decode()
            assert chunk, f"daypass serve ended with {self.process.wait()}"
            text += chunk
        return text

    def told(self, *names):
        """These variables alone, and no profile that would come before them."""
        return {name: self.variables[name] for name in names} | {"AWS_CONFIG_FILE": os.devnull}

    def imds(self):
        """As on an instance; each family has its own word for the address."""
        address = self.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
        told = {name: address for name in METADATA} | {"AWS_CONFIG_FILE": os.devnull}
        return told | {"AWS_EC2_METADATA_DISABLED": None}

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Stage:
    """A sandbox with a login, which many clients use."""

    def __init__(self, folder, sandbox):
        self.folder, self.sandbox = Path(folder), sandbox
        self.home = Home(self.folder / "home", sandbox).write_config(CONFIG)
        self.home.daypass("sso", "login", "--profile", PROFILE).ok()
        # Apart from the other: GDAL 3.10 takes this one's token for both.
        self.legacy = Home(self.folder / "legacy", sandbox).write_config(LEGACY_CONFIG)
        self.legacy.daypass("sso", "login", "--profile", "legacy").ok()
        self.served = None

    def serve(self):
        """The endpoint, the same one for all."""
        self.served = self.served or Served(self.home, "--imds")
        return self.served

    def stop(self):
        if self.served:
            self.served.stop()
        self.sandbox.stop()

    def copy(self, name, of=None):
        """A home of one client's own, with the same login."""
        home, of = Home(self.folder / name, self.sandbox), of or self.home
        shutil.copytree(of.path / ".aws", home.path / ".aws", dirs_exist_ok=True)
        return home

    def home_for(self, client, route):
        of = self.legacy if route == "legacy" else self.home
        home = self.copy(f"{client.slug}.{route}", of)
        if route in VAULT:
            home.daypass("vault", "on", "--sso-session", SESSION, "--policy", VAULT[route]).ok()
        return home

    def places(self):
        endpoints = self.sandbox.environment
        s3, portal = endpoints["AWS_ENDPOINT_URL_S3"], endpoints["AWS_ENDPOINT_URL_SSO"]
        return {
            "s3": s3,
            "s3_host": s3.removeprefix("http://"),
            "portal_host": portal.removeprefix("http://"),
        }


def in_isolation(client, route, stage):
    """The command that has a client use AWS's own host names, in a network that is
    nothing but a sandbox, with a login of its own."""
    places = {"s3": "https://s3.us-west-2.amazonaws.com"}
    variables = {"AWS_ENDPOINT_URL_S3": places["s3"], **told(route), **ROUTES[route](stage)}
    profile = variables["AWS_PROFILE"]
    config = (stage.legacy if route == "legacy" else stage.home).config
    return [
        *[DAYPASS, "sandbox", "exec", "--isolated", "--world", str(WORLD), "--"],
        *["sh", str(HERE / "matrix" / "inside.sh"), str(config), DAYPASS],
        *[profile, VAULT.get(route, "off"), "env"],
        *(f"{name}={value}" for name, value in variables.items()),
        *client.words(places),
    ]


def common(route):
    return {
        "PEERS_ROUTE": rows.LIKE.get(route, route),
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        **{name: NOWHERE for name in METADATA},
    }


# What `vault on` is told for a route; without it, nothing of the login is sealed.
VAULT = {"mirror": "mirror", "vault": "process"}


def by_profile(name):
    return lambda _stage: {"AWS_PROFILE": name}


ROUTES = {
    "native": by_profile(PROFILE),
    "legacy": by_profile("legacy"),
    "mirror": by_profile(PROFILE),
    "process": by_profile("by-process"),
    "vault": by_profile(PROFILE),
    "token": lambda stage: stage.serve().told(FULL_URI, TOKEN),
    "token_file": lambda stage: stage.serve().told(FULL_URI, TOKEN_FILE),
    "imds": lambda stage: stage.serve().imds(),
    "exec": lambda _stage: {},
    "keys": lambda _stage: {},
}


def told(route):
    """What a client needs to know on every route."""
    return {
        **common(route),
        "PEERS_BUCKET": BUCKET,
        "PEERS_TABLE": f"{FOLDER}/fires.csv",
        "PEERS_RASTER": f"{FOLDER}/slope.asc",
        "PEERS_DELTA": f"{FOLDER}/delta",
    }


# What `daypass exec` is told, where it is what runs the client.
EXEC = {"exec": ["--server"], "keys": ["--env"]}


def wrapped(route, words):
    if route not in EXEC:
        return words
    return [DAYPASS, "exec", "--profile", PROFILE, *EXEC[route], "--", *words]


def environment(client, route, stage):
    """What a client is told, beyond its home's own."""
    return told(route) | client.variables(stage.places()) | ROUTES[route](stage)
