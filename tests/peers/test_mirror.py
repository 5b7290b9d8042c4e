"""Mirrored commands side by side in one home: the same bytes on standard output,
the same exit code."""

import re
import shutil

import pytest
from lib import ACCOUNT, GUIDE_CONFIG, HERE, PROFILE, START_URL, Home, Sandbox

CONFIG = f"""\
{GUIDE_CONFIG}
[profile no-buckets]
sso_session = disasters
sso_account_id = {ACCOUNT}
sso_role_name = NoBuckets
region = us-west-2
[profile west]
sso_session = disasters
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
region = us-west-2
output = text
[profile regionless]
sso_session = disasters
sso_account_id = {ACCOUNT}
sso_role_name = Project-Power-User
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A home that is logged in; tests get copies of it."""
    # Not strict: the pages show in what is printed, and both are to get the same.
    sandbox = Sandbox("--world", HERE / "world.toml", strict=False)
    home = Home(tmp_path_factory.mktemp("template"), sandbox).write_config(CONFIG)
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    yield home
    sandbox.stop()


@pytest.fixture
def home(template, tmp_path):
    shutil.copytree(template.path / ".aws", tmp_path / ".aws")
    return Home(tmp_path, template.sandbox)


def side_by_side(home, *words, profile=PROFILE, env=None):
    """Both results, which must be equal in code and standard output."""
    words = [*words, "--profile", profile] if profile else list(words)
    theirs = home.aws(*words, env=env)
    ours = home.daypass(*words, env=env)
    assert (ours.code, ours.out) == (theirs.code, theirs.out), f"{ours}\n{theirs}"
    return ours


FORMATS = ["json", "yaml", "yaml-stream", "text", "table", "off"]
IDENTITY_QUERIES = [
    None,
    "Account",
    "Arn",
    "{who:Arn,where:[Account]}",
    "Nothing",
]


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("query", IDENTITY_QUERIES)
def test_get_caller_identity(home, output, query):
    words = ["sts", "get-caller-identity", "--output", output]
    words += ["--query", query] if query else []
    side_by_side(home, *words)


def test_output_of_profile_and_environment(home):
    side_by_side(home, "sts", "get-caller-identity", profile="west")
    side_by_side(home, "sts", "get-caller-identity", profile="west", env={"AWS_DEFAULT_OUTPUT": "yaml"})
    side_by_side(home, "sts", "get-caller-identity", profile=None, env={"AWS_PROFILE": "west"})
    side_by_side(home, "sts", "get-caller-identity", profile=None, env={"AWS_DEFAULT_PROFILE": "west"})
    side_by_side(home, "sts", "get-caller-identity", "--region", "eu-west-1", profile="regionless")
    side_by_side(home, "sts", "get-caller-identity", profile="regionless", env={"AWS_REGION": "eu-west-1"})


# The portal's calls


@pytest.fixture
def access(home):
    return ["--access-token", home.token()["accessToken"], "--region", "us-east-1"]


PAGINGS = [
    [],
    ["--max-items", "1"],
    ["--max-items", "2"],
    ["--max-items", "3"],
    ["--max-items", "99"],
    ["--page-size", "1"],
    ["--page-size", "3", "--max-items", "4"],
    ["--no-paginate"],
    ["--max-results", "1"],
    ["--max-results", "99"],
]


@pytest.mark.parametrize("output", ["json", "yaml-stream", "text", "table"])
@pytest.mark.parametrize("paging", PAGINGS, ids=" ".join)
def test_list_accounts(home, access, paging, output):
    words = ["sso", "list-accounts", *access, *paging, "--output", output]
    theirs, ours = (tool(*words, "--profile", PROFILE) for tool in [home.aws, home.daypass])
    assert ours.code == theirs.code, f"{ours}\n{theirs}"
    assert tokenless(ours.out) == tokenless(theirs.out), f"{ours}\n{theirs}"


def tokenless(text):
    """The service's tokens differ from call to call; what stands around them
    and how wide they are does not."""
    return re.sub(r"[A-Za-z0-9+/=]{40,}", "TOKEN", re.sub(r"[|+]-*[|+]?", "|", text) if "|" in text else text)


