"""The real clients use our sandbox as if it were IAM Identity Center, and each
other's files: what one tool configured and logged in to, the other uses."""

import itertools
import json
import re
import subprocess

import pytest
from lib import ACCOUNT, AWS, DAYPASS, GUIDE_CONFIG, LEGACY_CONFIG, PROFILE, ROLE, START_URL, until

LOGGED_IN = f"Successfully logged into Start URL: {START_URL}\n"
TOKEN_KEYS = ["startUrl", "region", "accessToken", "expiresAt"]
TOKEN_KEYS += ["clientId", "clientSecret", "registrationExpiresAt", "refreshToken"]

IDENTITY = """
session = boto3.Session(profile_name=sys.argv[1])
print(session.client("sts").get_caller_identity()["Arn"])
objects = session.client("s3", region_name="us-west-2").list_objects_v2(Bucket="nasa-disasters", Delimiter="/")
print(*[prefix["Prefix"] for prefix in objects["CommonPrefixes"]])
"""


def uses(home, tool, profile=PROFILE):
    """The tool signs STS and S3 requests as the profile's role."""
    if tool == "boto3":
        lines = home.boto(IDENTITY, profile).ok().out.splitlines()
        arn, listing = lines
    else:
        run = home.tool(tool)
        arn = run("sts", "get-caller-identity", "--profile", profile).json()["Arn"]
        listing = run("s3", "ls", "nasa-disasters", "--profile", profile).ok().out
    assert f"assumed-role/AWSReservedSSO_{ROLE}_" in arn
    assert "california_wildfires_202501/" in listing
    return arn


@pytest.mark.parametrize("tool", ["aws", "daypass"])
@pytest.mark.parametrize("flow", [[], ["--use-device-code"]], ids=["pkce", "device"])
def test_a_login_serves_all_three(home, tool, flow):
    login = home.tool(tool)("sso", "login", "--profile", PROFILE, *flow).ok()
    assert login.out.endswith(LOGGED_IN)
    token = home.token()
    assert list(token) == TOKEN_KEYS
    assert token["startUrl"] == START_URL and token["expiresAt"].endswith("Z")
    arns = {uses(home, client) for client in ["aws", "boto3", "daypass"]}
    assert len(arns) == 1


@pytest.mark.parametrize("tool", ["aws", "daypass"])
def test_a_login_to_a_session_by_name(home, tool):
    home.tool(tool)("sso", "login", "--sso-session", "disasters").ok()
    uses(home, "boto3")


@pytest.mark.parametrize("tool", ["aws", "daypass"])
def test_a_profile_without_session_logs_in_by_device_code(new_home, tool):
    home = new_home().write_config(LEGACY_CONFIG)
    login = home.tool(tool)("sso", "login", "--profile", "legacy").ok()
    assert "Then enter the code:" in login.out
    assert "refreshToken" not in home.token(START_URL)
    for client in ["aws", "boto3", "daypass"]:
        uses(home, client, "legacy")


def test_the_words_of_a_login_are_the_same(home):
    def spoken(tool, *flags):
        out = home.tool(tool)("sso", "login", "--profile", PROFILE, *flags).ok().out
        words = [line for line in out.splitlines() if not line.startswith("http")]
        return ["CODE" if len(line) == 9 and line[4] == "-" else line for line in words]

    assert spoken("aws") == spoken("daypass")
    assert spoken("aws", "--use-device-code") == spoken("daypass", "--use-device-code")


@pytest.mark.parametrize("flow", [[], ["--use-device-code"]], ids=["pkce", "device"])
def test_the_words_of_a_login_without_browser_are_the_same(home, flow):
    """Nobody opens the address, so the test does."""

    def spoken(program):
        log = home.path / "log"
        with log.open("wb") as out:
            words = [program, "sso", "login", "--profile", PROFILE, "--no-browser", *flow]
            process = subprocess.Popen(words, stdout=out, env=home.environment)
        address = r"^(http\S+\?\S+)\n"
        found = until(lambda: re.findall(address, log.read_text(), re.MULTILINE))
        subprocess.run([DAYPASS, "sandbox", "approve", found[-1]], check=True, capture_output=True)
        assert process.wait(60) == 0
        text = re.sub(r"^http\S+\?\S+", "URL", log.read_text(), flags=re.MULTILINE)
        return re.sub(r"\b[A-Z]{4}-[A-Z]{4}\b", "CODE", text)

    assert spoken(AWS) == spoken(DAYPASS)


@pytest.mark.parametrize("tool", ["aws", "boto3"])
def test_the_others_refresh_what_daypass_logged_in_to(home, tool):
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    old = home.age_token()
    uses(home, tool)
    new = home.token()
    assert new["accessToken"] != old["accessToken"]
    assert new["refreshToken"] != old["refreshToken"]
    uses(home, "daypass")


