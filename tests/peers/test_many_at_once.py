"""Refresh tokens are single use, and the sandbox ends the whole session when one
is seen twice. So of many daypass processes exactly one may spend it."""

import fcntl
import os
import signal
import subprocess

import pytest
from lib import DAYPASS, PROFILE, until

MANY = 20
IDENTITY = [DAYPASS, "sts", "get-caller-identity", "--profile", PROFILE]


@pytest.fixture
def home(home):
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    return home


def start(home, words=IDENTITY):
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(words, env=home.environment, stdin=subprocess.DEVNULL, **streams)


def all_well(processes):
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err.decode()
        assert b"assumed-role" in out


def test_twenty_processes_refresh_once(home):
    for _ in range(3):
        old = home.age_token()
        all_well([start(home) for _ in range(MANY)])
        new = home.token()
        # Had two of them spent the token, the session would be dead by now.
        assert new["refreshToken"] != old["refreshToken"]
        assert home.daypass("sso", "list-accounts", "--profile", PROFILE).json()


def test_tokens_that_die_early_are_refreshed_in_turn(start_sandbox, new_home):
    home = new_home(start_sandbox("--access-token-life", 2)).write_config()
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    for _ in range(3):
        all_well([start(home) for _ in range(MANY)])


def locks(home):
    return list((home.path / ".aws" / "daypass" / "locks").glob("*"))


def is_held(lock):
    with lock.open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_a_process_killed_with_the_lock_leaves_it_free(home):
    """It waits for a portal that never answers, which listens but does not read."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        home.age_token()
        port = silent.getsockname()[1]
        home.extra["AWS_ENDPOINT_URL_SSO_OIDC"] = f"http://127.0.0.1:{port}"
        stuck = start(home)
        until(lambda: any(map(is_held, locks(home))), what="a held lock")
        os.kill(stuck.pid, signal.SIGKILL)
        stuck.communicate()
    home.extra.clear()
    all_well([start(home)])


def test_logins_and_uses_at_once_do_not_tear_the_file(home):
    login = [DAYPASS, "sso", "login", "--profile", PROFILE]
    processes = [start(home, login)] + [start(home) for _ in range(8)]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err.decode()
    assert home.daypass("sso", "list-accounts", "--profile", PROFILE).json()


def test_edits_at_once_all_arrive(new_home):
    home = new_home().write_config("# mine\n")
    keys = [f"key_{number}" for number in range(MANY)]
    for process in [start(home, [DAYPASS, "configure", "set", key, "1"]) for key in keys]:
        assert process.wait(60) == 0
        process.communicate()
    text = home.config.read_text()
    assert text.startswith("# mine\n[default]\n")
    assert sorted(text.split("\n")[2:-1]) == sorted(f"{key} = 1" for key in keys)


def test_aws_and_daypass_at_once_on_a_fresh_enough_token(home):
    """daypass refreshes earlier (20 minutes) than the AWS CLI would (15): once
    daypass has been used, the AWS CLI has no reason to spend the token."""
    home.age_token(seconds_left=17 * 60)
    home.daypass("sts", "get-caller-identity", "--profile", PROFILE).ok()
    before = home.token()
    home.aws("sts", "get-caller-identity", "--profile", PROFILE).ok()
    assert home.token() == before
