"""The sandbox's pages in a real browser: every way through them, by labels and words
as people find them."""

import re
import subprocess
import time

import pytest
from chromium import AXE, DESKTOP, PHONE, needs_browser
from lib import ACCOUNT, DAYPASS, PROFILE, ROLE, START_URL, until
from phone import code, scan
from visits import GRACES_SECRET, Device, authorize_link, base, sign_in, ways

pytestmark = needs_browser()


# Signing in


def test_sign_in_with_a_password(browser, company):
    browser.open(base(company) + "/start")
    assert browser.heading == "Sign in"
    sign_in(browser, "katherine", "wrong")
    assert browser.alert == "The user name or the password is wrong."
    assert browser.field("User name").get_attribute("value") == "katherine"
    assert browser.driver.switch_to.active_element == browser.field("Password")
    browser.type("Password", "trajectories").press("Sign in")
    assert browser.heading == "Your AWS accounts"
    assert "Katherine Johnson" in browser.text


def test_a_user_without_password_signs_in_by_name(browser, sandbox):
    browser.open(base(sandbox) + "/start")
    sign_in(browser, "ada")
    assert browser.heading == "Your AWS accounts"


def test_the_page_tells_who_can_sign_in(browser, company):
    browser.open(base(company) + "/start").one("summary").click()
    assert "katherine name and password" in browser.text
    assert "grace name, password and code" in browser.text


def test_an_authenticator_app_is_registered_by_its_qr_code(browser, company):
    browser.open(base(company) + "/start")
    sign_in(browser, "mary", "supersonic")
    assert browser.heading == "Register an authenticator app"
    secret = scan(browser.picture())
    assert browser.one("#secret").text.replace(" ", "").replace("\n", "") == secret
    browser.type("Six-digit code", "123").press("Register and continue")
    assert browser.alert == "The code is wrong, or it is an old one."
    assert scan(browser.picture()) == secret, "the same one is still on the screen"
    used = code(secret)
    browser.type("Six-digit code", used).press("Register and continue")
    assert browser.heading == "Your AWS accounts"

    browser.press("Sign out").follow("Sign in again")
    sign_in(browser, "mary", "supersonic")
    assert browser.heading == "Enter the code"
    browser.type("Six-digit code", used).press("Sign in")
    assert "used before" in browser.alert or "an old one" in browser.alert
    browser.type("Six-digit code", code(secret, time.time() + 30)).press("Sign in")
    assert browser.heading == "Your AWS accounts"


def test_the_qr_code_can_be_scanned_in_the_dark(browser, company):
    browser.look(dark=True)
    browser.open(base(company) + "/start")
    sign_in(browser, "mary", "supersonic")
    assert len(scan(browser.picture())) == 32


def test_a_registered_app_is_asked_for_and_can_be_removed(browser, company):
    browser.open(base(company) + "/start")
    sign_in(browser, "grace", "nanoseconds")
    browser.type("Six-digit code", code(GRACES_SECRET)).press("Sign in")
    browser.follow("MFA device").press("Remove the app")
    assert "No authenticator app is registered" in browser.text
    browser.press("Sign out").follow("Sign in again")
    sign_in(browser, "grace", "nanoseconds")
    assert browser.heading == "Your AWS accounts"


def test_too_many_wrong_codes(browser, company):
    browser.open(base(company) + "/start")
    sign_in(browser, "grace", "nanoseconds")
    for _ in range(5):
        browser.type("Six-digit code", "12345").press("Sign in")
    assert browser.heading == "This did not work"
    assert "too often" in browser.text


def test_sign_out(browser, company):
    browser.open(base(company) + "/start")
    sign_in(browser, "katherine", "trajectories").press("Sign out")
    assert browser.heading == "You are signed out"
    browser.driver.back()
    assert browser.heading == "Sign in", "pages are not kept"


# Allowing and denying


def logged_in(home, browser, button, *flags):
    """`daypass sso login`, whose $BROWSER hands the address to this browser."""
    handed = home.path / "handed"
    script = home.path / "hand-over"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > "{handed}.new" && mv "{handed}.new" "{handed}"\n')
    script.chmod(0o755)
    words = [DAYPASS, "sso", "login", "--profile", PROFILE, *flags]
    env = {**home.environment, "BROWSER": f"{script} %s"}
    login = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    until(handed.exists, what="a link for the browser")
    browser.open(handed.read_text())
    if flags:
        browser.press("Confirm and continue")
    sign_in(browser, "ada")
    assert re.fullmatch("Allow .+ to access your data\\?", browser.heading)
    browser.press(button)
    said, _ = login.communicate(timeout=60)
    return login.returncode, said


