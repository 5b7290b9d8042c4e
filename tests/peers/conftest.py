import itertools

import pytest
from chromium import Chromium
from lib import Home, Sandbox


@pytest.fixture
def start_sandbox():
    """Starts sandboxes that end with the test."""
    running = []

    def start(*options, **how):
        running.append(Sandbox(*options, **how))
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


@pytest.fixture(scope="session")
def browsers():
    """With JavaScript or without, each opened once."""
    opened = {}

    def get(script):
        if script not in opened:
            opened[script] = Chromium(script)
        return opened[script]

    yield get
    for browser in opened.values():
        browser.close()


def fresh(browser):
    browser.forget()
    browser.look()
    browser.complaints()
    return browser


@pytest.fixture
def browser(browsers):
    browser = fresh(browsers(True))
    yield browser
    assert browser.complaints() == []


@pytest.fixture
def plain(browsers):
    """A browser without JavaScript."""
    return fresh(browsers(False))


@pytest.fixture
def company(start_sandbox):
    # Not strict: the tests of the pages poll for device codes by hand, and soon.
    return start_sandbox("--world", "company", strict=False)


def pytest_addoption(parser):
    text = "write docs/pictures instead of comparing with it"
    parser.addoption("--write-pictures", action="store_true", help=text)


@pytest.fixture
def write_pictures(request):
    return request.config.getoption("--write-pictures")