@pytest.mark.parametrize("tool", ["aws", "boto3"])
def test_daypass_refreshes_what_the_others_left(home, tool):
    home.aws("sso", "login", "--profile", PROFILE).ok()
    home.age_token()
    uses(home, tool)
    old = home.age_token()
    uses(home, "daypass")
    new = home.token()
    assert new["accessToken"] != old["accessToken"]
    assert list(new) == TOKEN_KEYS
    uses(home, tool)


def test_a_good_refresh_token_saves_a_revoked_access_token(home):
    """The AWS CLI does not try: it asks for a new login."""
    home.aws("sso", "login", "--profile", PROFILE).ok()
    home.token_file().write_text(json.dumps({**home.token(), "accessToken": "revoked"}))
    theirs = home.aws("sts", "get-caller-identity", "--profile", PROFILE)
    assert theirs.code == 255 and "has expired or is otherwise invalid" in theirs.err
    uses(home, "daypass")
    uses(home, "aws")


@pytest.mark.parametrize("order", list(itertools.permutations(["aws", "daypass"])), ids="-".join)
def test_alternating_logins_refreshes_and_logouts(home, order):
    for tool, other in [order, order[::-1]]:
        run, also = home.tool(tool), home.tool(other)
        run("sso", "login", "--profile", PROFILE).ok()
        uses(home, other)
        home.age_token()
        uses(home, other)
        home.age_token()
        uses(home, tool)
        also("sso", "logout").ok()
        assert not home.token_file().exists()
        assert run("sts", "get-caller-identity", "--profile", PROFILE).code == 255


@pytest.mark.parametrize("tool", ["aws", "daypass"])
def test_logout_ends_the_session_at_the_portal(home, tool):
    home.aws("sso", "login", "--profile", PROFILE).ok()
    token = home.token()
    listed = ["sso", "list-accounts", "--access-token", token["accessToken"], "--region", "us-east-1"]
    home.aws(*listed).ok()
    done = home.tool(tool)("sso", "logout").ok()
    assert done.out == ""
    assert not home.token_file().exists()
    refused = home.aws(*listed)
    assert refused.code == 254 and "UnauthorizedException" in refused.err


@pytest.mark.parametrize("tool", ["aws", "daypass"])
def test_logout_with_nothing_to_do(new_home, tool):
    done = new_home().tool(tool)("sso", "logout").ok()
    assert (done.out, done.err) == ("", "")


def test_logout_takes_the_aws_cli_s_role_credentials_with_it(home):
    home.aws("sso", "login", "--profile", PROFILE).ok()
    uses(home, "aws")
    cached = home.path / ".aws" / "cli" / "cache"
    assert list(cached.glob("*.json"))
    home.daypass("sso", "logout").ok()
    assert not list(cached.glob("*.json"))


def test_daypass_keeps_no_role_credentials_in_plain_text(home):
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    keys = home.daypass("configure", "export-credentials", "--profile", PROFILE).json()
    uses(home, "daypass")
    for file in home.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert keys["SecretAccessKey"].encode() not in content, file
            assert keys["SessionToken"].encode() not in content, file


@pytest.mark.parametrize("writer,reader", [("aws", "daypass"), ("daypass", "aws")])
def test_a_client_registration_is_shared(home, writer, reader):
    """Both tools keep it in the same file; a second login needs no new one."""
    home.tool(writer)("sso", "login", "--profile", PROFILE).ok()
    first = home.token()["clientId"]
    home.tool(reader)("sso", "login", "--profile", PROFILE).ok()
    assert home.token()["clientId"] == first


def test_files_are_private(home):
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    for file in (home.path / ".aws" / "sso" / "cache").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file


@pytest.mark.parametrize("tool", ["aws", "daypass"])
@pytest.mark.parametrize("flow,code", [([], 255), (["--use-device-code"], 254)], ids=["pkce", "device"])
def test_a_denied_login(home, tool, flow, code):
    env = {"BROWSER": f"{home.path}/denier %s"}
    done = home.tool(tool)("sso", "login", "--profile", PROFILE, *flow, env=env)
    assert done.code == code, done
    assert not home.token_file().exists()


def test_boto3_reads_account_and_role_lists_with_our_token(home):
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    code = """
sso = boto3.Session(profile_name=sys.argv[1]).client("sso")
pages = sso.get_paginator("list_accounts").paginate(accessToken=sys.argv[2])
print(json.dumps([account["accountId"] for page in pages for account in page["accountList"]]))
"""
    listed = home.boto(code, PROFILE, home.token()["accessToken"]).json()
    assert ACCOUNT in listed and len(listed) == 3


def test_a_home_configured_by_hand_reads_the_same_everywhere(home):
    assert home.config.read_text() == GUIDE_CONFIG
    names = json.dumps(home.daypass("configure", "list-profiles").ok().out.split())
    code = "print(json.dumps(boto3.Session().available_profiles))"
    assert home.boto(code).ok().out.strip() == names