@pytest.mark.parametrize("flags", [[], ["--use-device-code"]], ids=["pkce", "device"])
def test_daypass_logs_in_through_the_browser(browser, home, flags):
    status, said = logged_in(home, browser, "Allow", *flags)
    assert status == 0, said
    assert f"Successfully logged into Start URL: {START_URL}" in said
    identity = home.daypass("sts", "get-caller-identity", "--profile", PROFILE).json()
    assert f"AWSReservedSSO_{ROLE}_" in identity["Arn"]


@pytest.mark.parametrize("flags", [[], ["--use-device-code"]], ids=["pkce", "device"])
def test_daypass_is_denied_in_the_browser(browser, home, flags):
    status, said = logged_in(home, browser, "Deny", *flags)
    assert status != 0
    assert not home.token_file().exists(), said


def test_consent_names_the_program_the_person_and_the_scopes(browser, company):
    browser.open(authorize_link(company))
    assert "to continue to daypass" in browser.text
    sign_in(browser, "katherine", "trajectories")
    assert browser.heading == "Allow daypass to access your data?"
    assert "You are signed in as Katherine Johnson (katherine)." in browser.text
    assert "see your AWS accounts and roles, and act in them as you" in browser.text


def test_who_is_signed_in_is_not_asked_again(browser, company):
    browser.open(base(company) + "/start")
    sign_in(browser, "katherine", "trajectories")
    browser.open(authorize_link(company))
    assert browser.heading == "Allow daypass to access your data?"


def test_somebody_else_signs_in_instead(browser, company):
    browser.open(base(company) + "/start")
    sign_in(browser, "katherine", "trajectories")
    browser.open(authorize_link(company)).press("Sign in as somebody else")
    assert "to continue to daypass" in browser.text
    sign_in(browser, "grace", "nanoseconds")
    browser.type("Six-digit code", code(GRACES_SECRET)).press("Sign in")
    assert "You are signed in as Grace Hopper (grace)." in browser.text


# Devices


def test_a_typed_device_code(browser, company):
    device = Device(company)
    browser.open(device.link)
    assert browser.heading == "Enter the code"
    browser.type("Code that your device shows", "BCDF-BCDF").press("Continue")
    assert browser.alert.startswith("No device waits with this code.")
    browser.type("Code that your device shows", device.user_code.lower()).press("Continue")
    sign_in(browser, "katherine", "trajectories")
    assert device.user_code in browser.text, "the code is there to compare"
    assert device.poll() == "authorization_pending"
    browser.press("Allow")
    assert browser.heading == "Request approved"
    assert device.poll().startswith("aoa")


def test_a_linked_device_code(browser, company):
    device = Device(company)
    browser.open(device.whole_link)
    assert browser.heading == "Confirm the code"
    assert device.user_code in browser.text
    browser.press("Confirm and continue")
    sign_in(browser, "katherine", "trajectories").press("Deny")
    assert browser.heading == "Request denied"
    assert device.poll() == "access_denied"
    browser.open(device.whole_link).press("Confirm and continue")
    assert "answered already" in browser.alert


def test_an_expired_device_code(browser, start_sandbox):
    sandbox = start_sandbox("--world", "company", "--device-code-life", "1", strict=False)
    device = Device(sandbox)
    until(lambda: device.poll() == "expired_token", what="the code's end")
    browser.open(device.whole_link).press("Confirm and continue")
    assert browser.alert == "This code has expired. Begin again on your device."


def test_a_link_of_nobody(browser, company):
    browser.open(base(company) + "/authorize?client_id=nobody")
    assert browser.heading == "This did not work"
    assert "not registered" in browser.text


def test_an_address_that_is_none(browser, company):
    browser.open(base(company) + "/nowhere")
    assert browser.heading == "There is nothing here"
    browser.follow("To the access portal")
    assert browser.heading == "Sign in"
    assert browser.open(base(company)).heading == "Sign in"


# The access portal


def test_the_portal_lists_accounts_and_roles(browser, company):
    browser.open(base(company) + "/start")
    sign_in(browser, "grace", "nanoseconds")
    browser.type("Six-digit code", code(GRACES_SECRET)).press("Sign in")
    assert len(browser.all("section")) == len(browser.all("section h2")) == 10
    links = [link.text for link in browser.all(".ways a")]
    assert len(links) == len(set(links)) > 20, "read out alone, each says where it leads"
    assert "suspended: nobody gets in" in browser.text
    browser.type("Search by name, ID or e-mail address", "STAGING").press("Search")
    assert [found.text for found in browser.all("section h2")] == ["Shop Staging"]


