"""What goes wrong: the same exit code, and the AWS CLI's sentence within what
daypass says. Sections are those of the AWS CLI's behaviour: arguments,
configuration, login, credentials, services."""

import json
import shutil
import subprocess

import pytest
from lib import (
    ACCOUNT,
    DAYPASS,
    GUIDE_CONFIG,
    HERE,
    LEGACY_CONFIG,
    PROFILE,
    START_URL,
    Home,
    Sandbox,
    key_sentence,
)

CONFIG = f"""\
{GUIDE_CONFIG}
{LEGACY_CONFIG}
[profile not-mine]
sso_session = disasters
sso_account_id = 333333333333
sso_role_name = Administrator
region = us-east-1
[profile no-buckets]
sso_session = disasters
sso_account_id = {ACCOUNT}
sso_role_name = NoBuckets
region = us-east-1
[profile regionless]
sso_session = disasters
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
[profile lost-session]
sso_session = missing
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
region = us-east-1
[profile roleless]
sso_session = disasters
sso_account_id = {ACCOUNT}
region = us-east-1
[profile accountless]
sso_session = disasters
sso_role_name = Project-Power-User
region = us-east-1
[profile half-legacy]
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
region = us-east-1
[profile two-minds]
sso_session = disasters
sso_region = us-west-2
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
region = us-east-1
[profile empty-session]
sso_session = hollow
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
region = us-east-1
[profile over-http]
sso_session = http
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
region = us-east-1
[profile keyless]
region = us-east-1
[profile bad-region]
sso_session = disasters
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
region = us-east-1 ; c
[profile bad-sso-region]
sso_session = odd
region = us-east-1
[profile services-lost]
sso_session = disasters
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
region = us-east-1
services = nowhere
[profile no-such-role]
role_arn = arn:aws:iam::111111111111:role/nope
source_profile = {PROFILE}
region = us-east-1
[profile sourceless]
role_arn = arn:aws:iam::111111111111:role/nope
source_profile = nobody
region = us-east-1
[sso-session hollow]
sso_region = us-east-1
[sso-session http]
sso_start_url = http://d-9067c5bbc5.awsapps.com/start
sso_region = us-east-1
[sso-session odd]
sso_start_url = {START_URL}
sso_region = us-east-1 ; c
"""

IDENTITY = ["sts", "get-caller-identity"]
EXPORT = ["configure", "export-credentials"]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    sandbox = Sandbox("--world", HERE / "world.toml")
    home = Home(tmp_path_factory.mktemp("template"), sandbox).write_config(CONFIG)
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    yield home
    sandbox.stop()


@pytest.fixture
def home(template, tmp_path):
    """Logged in."""
    shutil.copytree(template.path / ".aws", tmp_path / ".aws")
    return Home(tmp_path, template.sandbox)


def both(home, *words, env=None):
    return home.aws(*words, env=env), home.daypass(*words, env=env)


def fails_alike(home, *words, code, env=None, says=None, instead=None):
    """Both fail with the code; daypass's words hold the AWS CLI's sentence, or the
    better one that stands for it."""
    theirs, ours = both(home, *words, env=env)
    assert (theirs.code, ours.code) == (code, code), f"{ours}\n{theirs}"
    assert ours.out == theirs.out, f"{ours}\n{theirs}"
    sentence = says or key_sentence(theirs.err)
    assert sentence in theirs.err.replace(" (reached max retries: 0)", ""), theirs
    assert (instead or sentence) in ours.err, f"{ours}\n{theirs}"


# Arguments: 252


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["sso"],
        ["sso", "nonsense"],
        [*IDENTITY, "--nonsense"],
        [*IDENTITY, "--output", "xml"],
        [*IDENTITY, "extra"],
        [*EXPORT, "--format", "bad"],
        ["sso", "list-account-roles", "--access-token", "x"],
        ["sso", "get-role-credentials", "--role-name", "x", "--access-token", "x"],
        ["sso", "login", "--redirect-port", "0"],
        ["s3", "ls", "a", "b"],
        ["s3", "ls", "--page-size"],
        ["s3", "ls", "--request-payer", "nobody"],
        ["configure", "get"],
        ["configure", "set", "region"],
        ["configure", "set", "a.b.c", "x", "--sso-session", "s"],
    ],
    ids=" ".join,
)
def test_bad_arguments(home, words):
    theirs, ours = both(home, *words)
    assert theirs.code == 252, theirs
    assert ours.code == (252 if words[:1] != ["nonsense"] and words else 2), ours
    assert ours.out == theirs.out == ""


