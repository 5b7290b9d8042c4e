"""`configure sso` and `configure sso-session` by both tools on a terminal, with
the same answers: the config files must be equal to the byte."""

import re

import pytest
from lib import ACCOUNT as ACCOUNT_ID
from lib import GUIDE_CONFIG, START_URL
from lib import PROFILE as PROFILE_NAME
from lib import ROLE as ROLE_NAME
from talk import (
    ACCOUNT,
    NAME,
    OUTPUT,
    PROFILE,
    REGION,
    ROLE,
    SCOPES,
    SSO_REGION,
    UP,
    URL,
    converse,
    pick,
    words_of,
)

TOOLS = ["aws", "daypass"]

NEW_SESSION = [(NAME, "disasters"), (URL, START_URL), (SSO_REGION, "us-east-1"), (SCOPES, "")]
# The guide's account is the first of three; Project-Admin comes before
# Project-Power-User.
CHOICES = [(ACCOUNT, pick(0)), (ROLE, pick(1))]
ENDING = [(REGION, "us-east-1"), (OUTPUT, "json")]
GUIDE = [*NEW_SESSION, *CHOICES, *ENDING, (PROFILE, PROFILE_NAME)]
KNOWN_SESSION = [(NAME, "disasters"), *CHOICES, *ENDING]
KEEP = [(REGION, ""), (OUTPUT, "")]

SESSION = """\
[sso-session disasters]
sso_start_url = https://d-9067c5bbc5.awsapps.com/start/#
sso_region = us-east-1
sso_registration_scopes = sso:account:access
"""

HAND_MADE = """\
# my file
[default]
region = eu-west-1

[profile disasters-sso]
# keep me
region=eu-west-1
s3 =
    addressing_style = path
    # nested comment
    max_concurrent_requests = 5
output: text
custom_key = 1

# comment before next section
[profile other]
region = ap-south-1
"""

OLD_LOGIN = """\
[profile old]
sso_start_url = https://d-9067c5bbc5.awsapps.com/start/#
sso_region = us-east-1
sso_account_id = 111111111111
sso_role_name = Gone
region = us-west-2
output = yaml
"""

SPACED_SESSION = """\
[profile a]
region=us-east-1
[sso-session   other]
sso_region = eu-west-1
[sso-session disasters]
; mine
sso_region=us-east-1
sso_start_url:https://d-9067c5bbc5.awsapps.com/start/#
sso_registration_scopes = sso:account:access
# the end
"""

WITH_PROFILE = ["--profile", PROFILE_NAME]

# The AWS CLI's menus start at the first row, daypass's at what the profile has.
PICK_SAME = {"aws": pick(1), "daypass": pick(0)}
PICK_FIRST = {"aws": pick(0), "daypass": UP * 2}

# What daypass says besides, on standard error.
REMARKS = ("Allow only a request that shows this code", "warning: ")

# name: (config before, extra words, answers)
CASES = {
    "new file": (None, [], GUIDE),
    "new file, named profile": (None, WITH_PROFILE, GUIDE[:-1]),
    "nothing but enter at the end": (
        None,
        [],
        [*NEW_SESSION, *CHOICES, *KEEP, (PROFILE, "")],
    ),
    "default profile": (None, ["--profile", "default"], GUIDE[:-1]),
    "default profile by name": (None, [], [*GUIDE[:-1], (PROFILE, "default")]),
    "profile named with a blank": (None, [], [*GUIDE[:-1], (PROFILE, "my profile")]),
    "session named with a blank": (None, [], [(NAME, "my session"), *GUIDE[1:]]),
    "two scopes": (
        None,
        [],
        [*NEW_SESSION[:3], (SCOPES, "sso:account:access, codewhisperer:completions"), *GUIDE[4:]],
    ),
    "hand-made file": (HAND_MADE, WITH_PROFILE, GUIDE[:-1]),
    "hand-made file, values kept": (
        HAND_MADE,
        WITH_PROFILE,
        [*NEW_SESSION, *CHOICES, *KEEP],
    ),
    "hand-made file, another profile": (HAND_MADE, [], GUIDE),
    "no newline at the end": (HAND_MADE.rstrip("\n"), [], GUIDE),
    "blank lines at the end": (HAND_MADE + "\n\n", [], GUIDE),
    "existing session": (SESSION, WITH_PROFILE, KNOWN_SESSION),
    "existing session, spaced by hand": (SPACED_SESSION, WITH_PROFILE, KNOWN_SESSION),
    "existing session and profile": (
        GUIDE_CONFIG,
        WITH_PROFILE,
        [(NAME, ""), (ACCOUNT, pick(0)), (ROLE, PICK_SAME), *KEEP],
    ),
    "default section there": (
        "[default]\nregion = eu-west-1\n" + SESSION,
        ["--profile", "default"],
        KNOWN_SESSION,
    ),
    "without session": (
        None,
        ["--profile", "legacy"],
        [(NAME, ""), (URL, START_URL), (SSO_REGION, "us-east-1"), *CHOICES, *ENDING],
    ),
    "without session, again": (
        OLD_LOGIN,
        ["--profile", "old"],
        [(NAME, ""), (URL, ""), (SSO_REGION, ""), (ACCOUNT, PICK_FIRST), (ROLE, pick(1)), *KEEP],
    ),
    "one account's only role": (
        None,
        [],
        [*NEW_SESSION, (ACCOUNT, pick(1)), *ENDING, (PROFILE, "")],
    ),
}


