"""`daypass console` opens a real browser that ends up in the console as the role."""

import subprocess

from chromium import CHROMIUM, needs_browser
from lib import ACCOUNT, DAYPASS, PROFILE, ROLE, until

pytestmark = needs_browser()

DESTINATION = "https://console.aws.amazon.com/s3/buckets/nasa-disasters?region=us-east-1"


def recorder(home, name):
    """A browser that writes down how it was started; the test drives the real one."""
    program = home.path / name
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{program}.new"\nmv "{program}.new" "{program}.log"\n')
    program.chmod(0o755)
    return program


def test_the_page_is_the_role_s(home, browser):
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    program = recorder(home, "chromium")
    words = [DAYPASS, "console", "--profile", PROFILE, "--service", "s3", "--path", "nasa-disasters"]
    words += ["--browser", str(program), "--browser-profile", "Disasters"]
    running = subprocess.Popen(words, env=home.environment, stderr=subprocess.PIPE, text=True)
    log = home.path / "chromium.log"
    until(log.exists, what="the browser's start")
    profile, address = log.read_text().splitlines()
    assert profile == "--profile-directory=Disasters"
    assert "SigninToken" not in address

    browser.open(address)
    assert browser.heading == "Management console"
    assert f"assumed-role/AWSReservedSSO_{ROLE}_" in browser.one("#arn").text
    assert browser.one("#account").text == ACCOUNT
    assert browser.one("#destination").text == DESTINATION
    _, err = running.communicate(timeout=30)
    assert running.returncode == 0, err
    assert err == f"Opening the console as {ROLE} in account {ACCOUNT}.\n"


def test_a_browser_of_its_own_is_started(home, tmp_path):
    """The whole way in one go: daypass starts Chromium, and Chromium shows the page."""
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    program = tmp_path / "chromium-dumping"
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --dump-dom"
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    page = tmp_path / "page.html"
    program.write_text(f'#!/bin/sh\nexec "{CHROMIUM}" {flags} "{profile}" "$@" > "{page}"\n')
    program.chmod(0o755)
    home.daypass("console", "--profile", PROFILE, "--browser", str(program)).ok()
    until(lambda: page.exists() and "</html>" in page.read_text(), what="the page")
    assert f"assumed-role/AWSReservedSSO_{ROLE}_" in page.read_text()
