"""`daypass sandbox exec --isolated`: the guide by unmodified clients, which know
nothing of a sandbox but whom to trust, in a network that is nothing else."""

import json
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from lib import AWS, DAYPASS, GUIDE_CONFIG, PROFILE, Sandbox

VANITY = """\
[sso-session vanity]
sso_start_url = https://login.disasters.example/
sso_region = us-east-1
sso_registration_scopes = sso:account:access
"""


def isolated(script, *options, timeout=120):
    words = [DAYPASS, "sandbox", "exec", "--isolated", *options, "--", "sh", "-euc", script]
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout)
    if "does not let a command run in isolation" in done.stderr:
        assert "\nhint: " in done.stderr
        pytest.skip(done.stderr)
    return done


def well(script, *options):
    done = isolated(script, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def configured(script, extra=""):
    return f"mkdir ~/.aws\ncat > ~/.aws/config <<'EOF'\n{GUIDE_CONFIG}{extra}EOF\n{script}"


def test_the_guide_with_the_aws_cli():
    out = well(
        configured(
            f"""
            env | grep ^AWS_ENDPOINT && exit 9
            '{AWS}' sso login --profile {PROFILE} >&2
            '{AWS}' s3 ls s3://nasa-disasters --profile {PROFILE}
            '{AWS}' sts get-caller-identity --profile {PROFILE}
            '{AWS}' sso logout
            '{AWS}' sts get-caller-identity --profile {PROFILE} && exit 9
            true
            """
        )
    )
    listing, identity = out.split("{", 1)
    assert [line.split() for line in listing.splitlines()] == [
        ["PRE", "browseui/"],
        ["PRE", "california_wildfires_202501/"],
        ["PRE", "disasters/"],
    ]
    assert json.loads("{" + identity)["Account"] == "867530900000"


def test_the_aws_cli_with_a_device_code_and_by_a_vanity_address():
    well(
        configured(
            f"""
            '{AWS}' sso login --profile {PROFILE} --use-device-code
            '{AWS}' sso login --sso-session vanity
            """,
            VANITY,
        )
    )


def test_boto3_and_daypass():
    code = f"""\
import boto3
session = boto3.Session(profile_name="{PROFILE}")
page = session.client("s3").list_objects_v2(Bucket="nasa-disasters", Delimiter="/")
print(*[prefix["Prefix"] for prefix in page["CommonPrefixes"]])
print(session.client("sts", region_name="eu-west-1").get_caller_identity()["Account"])
"""
    out = well(
        configured(
            f"""
            '{DAYPASS}' sso login --profile {PROFILE} >&2
            '{DAYPASS}' s3 ls s3://nasa-disasters --profile {PROFILE} | wc -l
            '{sys.executable}' -c '{code}'
            """
        )
    )
    lines = out.splitlines()
    assert [line.strip() for line in lines] == [
        "3",
        "browseui/ california_wildfires_202501/ disasters/",
        "867530900000",
    ]


def test_nothing_else_exists_and_nothing_stays():
    before = {file: Path(file).read_bytes() for file in ("/etc/hosts", "/proc/self/mountinfo")}
    out = well(
        """
        getent hosts sts.eu-central-1.amazonaws.com any-bucket.s3.us-west-2.amazonaws.com
        getent hosts example.com && exit 9
        getent hosts ec2.us-east-1.amazonaws.com && exit 9
        grep -v '^ *lo:' /proc/net/dev | tail -n +3
        echo $HOME
        """
    )
    *names, home = out.splitlines()
    assert [name.split()[0] for name in names] == ["127.0.0.1", "127.0.0.1"], out
    assert not Path(home).exists()
    after = {file: Path(file).read_bytes() for file in before}
    assert after == before


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_a_client_that_trusts_whom_the_system_trusts():
    system = Path("/etc/ssl/certs/ca-certificates.crt")
    if not system.exists():
        pytest.skip("the system keeps its bundle elsewhere")
    before = system.read_bytes()
    out = well("env -i PATH=$PATH curl -sSo /dev/null -w '%{http_code}' https://sts.amazonaws.com/")
    assert out == "400", "STS misses the action"
    assert system.read_bytes() == before


def test_https_without_isolation():
    script = configured(
        f"""
        '{AWS}' sso login --profile {PROFILE} >&2
        '{AWS}' s3 ls s3://nasa-disasters --profile {PROFILE} | wc -l
        echo $AWS_ENDPOINT_URL_S3
        ls -l $AWS_CA_BUNDLE
        """
    )
    words = [DAYPASS, "sandbox", "exec", "--tls", "--", "sh", "-euc", script]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lines, endpoint, authority = done.stdout.splitlines()
    assert (lines.strip(), endpoint.split(":")[0]) == ("3", "https")
    assert authority.startswith("-rw------- ")


def test_the_pages_speak_https_to_who_trusts_them():
    sandbox = Sandbox("--tls")
    try:
        with urllib.request.urlopen(
            sandbox.environment["AWS_ENDPOINT_URL_SSO_OIDC"] + "/device",
            context=ssl.create_default_context(cafile=sandbox.environment["AWS_CA_BUNDLE"]),
        ) as page:
            assert b"This is not AWS" in page.read()
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(sandbox.environment["AWS_ENDPOINT_URL_SSO_OIDC"] + "/device")
    finally:
        sandbox.stop()


def test_codes_and_mistakes():
    assert isolated("exit 7").returncode == 7
    assert isolated("kill -TERM $$").returncode == 128 + 15
    for options in (["--isolated", "--port", "1"], ["--inside"]):
        words = [DAYPASS, "sandbox", "exec", *options, "--", "true"]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 2, done.stderr


def test_a_machine_without_the_tools_says_so():
    words = [DAYPASS, "sandbox", "exec", "--isolated", "--", "true"]
    done = subprocess.run(words, capture_output=True, text=True, env={"HOME": "/", "PATH": "/nowhere"})
    assert done.returncode == 1
    assert done.stderr.startswith("error: this machine does not let a command run in isolation\n")
    assert "util-linux" in done.stderr
