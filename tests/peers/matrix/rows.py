"""The rows of clients.toml, and where their programs lie."""

import os
import re
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from lib import AWS, HERE, TARGET

# target/peers, where xtask installs; a kit it could not install left a reason there.
KITS = Path(os.environ.get("PEERS_PLACE", str(TARGET / "peers")))
BUCKET = "nasa-disasters"
FOLDER = f"s3://{BUCKET}/california_wildfires_202501"

# Routes that are others to a client: what it can do on these, it can on those.
LIKE = {"mirror": "native", "vault": "process"}

# What the output of a client has to contain.
SHOWS = {
    "bucket": "california_wildfires_202501",
    "table": "fire_name",
    "raster": "3 columns of AAIGrid",
    "caller": "assumed-role/AWSReservedSSO_Project-Power-User_",
}

PLACES = {
    "aws": AWS,
    "own_python": sys.executable,
    "python": str(KITS / "clients" / "bin" / "python"),
    "bin": str(KITS / "clients" / "bin"),
    "drivers": str(HERE / "matrix" / "python"),
    "js": str(KITS / "js"),
    "go": str(KITS / "go"),
    "java": str(KITS / "java"),
    "bucket": BUCKET,
}


@dataclass
class Client:
    """A row."""

    name: str
    kit: str
    version: list
    run: list
    shows: str
    env: dict = field(default_factory=dict)
    isolated: list = field(default_factory=list)
    lives: list = field(default_factory=list)
    cannot: dict = field(default_factory=dict)

    @property
    def slug(self):
        return re.sub(r"\W+", "-", self.name.lower()).strip("-")

    @property
    def expected(self):
        return SHOWS[self.shows]

    def missing(self):
        """Why it is not installed; None if it is."""
        reason = KITS / f"{self.kit}.missing"
        return reason.read_text().strip() if reason.exists() else None

    def refusal(self, route):
        """Why it must not work; None if it must."""
        return self.cannot.get(LIKE.get(route, route))

    def is_isolated(self, route):
        return LIKE.get(route, route) in self.isolated

    def pinned(self):
        """The version that is installed, from the file that pins it."""
        file, name = self.version
        pin = re.escape(name) + r"(?:==|\": \"|</artifactId>\s*<version>| v| )(\d[\w.]*)"
        return re.search(pin, (HERE / file).read_text())[1]

    def words(self, places):
        return [word.format(**PLACES, **places) for word in self.run]

    def variables(self, places):
        return {name: value.format(**places) for name, value in self.env.items()}


def clients():
    with (HERE / "matrix" / "clients.toml").open("rb") as file:
        return [Client(**row) for row in tomllib.load(file)["client"]]