def configure(home, tool, before, command, answers):
    if before is not None:
        home.write_config(before)
    code, screen = converse(home, tool, ["configure", *command], answers)
    assert code == 0, screen
    return screen


def same_words(screens):
    """Nothing differs but remarks and the quotes around what is to be pasted."""
    lines = words_of(screens["daypass"]).splitlines()
    ours = "\n".join(line for line in lines if not line.startswith(REMARKS))
    return re.sub(r"^(TOOL .*) '(.*)'$", r"\1 \2", ours, flags=re.MULTILINE) == words_of(screens["aws"])


@pytest.mark.parametrize("case", CASES)
def test_configure_sso_writes_the_same_file(new_home, case):
    before, words, answers = CASES[case]
    homes = {tool: new_home() for tool in TOOLS}
    screens = {
        tool: configure(home, tool, before, ["sso", *words], answers)
        for tool, home in homes.items()
    }
    assert homes["daypass"].config.read_bytes() == homes["aws"].config.read_bytes()
    assert same_words(screens), "\n=====\n".join(screens.values())


def test_the_guide_s_answers_give_the_guide_s_file(new_home):
    home = new_home()
    configure(home, "daypass", None, ["sso"], GUIDE)
    assert home.config.read_text() == GUIDE_CONFIG
    assert home.config.stat().st_mode & 0o777 == 0o600


def test_a_section_called_profile_default_is_used(new_home):
    """The AWS CLI adds a `[default]` below it, which shadows all of its keys."""
    homes = {tool: new_home() for tool in TOOLS}
    before = "[profile default]\ncustom = 1\n"
    for tool, home in homes.items():
        configure(home, tool, before, ["sso", "--profile", "default"], GUIDE[:-1])
    assert "\n[default]\n" in homes["aws"].config.read_text()
    assert homes["aws"].aws("configure", "get", "custom").code == 1
    assert "\n[default]\n" not in homes["daypass"].config.read_text()
    assert homes["daypass"].aws("configure", "get", "custom").ok().out == "1\n"
    uses = homes["daypass"].aws("sts", "get-caller-identity")
    assert uses.json()["Account"] == ACCOUNT_ID


def test_crlf_is_kept(new_home):
    """The AWS CLI turns the whole file to LF; daypass leaves the user's lines
    alone and writes its own like them. But for that the files are equal."""
    crlf = HAND_MADE.replace("\n", "\r\n")
    homes = {tool: new_home() for tool in TOOLS}
    for tool, home in homes.items():
        configure(home, tool, crlf, ["sso", *WITH_PROFILE], GUIDE[:-1])
    ours, theirs = (homes[tool].config.read_bytes() for tool in ["daypass", "aws"])
    assert b"\r" not in theirs
    assert ours.count(b"\r\n") == ours.count(b"\n")
    assert ours.replace(b"\r\n", b"\n") == theirs


SESSION_CASES = {
    "new file": (None, NEW_SESSION),
    "another session": (GUIDE_CONFIG, [(NAME, "corp"), *NEW_SESSION[1:]]),
    "named with a blank": (GUIDE_CONFIG, [(NAME, "my corp"), *NEW_SESSION[1:]]),
    "existing, kept": (GUIDE_CONFIG, [(NAME, "disasters"), (URL, ""), (SSO_REGION, ""), (SCOPES, "")]),
    "existing, spaced by hand": (
        SPACED_SESSION,
        [(NAME, "disasters"), (URL, ""), (SSO_REGION, ""), (SCOPES, "")],
    ),
    "existing, changed": (
        SPACED_SESSION,
        [
            (NAME, "disasters"),
            (URL, "https://d-1111111111.awsapps.com/start"),
            (SSO_REGION, "eu-west-1"),
            (SCOPES, "a:b,c:d"),
        ],
    ),
}