@pytest.mark.parametrize("paging", PAGINGS[:4], ids=" ".join)
def test_list_account_roles(home, access, paging):
    words = ["sso", "list-account-roles", "--account-id", ACCOUNT, *access, *paging]
    theirs, ours = (tool(*words, "--profile", PROFILE) for tool in [home.aws, home.daypass])
    assert ours.code == theirs.code, f"{ours}\n{theirs}"
    assert tokenless(ours.out) == tokenless(theirs.out), f"{ours}\n{theirs}"


@pytest.mark.parametrize("query", ["accountList[].accountId", "accountList[0]", "length(accountList)", "NextToken"])
@pytest.mark.parametrize("output", ["json", "text", "yaml-stream", "table"])
def test_queries_on_lists(home, access, query, output):
    side_by_side(home, "sso", "list-accounts", *access, "--query", query, "--output", output)


@pytest.mark.parametrize("first,second", [("aws", "daypass"), ("daypass", "aws")])
@pytest.mark.parametrize("count", ["1", "2", "3"])
def test_a_list_that_one_cut_the_other_continues(home, access, first, second, count):
    whole = home.aws("sso", "list-accounts", *access).json()["accountList"]
    words, listed = ["sso", "list-accounts", *access, "--max-items", count], []
    tool, other, mark = first, second, []
    while True:
        answer = home.tool(tool)(*words, *mark).json()
        listed += answer["accountList"]
        if "NextToken" not in answer:
            break
        mark = ["--starting-token", answer["NextToken"]]
        tool, other = other, tool
    assert listed == whole


def test_the_service_s_own_token(home, access):
    first = home.daypass("sso", "list-accounts", *access, "--max-results", "2").json()
    words = ["sso", "list-accounts", *access, "--max-results", "9", "--next-token", first["nextToken"]]
    side_by_side(home, *words)


def test_without_access_token_daypass_uses_the_login(home):
    """The AWS CLI insists on --access-token."""
    listed = home.daypass("sso", "list-accounts", "--profile", PROFILE).json()
    access = ["--access-token", home.token()["accessToken"]]
    assert listed == home.aws("sso", "list-accounts", *access, "--profile", PROFILE).json()
    refused = home.aws("sso", "list-accounts", "--profile", PROFILE)
    assert refused.code == 252


def test_get_role_credentials_has_the_same_shape(home, access):
    words = ["sso", "get-role-credentials", "--account-id", ACCOUNT, "--role-name", "ReadOnlyAccess"]
    theirs, ours = (tool(*words, *access, "--profile", PROFILE).json() for tool in [home.aws, home.daypass])
    shape = lambda answer: [(key, type(value)) for key, value in answer["roleCredentials"].items()]
    assert list(ours) == list(theirs) == ["roleCredentials"]
    assert shape(ours) == shape(theirs)


# S3

LISTINGS = [
    [],
    ["--bucket-name-prefix", "nasa"],
    ["--bucket-region", "eu-central-1"],
    ["--page-size", "1"],
    ["s3://"],
    ["s3://nasa-disasters"],
    ["nasa-disasters"],
    ["s3://nasa-disasters/"],
    ["s3://nasa-disasters/cali"],
    ["s3://nasa-disasters/california_wildfires_202501"],
    ["s3://nasa-disasters/california_wildfires_202501/"],
    ["s3://nasa-disasters/california_wildfires_202501/README.txt"],
    ["s3://nasa-disasters/none"],
    ["s3://nasa-disasters", "--recursive"],
    ["s3://nasa-disasters/disasters/", "--recursive", "--summarize"],
    ["s3://nasa-disasters", "--summarize"],
    ["s3://nasa-disasters", "--region", "us-west-2"],
    ["s3://nasa-disasters", "--page-size", "2"],
    ["s3://nasa-disasters", "--recursive", "--page-size", "2"],
    ["s3://odd.names"],
    ["s3://odd.names", "--human-readable"],
    ["s3://odd.names", "--recursive", "--human-readable", "--summarize"],
    ["s3://odd.names/a b/c+d%20e/"],
    ["s3://odd.names/a b/c+d%20e/ümlaut & co.txt"],
    ["s3://odd.names/a/"],
    ["s3://odd.names/a//"],
    ["s3://odd.names//"],
    ["s3://odd.names/dir/"],
    ["s3://odd.names/dir"],
    ["s3://odd.names/10"],
    ["s3://odd.names", "--output", "yaml"],
    ["s3://odd.names", "--request-payer"],
    ["s3://odd.names", "--request-payer", "requester"],
    ["s3://empty-bucket"],
    ["s3://empty-bucket", "--summarize"],
    ["s3://empty-bucket", "--recursive"],
    ["s3://empty-bucket/x"],
    ["s3://somebody-elses"],
    ["s3://no-such-bucket"],
]


