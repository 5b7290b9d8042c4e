"""Real clients below `daypass exec`, both ways, in surroundings that want to give them
other credentials."""

import os
import subprocess
import sys

import pytest
from lib import AWS, DAYPASS, GUIDE_CONFIG, PROFILE, Sandbox, until
from matrix import routes, rows

WAYS = ["--env", "--server"]
ARN = "assumed-role/AWSReservedSSO_Project-Power-User_"

# Everything that could come before what `exec` gives: keys, a profile, a hub's role, a
# container.
HOSTILE = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "left-over",
    "AWS_SESSION_TOKEN": "left-over",
    "AWS_SECURITY_TOKEN": "left-over",
    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
    "AWS_PROFILE": "default",
    "AWS_DEFAULT_PROFILE": "nobody",
    "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/hub",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token",
    "AWS_ROLE_SESSION_NAME": "hub",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/other",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/other",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nowhere/token",
}

# The default profile, which every SDK asks before a container.
DEFAULTS = {
    "none": ("", ""),
    "keys": ("", "[default]\naws_access_key_id = AKIAI\naws_secret_access_key = s\n"),
    "keys in config": ("[default]\naws_access_key_id = AKIAI\naws_secret_access_key = s\n", ""),
    "process": ("[default]\ncredential_process = false\n", ""),
    "role": ("[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = k\n[profile k]\n", ""),
    "sso": (
        "[default]\nsso_session = other\nsso_account_id = 1\nsso_role_name = x\n"
        "[sso-session other]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = us-east-1\n",
        "",
    ),
    "spelt out": ("[profile default]\ncredential_process = false\n", ""),
}

WHO = "print(boto3.client('sts').get_caller_identity()['Arn'])"


@pytest.fixture
def home(new_home):
    home = new_home().write_config()
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    return home


def under(home, way, *words, **options):
    return home.daypass("exec", way, "--profile", PROFILE, "--", *words, **options)


def boto(code):
    return [sys.executable, "-I", "-c", "import boto3, json, os, sys, time\n" + code]


@pytest.mark.parametrize("default", DEFAULTS)
@pytest.mark.parametrize("way", WAYS)
def test_the_aws_cli_and_boto3_are_who_they_are_meant_to_be(home, way, default):
    config, credentials = DEFAULTS[default]
    home.write_config(config + GUIDE_CONFIG)
    if credentials:
        home.write_credentials(credentials)
    for words in ([AWS, "sts", "get-caller-identity"], boto(WHO)):
        assert ARN in under(home, way, *words, env=HOSTILE).ok().out


@pytest.mark.parametrize("way", WAYS)
def test_an_inner_exec_is_not_poisoned(home, way):
    home.write_config(
        GUIDE_CONFIG.replace("[profile", "[default]\ncredential_process = false\n[profile", 1)
        + GUIDE_CONFIG.split("[sso-session")[0].replace(PROFILE, "reader").replace("Project-Power-User", "ReadOnlyAccess")
    )
    for inner in WAYS:
        words = [DAYPASS, "exec", inner, "--profile", "reader", "--", *boto(WHO)]
        assert "AWSReservedSSO_ReadOnlyAccess_" in under(home, way, *words).ok().out


def test_a_served_process_outlives_its_role_sessions(start_sandbox, new_home):
    sandbox = start_sandbox("--role-credentials-life", 12, "--access-token-life", 15)
    home = new_home(sandbox).write_config()
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    code = (
        "sts, seen, end = boto3.client('sts'), set(), time.time() + 90\n"
        "while len(seen) < 4 and time.time() < end:\n"
        "    assert 'Arn' in sts.get_caller_identity()\n"
        "    seen.add(sts._request_signer._credentials.access_key)\n"
        "    time.sleep(0.2)\n"
        "print(len(seen))"
    )
    assert under(home, "--server", *boto(code), timeout=120).ok().out == "4\n"


def test_keys_end_with_their_session(start_sandbox, new_home):
    home = new_home(start_sandbox("--role-credentials-life", 5)).write_config()
    home.daypass("sso", "login", "--profile", PROFILE).ok()
    done = home.daypass("exec", "--env", "--min-ttl", "1m", "--profile", PROFILE, "--", "echo", "on")
    assert (done.code, done.out) == (1, ""), done
    assert "the role session of Project-Power-User ends in " in done.err
    served = home.daypass("exec", "--min-ttl", "1m", "--profile", PROFILE, "--", "echo", "on")
    assert served.ok().out == "on\n"


def test_a_needed_login_ends_it_before_the_command(new_home):
    for way in WAYS:
        done = under(new_home().write_config(), way, "touch", "started")
        assert done.code == 4, done
        assert "hint: run `daypass sso login --sso-session disasters`" in done.err


def test_twenty_at_once_each_with_an_endpoint_of_its_own(home):
    words = [DAYPASS, "exec", "--profile", PROFILE, "--", *boto("print(os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'], boto3.client('sts').get_caller_identity()['Arn'])")]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(words, env=home.environment, **streams) for _ in range(20)]
    addresses = set()
    for process in running:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
        address, arn = out.decode().split()
        assert ARN in arn
        addresses.add(address)
    assert len(addresses) == 20
    pids = [f"--pid={process.pid}" for process in running]

    def gone():
        words = [words_of(pid) for pid in os.listdir("/proc") if pid.isdigit()]
        return not any(pid in line for line in words for pid in pids)

    until(gone, what="the end of every attendant")


def words_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read()
    except OSError:
        return ""


# The whole matrix, served; the table of test_matrix.py has its keys in variables


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    sandbox = Sandbox("--world", routes.WORLD)
    stage = routes.Stage(tmp_path_factory.mktemp("stage"), sandbox)
    yield stage
    stage.stop()


@pytest.mark.parametrize("client", rows.clients(), ids=lambda client: client.slug)
def test_every_client_is_served(client, stage):
    if missing := client.missing():
        pytest.skip(f"{client.name}: {missing}")
    home = stage.copy(f"{client.slug}.exec")
    home.write_credentials("[default]\naws_access_key_id = AKIAI\naws_secret_access_key = s\n")
    environment = routes.told("native") | client.variables(stage.places()) | HOSTILE
    words = client.words(stage.places())
    done = under(home, "--server", *words, env=environment, timeout=180, stdin="\n")
    assert done.code == 0 and client.expected in done.out, done


@pytest.mark.parametrize("driver", ["use_rasterio.py", "use_pyogrio.py"])
def test_gdal_s_configuration_file(driver, stage):
    """It wins over keys in variables, which GDAL otherwise takes first."""
    client = next(row for row in rows.clients() if driver in " ".join(row.run))
    if missing := client.missing():
        pytest.skip(f"{client.name}: {missing}")
    home = stage.copy(driver)
    file = home.path / "gdalrc"
    file.touch(0o600)
    file.write_text(home.daypass("env", "--profile", PROFILE, "--format", "gdal").ok().out)
    environment = routes.told("native") | client.variables(stage.places()) | HOSTILE
    environment |= {"GDAL_CONFIG_FILE": str(file)}
    program, *words = client.words(stage.places())
    done = home.run(program, *words, env=environment, timeout=180, stdin="\n")
    assert done.code == 0 and client.expected in done.out, done
