"""`daypass serve` as the AWS CLI, boto3 and curl meet it: with the token in a variable,
in a file, in EKS's way, and as an instance's metadata service."""

import json
import os
import signal
import subprocess
import sys

import pytest
from lib import ACCOUNT, GUIDE_CONFIG, PROFILE, ROLE
from matrix.routes import FULL_URI, TOKEN, TOKEN_FILE, Served

ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_{ROLE}_"
WHO = "print(boto3.client('sts', region_name='us-east-1').get_caller_identity()['Arn'])"


@pytest.fixture
def serve():
    """Starts servers that end with the test."""
    running = []

    def start(home, *options):
        running.append(Served(home, "--format", "sh", *options))
        return running[-1]

    yield start
    for served in running:
        served.stop()


@pytest.fixture
def home(home):
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    return home


def token_only(served):
    return served.told(FULL_URI, TOKEN)


def file_only(served):
    return served.told(FULL_URI, TOKEN_FILE)


def pod_identity(served):
    """The address EKS's agent has, but for the host."""
    base = served.variables[FULL_URI].partition("/creds/")[0]
    return file_only(served) | {FULL_URI: f"{base}/v1/credentials"}


def metadata(served):
    """Nothing but the instance's address; the sandbox has turned that off."""
    told = served.told("AWS_EC2_METADATA_SERVICE_ENDPOINT")
    return told | {"AWS_EC2_METADATA_DISABLED": None}


@pytest.mark.parametrize("dialect", [token_only, file_only, pod_identity, metadata])
def test_the_aws_cli_and_boto3_get_the_role(home, serve, dialect):
    served = serve(home, *(["--imds"] if dialect is metadata else []))
    told = dialect(served)
    assert home.boto(WHO, env=told).ok().out.startswith(ARN)
    who = home.aws("sts", "get-caller-identity", "--region", "us-east-1", env=told)
    assert who.json()["Arn"].startswith(ARN)


def test_the_aws_cli_finds_the_region_in_the_metadata(home, serve):
    told = metadata(serve(home, "--imds", "--region", "us-west-2"))
    who = home.aws("sts", "get-caller-identity", "--debug", env=told).ok()
    assert "us-west-2/sts/aws4_request" in who.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell who calls")
def test_the_metadata_are_not_for_other_users(home, serve):
    base = serve(home, "--imds").variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
    words = ["curl", "--silent", "--noproxy", "*", "--request", "PUT"]
    words += ["--header", "X-aws-ec2-metadata-token-ttl-seconds: 60", f"{base}/latest/api/token"]
    ours = subprocess.run(words, capture_output=True, check=True).stdout
    theirs = subprocess.run(words, capture_output=True, check=True, user=65534).stdout
    assert len(ours) == 43
    assert json.loads(theirs)["code"] == "Forbidden"


def test_without_the_token_there_is_nothing(home, serve):
    served = serve(home)
    told = served.told(FULL_URI) | {TOKEN: "guess"}
    refused = home.aws("sts", "get-caller-identity", "--region", "us-east-1", env=told)
    assert refused.code != 0
    assert "AWS_CONTAINER_AUTHORIZATION_TOKEN" in refused.err, "the message reaches the person"


def test_all_the_printed_lines_beat_what_lay_around(home, serve):
    """Left-over keys and profiles, in the files and in the shell where the lines are
    pasted."""
    home.write_credentials("[default]\naws_access_key_id = AKIAOLD\naws_secret_access_key = x\n")
    stale = "export AWS_ACCESS_KEY_ID=AKIAOLD AWS_SECRET_ACCESS_KEY=x AWS_PROFILE=nobody\n"
    script = f'{stale}{serve(home).printed}exec "$0" "$@"'
    words = [sys.executable, "-I", "-c", "import boto3\n" + WHO]
    assert home.run("/bin/sh", "-c", script, *words).ok().out.startswith(ARN)