@pytest.mark.parametrize("words", LISTINGS, ids=lambda words: " ".join(words) or "buckets")
def test_s3_ls(home, words):
    side_by_side(home, "s3", "ls", *words)


@pytest.mark.parametrize("profile", ["west", "regionless", "no-buckets"])
@pytest.mark.parametrize("words", [[], ["s3://nasa-disasters"], ["s3://empty-bucket"]], ids=" ".join)
def test_s3_ls_of_other_profiles(home, profile, words):
    side_by_side(home, "s3", "ls", *words, profile=profile)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"])
def test_s3_ls_prints_local_time(home, zone):
    side_by_side(home, "s3", "ls", "s3://odd.names", env={"TZ": zone})
    side_by_side(home, "s3", "ls", env={"TZ": zone})


def test_a_default_place_is_daypass_s_own(home):
    """The AWS CLI ignores the key and lists buckets."""
    home.daypass("configure", "set", "default_s3_uri", "s3://nasa-disasters", "--profile", PROFILE).ok()
    named = home.daypass("s3", "ls", "s3://nasa-disasters", "--profile", PROFILE).ok().out
    assert home.daypass("s3", "ls", "--profile", PROFILE).ok().out == named
    assert named.splitlines()[0] == "                           PRE browseui/"
    assert "nasa-disasters" in home.aws("s3", "ls", "--profile", PROFILE).ok().out


# configure


def test_export_credentials_in_all_formats(home):
    """Static keys, so that both have the same to print."""
    home.write_credentials(
        "[keys]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"
        "[temporary]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n"
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"
        "aws_session_token = IQoJb3JpZ2luX2Vj//////==\n"
    )
    export = ["configure", "export-credentials"]
    for profile in ["keys", "temporary"]:
        side_by_side(home, *export, profile=profile)
    for form in ["process", "env", "env-no-export", "powershell", "windows-cmd", "fish"]:
        side_by_side(home, *export, "--format", form, profile="temporary")
    variables = {
        "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z",
    }
    for form in ["process", "env"]:
        side_by_side(home, *export, "--format", form, profile=None, env=variables)


@pytest.mark.parametrize("form", ["process", "env", "env-no-export", "powershell", "windows-cmd", "fish"])
def test_export_of_a_role_has_the_same_shape(home, form):
    words = ["configure", "export-credentials", "--format", form, "--profile", PROFILE]
    theirs, ours = home.aws(*words).ok(), home.daypass(*words).ok()

    def shape(text):
        text = re.sub(r"ASIA\w+", "KEY", text)
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\+00:00)", "TIME", text)
        return re.sub(r"[A-Za-z0-9/+=]{40,}", "SECRET", text)

    assert shape(ours.out) == shape(theirs.out)
    assert "TIME" in shape(ours.out)


def test_odd_values_are_quoted_where_the_aws_cli_does_not(home):
    """What `eval` would run is a word in daypass's output."""
    variables = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s$(touch evil)e c"}
    words = ["configure", "export-credentials", "--format", "env"]
    theirs, ours = home.aws(*words, env=variables).ok().out, home.daypass(*words, env=variables).ok().out
    assert "=s$(touch evil)e c\n" in theirs
    assert "='s$(touch evil)e c'\n" in ours


