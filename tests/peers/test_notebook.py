"""The eight-hour notebook, in seconds: one process that goes on asking while its role
credentials end, again and again, and the access token behind them too."""

import subprocess
from contextlib import contextmanager

import pytest
from lib import PROFILE, Sandbox, until
from matrix import routes, rows

LIVES = [(client, route) for client in rows.clients() for route in client.lives]
# Longer than the seconds that polars (7) and the SDK for Rust (10) would rather wait
# for new ones.
SHORT = ["--role-credentials-life", "12", "--access-token-life", "15"]


@pytest.fixture
def stage(tmp_path):
    sandbox = Sandbox("--world", routes.WORLD, *SHORT)
    yield routes.Stage(tmp_path, sandbox)
    sandbox.stop()


@contextmanager
def conversation(words, environment):
    """Asks the driver once more and returns its answer."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, env=environment, text=True, **streams)

    def ask():
        process.stdin.write("\n")
        process.stdin.flush()
        if answer := process.stdout.readline():
            return answer
        raise AssertionError(f"{words}: exit {process.wait()}\n{process.stderr.read()}")

    try:
        yield ask
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("client", "route"), LIVES, ids=[f"{client.slug}.{route}" for client, route in LIVES]
)
def test_lives_through_expiry(client, route, stage):
    if missing := client.missing():
        pytest.skip(f"{client.name}: {missing}")
    places, refreshes = stage.places(), set()
    environment = stage.home.environment | routes.environment(client, route, stage, stage.home)

    with conversation(client.words(places), environment) as ask:

        def refreshed_twice():
            assert client.expected in ask()
            refreshes.add(stage.home.token()["refreshToken"])
            return len(refreshes) > 2

        until(refreshed_twice, seconds=90, what="the second refresh")
    assert stage.home.daypass("sso", "list-accounts", "--profile", PROFILE).json()
