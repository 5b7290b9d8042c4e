"""The eight-hour notebook, in seconds: processes that go on asking while their role
credentials end, again and again, and the access token behind them too."""

import subprocess
from contextlib import ExitStack, contextmanager

import pytest
from lib import PROFILE, SESSION, Sandbox, until
from matrix import counted, routes, rows

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


@pytest.fixture
def eye(stage):
    """Counts the refreshes."""
    endpoint = "AWS_ENDPOINT_URL_SSO_OIDC"
    eye = counted.Counted(stage.sandbox.environment[endpoint])
    stage.home.extra[endpoint] = eye.url
    yield eye
    eye.stop()


def installed(route):
    """The clients that live on by this route; test_matrix.py says what is missing."""
    as_told = rows.LIKE.get(route, route)
    clients = [client for client in rows.clients() if as_told in client.lives]
    return [client for client in clients if not client.missing()]


@pytest.mark.parametrize("route", ["process", "vault", "token", "exec"])
def test_everybody_lives_through_expiry(route, stage, eye):
    if route in routes.VAULT:
        sealed = ["--sso-session", SESSION, "--policy", routes.VAULT[route]]
        stage.home.daypass("vault", "on", *sealed).ok()
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
            return eye.seen[counted.CREATE_TOKEN] > 1

        until(refreshed_twice, seconds=120, what="the second refresh")
    assert stage.home.daypass("sso", "list-accounts", "--profile", PROFILE).json()