FILES = """\
# comments stay
[default]
region = eu-west-1
s3 =
    addressing_style = path
    max_concurrent_requests = 5
[profile a]
REGION = us-west-2
cli_pager =
empty =
[profile "b c"]
output: yaml
[profile d.e]
region = dotted
key = a = b # not a comment
[sso-session corp]
sso_region = us-east-1
[services local]
s3 =
  endpoint_url = http://localhost:1
[plugins]
x = y
[profile a b]
region = dropped
[profile]
region = dropped
"""
SECRETS = """\
[default]
region = from-credentials
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
[only-here]
region = ap-south-1
[profile odd]
region = odd
"""


@pytest.fixture
def files(home):
    return home.write_config(FILES).write_credentials(SECRETS)


def test_list_profiles(files, tmp_path):
    side_by_side(files, "configure", "list-profiles", profile=None)
    files.credentials.unlink()
    side_by_side(files, "configure", "list-profiles", profile=None)
    files.config.unlink()
    side_by_side(files, "configure", "list-profiles", profile=None)


GETS = [
    ["region"],
    ["output"],
    ["s3"],
    ["s3.addressing_style"],
    ["s3.nothing"],
    ["nothing"],
    ["aws_access_key_id"],
    ["default.region"],
    ["default.s3.addressing_style"],
    ["profile.a.region"],
    ["profile.default.region"],
    ["profile.nope.region"],
    ["a.region"],
    ["only-here.region"],
    ["nope.region"],
    ["b c.output"],
    ["profile.b c.output"],
    ["d.e.region"],
    ["region", "--profile", "a"],
    ["cli_pager", "--profile", "a"],
    ["empty", "--profile", "a"],
    ["output", "--profile", "b c"],
    ["key", "--profile", "d.e"],
    ["region", "--profile", "only-here"],
    ["region", "--profile", "profile odd"],
    ["region", "--profile", "nope"],
    ["sso_region", "--sso-session", "corp"],
    ["nothing", "--sso-session", "corp"],
    ["sso_region", "--sso-session", "nope"],
    ["s3.endpoint_url", "--services", "local"],
    ["s3", "--services", "local"],
    ["s3.endpoint_url", "--services", "nope"],
]


@pytest.mark.parametrize("words", GETS, ids=" ".join)
def test_configure_get(files, words):
    side_by_side(files, "configure", "get", *words, profile=None)
    side_by_side(files, "configure", "get", *words, profile=None, env={"AWS_REGION": "from-env"})


def test_configure_get_finds_more(files):
    """Keys in any case, as every tool reads them; profiles with dots in their names."""
    for words, value in [(["REGION"], "from-credentials"), (["profile.d.e.region"], "dotted")]:
        assert files.aws("configure", "get", *words).code == 1
        assert files.daypass("configure", "get", *words).ok().out == f"{value}\n"
    # Sections that are neither profile, sso-session nor services are not looked into.
    assert files.aws("configure", "get", "plugins.x").ok().out == "y\n"
    assert files.daypass("configure", "get", "plugins.x").code == 1


SETS = [
    ["region", "us-east-2"],
    ["output", "json", "--profile", "a"],
    ["newkey", "1", "--profile", "new"],
    ["newkey", "1", "--profile", "with blank"],
    ["newkey", "a = b # c"],
    ["newkey", ""],
    ["s3.addressing_style", "virtual"],
    ["s3.payload_signing_enabled", "true"],
    ["s3.addressing_style", "path", "--profile", "a"],
    ["profile.a.output", "text"],
    ["profile.new.output", "text"],
    ["profile.a.s3.addressing_style", "path"],
    ["default.output", "text"],
    ["sso_region", "eu-west-1", "--sso-session", "corp"],
    ["sso_region", "eu-west-1", "--sso-session", "new"],
    ["s3.endpoint_url", "http://localhost:2", "--services", "local"],
    ["sts.endpoint_url", "http://localhost:2", "--services", "local"],
    ["ec2.endpoint_url", "http://localhost:2", "--services", "new"],
    ["aws_access_key_id", "AKIDEXAMPLE"],
    ["aws_secret_access_key", "x", "--profile", "a"],
    ["aws_session_token", "x", "--profile", "only-here"],
    ["profile.a.aws_access_key_id", "AKIDEXAMPLE"],
    ["output", "text", "--profile", "b c"],
]


