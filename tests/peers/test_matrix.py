"""Real clients, each by every route: the profile that `daypass sso login` serves, the
same by `credential_process`, the container endpoint, and keys in variables. What comes out is the table
in docs/compatibility.md."""

import functools
import os
import subprocess

import pytest
from lib import DAYPASS, Sandbox
from matrix import record, routes, rows

CELLS = [(client, route) for client in rows.clients() for route in routes.ROUTES]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    sandbox = Sandbox("--world", routes.WORLD)
    stage = routes.Stage(tmp_path_factory.mktemp("stage"), sandbox)
    yield stage
    stage.stop()


def not_run(client, route, why):
    record.write(client, route, record.NOT_RUN, why)
    if os.environ.get("CI") == "true":
        pytest.fail(f"{client.name} is not run, which CI does not allow: {why}")
    pytest.skip(f"{client.name}: {why}")


@functools.cache
def isolation():
    """Why there is none on this machine; None if there is."""
    words = [DAYPASS, "sandbox", "exec", "--isolated", "--", "true"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip().replace("\n", ", ")


def use(client, route, stage):
    if client.is_isolated(route):
        return stage.home.run(*routes.in_isolation(client, route, stage), timeout=180, stdin="\n")
    home = stage.home_for(client, route)
    environment = routes.environment(client, route, stage)
    words = routes.wrapped(route, client.words(stage.places()))
    return home.run(*words, env=environment, timeout=180, stdin="\n")


@pytest.mark.parametrize(
    ("client", "route"), CELLS, ids=[f"{client.slug}.{route}" for client, route in CELLS]
)
def test_client(client, route, stage):
    if missing := client.missing():
        not_run(client, route, missing)
    if client.is_isolated(route) and (reason := isolation()):
        # What no kernel gives to a container on CI is no fault of the project.
        record.write(client, route, record.NOT_RUN, "knows AWS's own hosts only")
        pytest.skip(f"{client.name}: {reason}")
    record.write(client, route, record.BROKEN)
    result = use(client, route, stage)
    worked = result.code == 0 and client.expected in result.out
    if why := client.refusal(route):
        assert not worked, f"{client.name} has learnt it: take it out of `cannot`\n{result}"
        record.write(client, route, record.REFUSED, why)
    else:
        assert worked, result
        record.write(client, route, record.WORKED)