def curl(home, *words):
    return home.run("curl", "--silent", "--show-error", "--noproxy", "*", *words)


def test_curl(home, serve):
    served = serve(home)
    uri, token = served.variables[FULL_URI], served.variables[TOKEN]
    bearer = ["--header", f"Authorization: {token}"]
    got = curl(home, "--include", *bearer, uri).ok().out
    head, _, body = got.replace("\r\n", "\n").partition("\n\n")
    assert head.startswith("HTTP/1.1 200 OK")
    assert "content-length: " in head.lower() and "cache-control: no-store" in head.lower()
    assert json.loads(body)["AccountId"] == ACCOUNT
    # Two requests, one connection.
    twice = curl(home, "--verbose", *bearer, uri, uri).ok()
    assert "Re-using existing" in twice.err or "re-using existing" in twice.err.lower()
    for words in (
        [],
        ["--header", f"Authorization: Bearer {token}"],
        [*bearer, "--header", "Origin: https://evil.example"],
        [*bearer, "--header", "Host: evil.example"],
        [*bearer, "--request", "POST"],
        [*bearer, "--data", "x=1"],
    ):
        refused = curl(home, "--fail", *words, uri)
        assert refused.code == 22, refused


def test_a_process_outlives_its_role_sessions(start_sandbox, new_home, serve):
    home = new_home(start_sandbox("--role-credentials-life", 6)).write_config()
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    told = file_only(serve(home))
    code = """
import time
session = boto3.Session(region_name="us-east-1")
sts, keys, end = session.client("sts"), set(), time.time() + 60
while len(keys) < 4 and time.time() < end:
    assert "assumed-role" in sts.get_caller_identity()["Arn"]
    keys.add(session.get_credentials().get_frozen_credentials().access_key)
    time.sleep(0.1)
print(len(keys))
"""
    assert home.boto(code, env=told).ok().out == "4\n"


def test_two_hundred_requests_at_once(home, serve):
    served = serve(home)
    code = f"""
import concurrent.futures, urllib.request
request = urllib.request.Request({served.variables[FULL_URI]!r})
request.add_header("Authorization", {served.variables[TOKEN]!r})
opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
def one(_):
    return json.load(opener.open(request, timeout=30))["AccessKeyId"]
with concurrent.futures.ThreadPoolExecutor(200) as pool:
    print(len(set(pool.map(one, range(200)))))
"""
    assert home.boto(code).ok().out == "1\n"


def test_an_ended_login_ends_it_and_says_how_to_go_on(start_sandbox, new_home):
    lives = ["--access-token-life", 2, "--session-life", 2, "--role-credentials-life", 4]
    home = new_home(start_sandbox(*lives)).write_config()
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    ended = home.daypass("serve", "--profile", PROFILE, timeout=60)
    assert ended.code == 4, ended
    assert "hint: run `daypass sso login --sso-session disasters`" in ended.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_at_a_signal_and_leaves_no_file(home, serve, number):
    served = serve(home)
    file = served.variables[TOKEN_FILE]
    assert os.path.exists(file)
    served.process.send_signal(number)
    assert served.process.wait(30) == 0
    assert not os.path.exists(os.path.dirname(file))


def test_two_profiles_are_two_roles(new_home, serve):
    other = GUIDE_CONFIG.replace(PROFILE, "other").replace(ROLE, "ReadOnlyAccess")
    other = other.partition("[sso-session")[0]
    home = new_home().write_config(GUIDE_CONFIG + other)
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    told = token_only(serve(home, "--profiles", "other"))
    assert f"AWSReservedSSO_{ROLE}_" in home.boto(WHO, env=told).ok().out
    told[FULL_URI] = told[FULL_URI].replace(PROFILE, "other")
    assert "AWSReservedSSO_ReadOnlyAccess_" in home.boto(WHO, env=told).ok().out
    told[FULL_URI] = told[FULL_URI].replace("other", "nobody")
    assert home.boto(WHO, env=told).code != 0
