import itertools

import pytest
from lib import Home, Sandbox


@pytest.fixture
def start_sandbox():
    """Starts sandboxes that end with the test."""
    running = []

    def start(*options):
        running.append(Sandbox(*options))
        return running[-1]

    yield start
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def sandbox(start_sandbox):
    return start_sandbox()


@pytest.fixture
def new_home(tmp_path, sandbox):
    """Makes empty homes."""
    numbers = itertools.count()

    def new(sandbox=sandbox):
        return Home(tmp_path / f"home{next(numbers)}", sandbox)

    return new


@pytest.fixture
def home(new_home):
    """A home with the guide's config file, nobody logged in."""
    return new_home().write_config()