@pytest.mark.parametrize("words", SETS, ids=" ".join)
def test_configure_set(template, tmp_path, words):
    text = FILES.replace('[profile "b c"]', "[profile 'b c']").replace("REGION", "region")
    after = {}
    for tool in ["aws", "daypass"]:
        home = Home(tmp_path / tool, template.sandbox).write_config(text).write_credentials(SECRETS)
        done = home.tool(tool)("configure", "set", *words)
        after[tool] = (done.code, done.out, home.config.read_text(), home.credentials.read_text())
    assert after["daypass"] == after["aws"]


def test_configure_set_takes_values_that_begin_with_a_dash(home):
    words = ["configure", "set", "key", "-v", "--profile", PROFILE]
    assert home.aws(*words).code == 252
    home.daypass(*words).ok()
    assert home.aws("configure", "get", "key", "--profile", PROFILE).ok().out == "-v\n"


def test_configure_set_refuses_what_it_cannot_write(home):
    """`a.b.c`: the AWS CLI drops the `c` and sets `a`, with code 0."""
    before = home.config.read_bytes()
    assert home.daypass("configure", "set", "a.b.c", "x", "--profile", PROFILE).code == 252
    assert home.config.read_bytes() == before
    home.aws("configure", "set", "a.b.c", "x", "--profile", PROFILE).ok()
    assert "a = x\n" in home.config.read_text()


@pytest.mark.parametrize("words", [["region", "x"], ["aws_access_key_id", "AKID"]], ids=" ".join)
def test_configure_set_makes_private_files(template, tmp_path, words):
    after = {}
    for tool in ["aws", "daypass"]:
        home = Home(tmp_path / tool, template.sandbox)
        home.tool(tool)("configure", "set", *words).ok()
        (file,) = [file for file in home.path.glob(".aws/*") if file.is_file()]
        after[tool] = (file.name, file.read_text(), file.stat().st_mode & 0o777)
    assert after["daypass"] == after["aws"]
    assert after["daypass"][2] == 0o600


def test_configure_list(home):
    """Equal but for the keys themselves, and for variables, which daypass names
    alone where the AWS CLI prints a list of Python's."""
    words = ["configure", "list"]
    theirs, ours = home.aws(*words, "--profile", PROFILE).ok(), home.daypass(*words, "--profile", PROFILE).ok()
    mask = lambda text: re.sub(r"\*{16}[\w+/]{4}", "*" * 20, text)
    assert mask(ours.out) == mask(theirs.out)
    side_by_side(home.write_credentials("[static]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n"), *words, profile="static")
    home.config.unlink()
    home.credentials.unlink()
    side_by_side(home, *words, profile=None)
    variables = {"AWS_REGION": "eu-west-1"}
    theirs, ours = home.aws(*words, env=variables).ok().out, home.daypass(*words, env=variables).ok().out
    assert theirs.replace("['AWS_REGION', 'AWS_DEFAULT_REGION']", "AWS_REGION") == ours


def test_configure_list_without_login_still_lists(home):
    """The AWS CLI breaks off after two lines, just when one wants to look."""
    home.token_file().unlink()
    theirs = home.aws("configure", "list", "--profile", PROFILE)
    ours = home.daypass("configure", "list", "--profile", PROFILE)
    assert ours.code == theirs.code == 255
    assert ours.out.startswith(theirs.out)
    assert "region     : us-east-1" in ours.out and "region" not in theirs.out


def test_start_url_in_messages_is_the_configured_one(home):
    assert START_URL in home.daypass("sso", "login", "--profile", PROFILE).ok().out
