"""As Terraform, make and job arrays do it: many processes of the Go SDK at once, each
of which runs the credential process for itself. The sandbox ends the session when a
refresh token is used twice."""

import subprocess
from collections import Counter

import pytest
from lib import PROFILE, Sandbox
from matrix import counted, routes, rows

MANY = 200


@pytest.fixture
def stage(tmp_path):
    stage = routes.Stage(tmp_path, Sandbox("--world", routes.WORLD))
    yield stage
    stage.stop()


@pytest.fixture
def eyes(stage):
    """Count what reaches the portal and sso-oidc."""
    names = ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"]
    eyes = {name: counted.Counted(stage.sandbox.environment[name]) for name in names}
    yield eyes
    for eye in eyes.values():
        eye.stop()


def start(words, environment):
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, env=environment, text=True, **streams)
    process.stdin.write("\n")
    process.stdin.close()
    process.stdin = None
    return process


def go():
    (client,) = [client for client in rows.clients() if client.kit == "go"]
    if missing := client.missing():
        pytest.skip(f"{client.name}: {missing}")
    return client


@pytest.mark.parametrize("route", ["process", "vault"])
def test_two_hundred_go_programs_on_an_expired_token(route, stage, eyes):
    client = go()
    stage.home.age_token()
    home = stage.home_for(client, route)
    home.extra |= {name: eye.url for name, eye in eyes.items()}
    environment = home.environment | routes.environment(client, route, stage)
    processes = [start(client.words(stage.places()), environment) for _ in range(MANY)]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert client.expected in out
    requests = sum((eye.seen for eye in eyes.values()), start=Counter())
    assert requests[counted.CREATE_TOKEN] == 1, requests
    assert requests[counted.GET_ROLE_CREDENTIALS] == 1, requests
    # Nobody has used the refresh token twice: the session still lives.
    home.daypass("sso", "list-accounts", "--profile", PROFILE).ok()
