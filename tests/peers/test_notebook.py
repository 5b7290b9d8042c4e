"""The eight-hour notebook, in seconds: processes that go on asking while their role
credentials end, again and again, and the access token behind them too."""

import subprocess
from contextlib import ExitStack, contextmanager

import pytest
from lib import PROFILE, Sandbox, until
from matrix import routes, rows

# Longer than the seconds that polars (7) and the SDK for Rust (10) would rather wait
# for new ones.
SHORT = ["--role-credentials-life", "12", "--access-token-life", "15"]


@pytest.fixture
def stage(tmp_path):
    sandbox = Sandbox("--world", routes.WORLD, *SHORT)
    stage = routes.Stage(tmp_path, sandbox)
    yield stage
    stage.stop()


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


def installed(route):
    """The clients that live on by this route; test_matrix.py says what is missing."""
    clients = [client for client in rows.clients() if route in client.lives]
    return [client for client in clients if not client.missing()]


@pytest.mark.parametrize("route", ["process", "token", "exec"])
def test_everybody_lives_through_expiry(route, stage):
    refreshes = set()
    with ExitStack() as stack:
        asks = {}
        for client in installed(route):
            told = routes.environment(client, route, stage)
            words = routes.wrapped(route, client.words(stage.places()))
            talk = conversation(words, stage.home.environment | told)
            asks[client.expected, client.name] = stack.enter_context(talk)

        def refreshed_twice():
            for (expected, name), ask in asks.items():
                assert expected in ask(), name
            refreshes.add(stage.home.token()["refreshToken"])
            return len(refreshes) > 2

        until(refreshed_twice, seconds=120, what="the second refresh")
    assert stage.home.daypass("sso", "list-accounts", "--profile", PROFILE).json()