# Profiles and files


UNKNOWN = "The config profile (nope) could not be found"


@pytest.mark.parametrize(
    "words,code",
    [
        (IDENTITY, 255),
        (["s3", "ls"], 255),
        (["sso", "login"], 255),
        (["sso", "login", "--sso-session", "disasters"], 255),
        (["configure", "get", "region"], 255),
        (["sso", "list-accounts", "--access-token", "x"], 255),
        (EXPORT, 253),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_unknown_profile(home, words, code):
    fails_alike(home, *words, "--profile", "nope", code=code, says=UNKNOWN)
    fails_alike(home, *words, env={"AWS_PROFILE": "nope"}, code=code, says=UNKNOWN)


def test_logging_out_with_an_unknown_profile(home):
    """Nothing of a profile is needed; only one on the command line is looked at."""
    fails_alike(home, "sso", "logout", "--profile", "nope", code=255, says=UNKNOWN)
    theirs, ours = both(home, "sso", "logout", env={"AWS_PROFILE": "nope"})
    assert (theirs.code, ours.code) == (0, 0)


def test_listing_an_unknown_profile(home):
    """The AWS CLI prints two lines of the table before it gives up."""
    theirs, ours = both(home, "configure", "list", "--profile", "nope")
    assert (theirs.code, ours.code) == (255, 255)
    assert UNKNOWN in theirs.err and UNKNOWN in ours.err
    assert ours.out == ""


@pytest.mark.parametrize(
    "words",
    [IDENTITY, ["s3", "ls"], ["sso", "login"], ["configure", "list-profiles"], ["configure", "get", "x"]],
    ids=" ".join,
)
@pytest.mark.parametrize(
    "text",
    ["[default]\nregion\n", "[a]\nx = 1\n[a]\ny = 1\n", "region = 1\n", "[default]\na = 1\na = 2\n"],
    ids=["no value", "section twice", "no section", "key twice"],
)
def test_a_file_that_cannot_be_parsed(home, words, text):
    """The AWS CLI names the file, daypass the line too."""
    home.write_config(text)
    says = f"Unable to parse config file: {home.config}"
    fails_alike(home, *words, code=255, says=says, instead=f"cannot parse `{home.config}`, line ")


# Login


@pytest.mark.parametrize(
    "profile,code",
    [
        ("lost-session", 253),
        ("empty-session", 253),
        ("keyless", 253),
        ("half-legacy", 253),
        ("bad-sso-region", 255),
    ],
)
def test_login_with_a_bad_configuration(home, profile, code):
    says = None
    if profile in ("keyless", "half-legacy"):
        says = "Missing the following required SSO configuration values: sso_start_url, sso_region"
    instead = "is not a region" if profile == "bad-sso-region" else None
    fails_alike(home, "sso", "login", "--profile", profile, code=code, says=says, instead=instead)


def test_login_to_an_unknown_session(home):
    fails_alike(home, "sso", "login", "--sso-session", "nope", code=253)


def test_login_without_any_configuration(home):
    home.config.unlink()
    says = "Missing the following required SSO configuration values: sso_start_url, sso_region"
    fails_alike(home, "sso", "login", code=253, says=says)


def test_a_start_url_over_http_is_tried_over_https(home):
    """The AWS CLI refuses it. Nothing goes over http either way."""
    theirs, ours = both(home, "sso", "login", "--profile", "over-http")
    assert theirs.code == 253 and "must use the https scheme" in theirs.err
    assert ours.code == 0 and "was tried over https" in ours.err


def test_a_login_that_no_command_could_use_is_refused(home):
    """Profile and session name different SSO regions: the AWS CLI logs in, and
    every command after that fails with the sentence daypass says at once."""
    theirs, ours = both(home, "sso", "login", "--profile", "two-minds")
    assert theirs.code == 0 and ours.code == 255
    after = home.aws(*IDENTITY, "--profile", "two-minds")
    assert after.code == 255 and key_sentence(after.err) in ours.err


def test_login_when_nobody_answers(home):
    shutil.rmtree(home.path / ".aws" / "sso")
    dead = {"AWS_ENDPOINT_URL_SSO_OIDC": "http://127.0.0.1:1"}
    says = "Could not connect to the endpoint URL"
    fails_alike(home, "sso", "login", "--profile", PROFILE, code=255, env=dead, says=says)


def test_a_callback_port_in_use(home):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        words = ["sso", "login", "--profile", PROFILE, "--redirect-port", port]
        says = "Unable to initialize the OAuth 2.0 authorization callback handler"
        fails_alike(home, *words, code=255, says=says)


def test_a_cache_that_is_not_a_directory(home):
    shutil.rmtree(home.path / ".aws" / "sso")
    (home.path / ".aws" / "sso").write_text("in the way")
    words = ["sso", "login", "--profile", PROFILE]
    theirs, ours = both(home, *words)
    assert (theirs.code, ours.code) == (255, 255), f"{ours}\n{theirs}"
    assert str(home.path / ".aws" / "sso") in ours.err


# Credentials

USES = [IDENTITY, ["s3", "ls"], EXPORT]
SESSION_HINT = "hint: run `daypass sso login --sso-session disasters`"

# The AWS CLI's sentences name neither the profile nor what to do. daypass has its
# own, and the command that helps.
ABSENT = "Error loading SSO Token: Token for"
EXPIRED = "Error when retrieving token from sso: Token has expired and refresh failed"
INVALID = "The SSO session associated with this profile has expired or is otherwise invalid."


@pytest.mark.parametrize("words", USES, ids=" ".join)
def test_nobody_is_logged_in(home, words):
    home.token_file().unlink()
    instead = f"caused by: nobody is logged in to sso-session `disasters`\n{SESSION_HINT}"
    fails_alike(home, *words, "--profile", PROFILE, code=255, says=ABSENT, instead=instead)


@pytest.mark.parametrize("words", USES, ids=" ".join)
def test_nobody_is_logged_in_without_session(home, words):
    instead = "hint: run `daypass sso login --profile legacy`"
    fails_alike(home, *words, "--profile", "legacy", code=255, says=ABSENT, instead=instead)


@pytest.mark.parametrize("words", USES, ids=" ".join)
def test_an_expired_token_that_cannot_be_refreshed(home, words):
    token = home.age_token()
    del token["refreshToken"]
    home.token_file().write_text(json.dumps(token))
    instead = f"and has no refresh token\n{SESSION_HINT}"
    fails_alike(home, *words, "--profile", PROFILE, code=255, says=EXPIRED, instead=instead)


def test_an_expired_token_whose_refresh_is_refused(home):
    token = home.age_token()
    token["refreshToken"] = "spent"
    home.token_file().write_text(json.dumps(token))
    instead = "session of sso-session `disasters` has ended\n  AWS said: "
    fails_alike(home, *IDENTITY, "--profile", PROFILE, code=255, says=EXPIRED, instead=instead)


def test_a_token_that_the_portal_does_not_take(home):
    token = home.token()
    token["accessToken"] = "revoked"
    del token["refreshToken"]
    home.token_file().write_text(json.dumps(token))
    fails_alike(home, *IDENTITY, "--profile", PROFILE, code=255, says=INVALID, instead=SESSION_HINT)


def test_a_token_file_without_a_token(home):
    home.token_file().write_text("{}")
    fails_alike(home, *IDENTITY, "--profile", PROFILE, code=255, says=ABSENT, instead=SESSION_HINT)


@pytest.mark.parametrize("profile", ["lost-session", "roleless", "accountless", "half-legacy", "two-minds"])
@pytest.mark.parametrize("words", [IDENTITY, ["s3", "ls"]], ids=" ".join)
def test_a_profile_that_is_not_whole(home, profile, words):
    fails_alike(home, *words, "--profile", profile, code=255)


def test_a_session_that_is_not_whole(home):
    """The AWS CLI blames the profile, daypass the session's section."""
    instead = "Missing the following required SSO configuration values: sso_start_url"
    fails_alike(home, *IDENTITY, "--profile", "empty-session", code=255, instead=instead)


@pytest.mark.parametrize("profile", ["lost-session", "roleless", "half-legacy", "two-minds"])
def test_exporting_a_profile_that_is_not_whole(home, profile):
    fails_alike(home, *EXPORT, "--profile", profile, code=253)


def test_a_role_that_is_not_assigned(home):
    for words in USES:
        theirs, ours = both(home, *words, "--profile", "not-mine")
        assert (theirs.code, ours.code) == (254, 254), f"{ours}\n{theirs}"
        assert "ForbiddenException" in ours.err, ours


def test_no_region(home):
    fails_alike(home, *IDENTITY, "--profile", "regionless", code=253, says="You must specify a region.")
    home.token_file().unlink()
    fails_alike(home, *IDENTITY, "--profile", "regionless", code=253, says="You must specify a region.")


@pytest.mark.parametrize("words", [IDENTITY, ["s3", "ls"]], ids=" ".join)
def test_no_credentials(home, words):
    says = "Unable to locate credentials"
    fails_alike(home, *words, "--profile", "keyless", code=253, says=says)
    fails_alike(home, *words, "--region", "us-east-1", code=253, says=says)


def test_exporting_no_credentials(home):
    says = "Unable to retrieve credentials: no credentials found"
    fails_alike(home, *EXPORT, "--profile", "keyless", code=253, says=says)


@pytest.mark.parametrize("words", [["--profile", "bad-region"], ["--profile", PROFILE, "--region", "no/where"]], ids=" ".join)
def test_odd_regions(home, words):
    fails_alike(home, *IDENTITY, *words, code=255, instead="is not a region")


def test_a_services_section_that_is_not_there(home):
    says = 'the services section but the "nowhere" services configuration does not exist'
    unset = {"AWS_ENDPOINT_URL_S3": None}
    fails_alike(home, "s3", "ls", "--profile", "services-lost", code=255, env=unset, says=says)


def test_role_chains(home):
    fails_alike(home, *IDENTITY, "--profile", "sourceless", code=255, says="nobody")
    theirs, ours = both(home, *IDENTITY, "--profile", "no-such-role")
    assert (theirs.code, ours.code) == (254, 254), f"{ours}\n{theirs}"
    assert "AccessDenied" in ours.err


# Services: 254

STATIC = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}


def test_keys_that_aws_does_not_know(home):
    says = "The security token included in the request is invalid"
    fails_alike(home, *IDENTITY, code=254, env=STATIC, says=says)
    theirs, ours = both(home, "s3", "ls", env=STATIC)
    assert (theirs.code, ours.code) == (254, 254)
    assert "InvalidAccessKeyId" in theirs.err and "InvalidAccessKeyId" in ours.err


@pytest.mark.parametrize(
    "place,says",
    [
        ("s3://no-such-bucket", "NoSuchBucket"),
        ("s3://somebody-elses", "AccessDenied"),
    ],
)
def test_buckets_that_cannot_be_listed(home, place, says):
    for flags in ([], ["--recursive"]):
        fails_alike(home, "s3", "ls", place, *flags, "--profile", PROFILE, code=254, says=says)


def test_buckets_that_may_not_be_listed(home):
    fails_alike(home, "s3", "ls", "--profile", "no-buckets", code=254, says="ListBuckets")


def test_nothing_found_is_1_and_silent(home):
    words = ["s3", "ls", "s3://nasa-disasters/none", "--profile", PROFILE]
    theirs, ours = both(home, *words)
    assert (theirs.code, ours.code) == (1, 1)
    assert (ours.out, ours.err) == (theirs.out, theirs.err) == ("", "")


def test_a_bad_access_token(home):
    words = ["sso", "list-accounts", "--access-token", "nonsense", "--region", "us-east-1"]
    fails_alike(home, *words, code=254)


@pytest.mark.parametrize("words", [IDENTITY, ["s3", "ls"]], ids=" ".join)
def test_a_service_that_cannot_be_reached(home, words):
    dead = {name: "http://127.0.0.1:1" for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_S3"]}
    fails_alike(home, *words, "--profile", PROFILE, code=255, env=dead, says="Could not connect to the endpoint URL")


def test_a_ca_bundle_that_is_not_there(home):
    """The AWS CLI looks at the bundle only once it is connected."""
    env = {"AWS_CA_BUNDLE": "/nowhere.pem", "AWS_ENDPOINT_URL_STS": "https://localhost:1"}
    theirs, ours = both(home, *IDENTITY, "--profile", PROFILE, env=env)
    assert (theirs.code, ours.code) == (255, 255), f"{ours}\n{theirs}"
    assert "/nowhere.pem" in ours.err


def test_a_closed_pipe_is_no_error(home):
    """`| head` takes what it wants."""
    words = f"'{DAYPASS}' s3 ls s3://odd.names --recursive --profile {PROFILE}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{words} | head -1"],
        env=home.environment,
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")