def test_access_keys_in_three_ways_and_they_work(browser, new_home, sandbox):
    browser.open(base(sandbox) + "/start")
    sign_in(browser, "ada").follow(f"Access keys of {ROLE}")
    assert browser.heading == "Access keys"
    shown = lambda label: browser.field(label).get_attribute("value")
    assert shown("Start URL") == START_URL.split("/#")[0] and shown("SSO region") == "us-east-1"
    home = new_home()
    script = f"{shown('macOS and Linux')}\n{DAYPASS} sts get-caller-identity"
    who = home.run("sh", "-c", script, env={"AWS_REGION": "us-east-1"}).json()["Arn"]
    assert f"AWSReservedSSO_{ROLE}_" in who
    home.write_credentials(shown("Section of the file") + "\n")
    profile = f"{ACCOUNT}_{ROLE}"
    code = "print(boto3.Session(profile_name=sys.argv[1]).client('sts', 'us-east-1').get_caller_identity()['Arn'])"
    assert home.boto(code, profile).ok().out.strip() == who
    single = ["access key ID", "secret access key", "session token"]
    for name in single:
        value = shown(f"AWS {name}")
        for way in ["macOS and Linux", "PowerShell", "Windows command prompt", "Section of the file"]:
            assert value in shown(way), (name, way)


def test_a_value_is_copied_by_a_button(browser, sandbox):
    browser.open(base(sandbox) + "/start")
    sign_in(browser, "ada").follow("Access keys")
    grant = {"origin": base(sandbox), "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    button = browser.one("[aria-label='Copy: Start URL']")
    button.click()
    browser.wait(lambda: button.text == "Copied")
    pasted = browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert pasted == START_URL.split("/#")[0]


def test_the_console_says_who_one_is(browser, sandbox):
    browser.open(base(sandbox) + "/start")
    sign_in(browser, "ada").follow("Management console")
    assert "assumed-role/AWSReservedSSO_" in browser.text
    assert "ada@example.com" in browser.text


# For everybody


@pytest.mark.skipif(AXE is None, reason="axe-core is not installed")
def test_no_page_keeps_anybody_out(browser, company):
    """axe-core: labels, landmarks, names, order of headings, contrast."""
    found = {}
    for name, heading in ways(browser, company):
        title = browser.driver.title
        assert title.startswith(heading) and title.endswith(" · daypass sandbox"), name
        assert browser.one("header").text.startswith("This is not AWS."), name
        for dark in [False, True]:
            browser.look(dark=dark)
            found[name, dark] = browser.violations()
        browser.look(PHONE)
        assert not browser.scrolls_sideways(), name
        browser.look()
    assert {place: violations for place, violations in found.items() if violations} == {}
    assert len(found) == 30


@pytest.mark.skipif(AXE is None, reason="axe-core is not installed")
def test_axe_would_say_so(browser, company):
    browser.open(base(company) + "/start")
    browser.run("document.querySelector('label').remove(); document.querySelector('.lead').style.color = '#bbb'")
    assert {violation.split(":")[0] for violation in browser.violations()} >= {"label", "color-contrast"}


def test_by_keyboard_alone(browser, company):
    browser.open(authorize_link(company))
    type_here = lambda text: browser.driver.switch_to.active_element.send_keys(text)
    type_here("katherine\t")
    type_here("trajectories\n")
    browser.wait(lambda: browser.heading.startswith("Allow"))
    browser.run("document.activeElement.blur()")
    assert browser.tab().text == "Skip to the content"
    assert browser.tab().text == "Allow"
    assert browser.tab().text == "Deny"
    assert browser.tab().text == "Sign in as somebody else"


def test_without_javascript(plain, company, sandbox):
    plain.open(base(company) + "/start")
    sign_in(plain, "mary", "supersonic")
    plain.type("Six-digit code", code(scan(plain.picture()))).press("Register and continue")
    plain.follow("Access keys")
    assert plain.all(".copy button") == []
    assert plain.field("AWS access key ID").get_attribute("value").startswith("ASIA")
    plain.open(base(company) + "/start").press("Sign out")
    device = Device(sandbox, START_URL)
    plain.open(device.whole_link).press("Confirm and continue")
    sign_in(plain, "ada").press("Allow")
    until(lambda: device.poll().startswith("aoa"), what="the token, perhaps after a slow_down")


def test_the_style_is_there_and_follows_the_system(browser, company):
    browser.open(base(company) + "/start")
    background = lambda: browser.one("body").value_of_css_property("background-color")
    light = background()
    browser.look(DESKTOP, dark=True)
    assert background() != light and "0, 0, 0, 0" not in light
