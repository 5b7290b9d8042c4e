"""What the sandbox is for, from end to end, with a browser: the story of somebody who
sees Identity Center for the first time; and the pages under TLS and behind a prefix."""

import re
import subprocess

import pytest
from chromium import Chromium, needs_browser
from lib import AWS, until
from phone import code
from visits import GRACES_SECRET, base, sign_in

pytestmark = needs_browser()

COMPANY_CONFIG = """\
[profile shop]
sso_session = company
sso_account_id = 100000000006
sso_role_name = DeveloperAccess
region = eu-central-1
output = json
[sso-session company]
sso_start_url = https://d-2222222222.awsapps.com/start
sso_region = eu-central-1
sso_registration_scopes = sso:account:access
"""


def test_the_first_day(browser, company, new_home):
    home = new_home(company).write_config(COMPANY_CONFIG)
    log = home.path / "log"
    words = [AWS, "sso", "login", "--profile", "shop", "--use-device-code", "--no-browser"]
    with log.open("wb") as out:
        login = subprocess.Popen(words, stdout=out, stderr=out, env=home.environment)
    link = until(lambda: re.search(r"^http\S+/device\n", log.read_text(), re.MULTILINE))[0].strip()
    user_code = until(lambda: re.search(r"^[A-Z]{4}-[A-Z]{4}$", log.read_text(), re.MULTILINE))[0]

    browser.open(link).type("Code that your device shows", user_code).press("Continue")
    sign_in(browser, "grace", "nanoseconds")
    browser.type("Six-digit code", code(GRACES_SECRET)).press("Sign in")
    assert user_code in browser.text
    browser.press("Allow")
    assert browser.heading == "Request approved"
    assert login.wait(60) == 0, log.read_text()
    identity = ["sts", "get-caller-identity", "--profile", "shop"]
    assert "AWSReservedSSO_DeveloperAccess_" in home.aws(*identity).json()["Arn"]

    browser.open(base(company) + "/start")
    assert browser.heading == "Your AWS accounts", "nobody is asked again"
    assert "Shop Staging" in browser.text and "DeveloperAccess" in browser.text

    home.daypass("sandbox", "ctl", "clock", "advance", "13h").ok()
    expired = home.aws(*identity)
    assert expired.code != 0 and "expired" in expired.err, expired
    browser.open(base(company) + "/start")
    assert browser.heading == "Sign in", "the browser's session is over too"

    journal = home.daypass("sandbox", "ctl", "journal").ok().out
    for operation in ["StartDeviceAuthorization", "SignIn", "Mfa", "Consent", "CreateToken"]:
        assert operation in journal
    for secret in ["nanoseconds", GRACES_SECRET, home.token("company")["accessToken"]]:
        assert secret not in journal


def test_a_world_behind_a_prefix(browser, new_home, sandbox):
    home = new_home()
    create = ["sandbox", "ctl", "worlds", "create", "course", "--world", "company"]
    lines = home.daypass(*create).ok().out
    course = re.search(r"^export AWS_ENDPOINT_URL_SSO_OIDC='?([^'\n]+)", lines, re.MULTILINE)[1]
    assert course.startswith(base(sandbox)) and course.endswith("/w/course")

    styled = browser.open(base(sandbox) + "/start").one("main").value_of_css_property("max-width")
    sign_in(browser, "ada")
    browser.open(course + "/start")
    assert browser.heading == "Sign in", "another world, other people"
    assert browser.one("main").value_of_css_property("max-width") == styled
    sign_in(browser, "katherine", "trajectories").follow("Access keys")
    assert browser.one(".copy button").text == "Copy", "its script is found"
    browser.open(course + "/start").follow("Management console")
    assert "katherine@example.com" in browser.text
    assert browser.driver.current_url.startswith(course)
    browser.open(course + "/start").press("Sign out")
    assert browser.heading == "You are signed out"
    assert browser.open(base(sandbox) + "/start").heading == "Your AWS accounts"


@pytest.fixture
def trusting():
    """A browser that takes any certificate."""
    browser = Chromium(insecure=True)
    yield browser
    browser.close()


def test_under_tls_the_cookie_is_secure(trusting, start_sandbox):
    secure = start_sandbox("--tls")
    trusting.open(base(secure) + "/start")
    assert base(secure).startswith("https://")
    sign_in(trusting, "ada")
    assert trusting.heading == "Your AWS accounts"
    (cookie,) = trusting.driver.get_cookies()
    assert cookie["name"].startswith("__Secure-daypass-sandbox-")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    assert trusting.complaints() == []
