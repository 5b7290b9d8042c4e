"""The routes: what a client finds in its home and its environment."""

import shutil
from pathlib import Path

from lib import DAYPASS, GUIDE_CONFIG, HERE, PROFILE, Home
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


class Stage:
    """A sandbox with a login, which many clients use."""

    def __init__(self, folder, sandbox):
        self.folder, self.sandbox = Path(folder), sandbox
        self.home = Home(self.folder / "home", sandbox).write_config(CONFIG)
        self.home.daypass("sso", "login", "--profile", PROFILE).ok()

    def copy(self, name):
        """A home of one client's own, with the same login."""
        home = Home(self.folder / name, self.sandbox)
        shutil.copytree(self.home.path / ".aws", home.path / ".aws", dirs_exist_ok=True)
        return home

    def places(self):
        endpoints = self.sandbox.environment
        s3, portal = endpoints["AWS_ENDPOINT_URL_S3"], endpoints["AWS_ENDPOINT_URL_SSO"]
        return {
            "s3": s3,
            "s3_host": s3.removeprefix("http://"),
            "portal_host": portal.removeprefix("http://"),
        }


def common(route):
    return {
        "PEERS_ROUTE": route,
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": NOWHERE,
        "AWS_METADATA_ENDPOINT": NOWHERE,
        "CPL_AWS_EC2_API_ROOT_URL": NOWHERE,
    }


def by_profile(name):
    return lambda _stage, _home: {"AWS_PROFILE": name}


ROUTES = {
    "native": by_profile(PROFILE),
    "process": by_profile("by-process"),
}


def environment(client, route, stage, home):
    """What a client is told, beyond its home's own."""
    return {
        **common(route),
        **client.variables(stage.places()),
        "PEERS_BUCKET": BUCKET,
        "PEERS_TABLE": f"{FOLDER}/fires.csv",
        "PEERS_RASTER": f"{FOLDER}/slope.asc",
        "PEERS_DELTA": f"{FOLDER}/delta",
        **ROUTES[route](stage, home),
    }