@pytest.mark.parametrize("case", SESSION_CASES)
def test_configure_sso_session_writes_the_same_file(new_home, case):
    before, answers = SESSION_CASES[case]
    homes = {tool: new_home() for tool in TOOLS}
    screens = {
        tool: configure(home, tool, before, ["sso-session"], answers)
        for tool, home in homes.items()
    }
    assert homes["daypass"].config.read_bytes() == homes["aws"].config.read_bytes()
    assert same_words(screens), "\n=====\n".join(screens.values())


ANSWERS_AS_OPTIONS = [
    *["--sso-session", "disasters", "--sso-start-url", START_URL, "--sso-region", "us-east-1"],
    *["--sso-registration-scopes", "sso:account:access"],
]
CHOICES_AS_OPTIONS = ["--sso-account-id", ACCOUNT_ID, "--sso-role-name", ROLE_NAME]
ENDING_AS_OPTIONS = ["--region", "us-east-1", "--output", "json"]


@pytest.mark.parametrize("before", [None, HAND_MADE, SESSION], ids=["new", "hand-made", "session"])
def test_options_instead_of_answers_write_the_same_file(new_home, before):
    """The AWS CLI has no such options: without a terminal it gives up."""
    homes = {tool: new_home() for tool in TOOLS}
    answers = KNOWN_SESSION if before == SESSION else GUIDE[:-1]
    configure(homes["aws"], "aws", before, ["sso", *WITH_PROFILE], answers)
    home = homes["daypass"]
    if before is not None:
        home.write_config(before)
    options = [*ANSWERS_AS_OPTIONS, *CHOICES_AS_OPTIONS, *ENDING_AS_OPTIONS]
    home.daypass("configure", "sso", *WITH_PROFILE, *options).ok()
    assert home.config.read_bytes() == homes["aws"].config.read_bytes()


def test_options_for_a_session_write_the_same_file(new_home):
    homes = {tool: new_home() for tool in TOOLS}
    configure(homes["aws"], "aws", HAND_MADE, ["sso-session"], NEW_SESSION)
    homes["daypass"].write_config(HAND_MADE)
    homes["daypass"].daypass("configure", "sso-session", *ANSWERS_AS_OPTIONS).ok()
    assert homes["daypass"].config.read_bytes() == homes["aws"].config.read_bytes()


@pytest.mark.parametrize("tool", TOOLS)
def test_without_terminal_and_answers_nothing_is_written(new_home, tool):
    home = new_home().write_config(HAND_MADE)
    done = home.tool(tool)("configure", "sso")
    # The AWS CLI says nothing at all (255); daypass names the missing options.
    assert done.code == {"aws": 255, "daypass": 252}[tool], done
    assert home.config.read_text() == HAND_MADE


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("at", [0, 2, 4, 5, 6], ids=["name", "region", "account", "role", "client region"])
def test_ctrl_c_ends_the_conversation_and_writes_nothing(new_home, tool, at):
    home = new_home().write_config(HAND_MADE)
    answers = [*GUIDE[:at], (GUIDE[at][0], "\x03")]
    code, screen = converse(home, tool, ["configure", "sso"], answers)
    assert code == 130, screen
    assert home.config.read_text() == HAND_MADE


def test_a_refused_answer_keeps_the_prompt_open(new_home):
    """Both tools say the same sentence and wait for a better answer."""
    again = "Not a valid Start URL"
    for tool in TOOLS:
        home = new_home()
        answers = [*GUIDE[:1], (URL, "nonsense"), (again, "\x15" + START_URL), *GUIDE[2:]]
        configure(home, tool, None, ["sso"], answers)
        assert home.config.read_text() == GUIDE_CONFIG, tool


@pytest.mark.parametrize("first,second", [TOOLS, TOOLS[::-1]])
def test_what_one_configured_the_other_uses_at_once(new_home, first, second):
    home = new_home()
    configure(home, first, None, ["sso"], GUIDE)
    said = home.tool(second)("sts", "get-caller-identity", "--profile", PROFILE_NAME)
    assert said.json()["Account"] == ACCOUNT_ID
    # The second profile shares the session: no new login.
    logins = (home.path / "browser.log").read_text()
    configure(home, second, None, ["sso"], [*KNOWN_SESSION, (PROFILE, "again")])
    assert (home.path / "browser.log").read_text() == logins
    assert home.tool(first)("sts", "get-caller-identity", "--profile", "again").ok()


def test_static_keys_in_the_way_are_mentioned(new_home):
    home = new_home().write_credentials(
        f"[{PROFILE_NAME}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
    )
    before = home.credentials.read_bytes()
    screen = configure(home, "daypass", None, ["sso"], GUIDE)
    assert "credentials" in screen
    assert home.credentials.read_bytes() == before
