"""What `daypass login` shows for notebooks, run as it is shown; and its own keys in the
config file, which are nobody else's business."""

import re

import pytest
from lib import PROFILE, SESSION, Sandbox
from matrix import routes, rows

# A hub's own role, which would come first.
HUB = {
    "JUPYTERHUB_USER": "ada",
    "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/hub",
    "AWS_ROLE_SESSION_NAME": "hub",
}

KEYS = """\
sso_use_device_code = true
daypass_browser = firefox --new-window %s
daypass_browser_profile = Work and play
"""

# Not installed here: GDAL's own Python module. Its one function that the snippet calls
# sets the option that pyogrio's GDAL has.
OSGEO = """\
import sys, types, pyogrio
gdal = types.SimpleNamespace(
    SetConfigOption=lambda key, value: pyogrio.set_gdal_config_options({key: value})
)
sys.modules["osgeo"] = types.SimpleNamespace(gdal=gdal)
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    stage = routes.Stage(tmp_path_factory.mktemp("stage"), Sandbox("--world", routes.WORLD))
    yield stage
    stage.stop()


@pytest.fixture(scope="module")
def shown(stage):
    """The snippets, each by its first word."""
    token = stage.folder / "hub-token"
    token.write_text("a token of the hub's\n")
    stage.home.extra.update(HUB, AWS_WEB_IDENTITY_TOKEN_FILE=str(token))
    told = stage.home.daypass("login", "--profile", PROFILE, "--snippets").ok().err
    return {part.split(maxsplit=1)[0].strip(","): part for part in re.split(r"^# ", told, flags=re.M)[1:]}


def python(stage, code, **env):
    client = rows.PLACES["python"]
    return stage.home.run(client, "-sE", "-c", code, env=env, timeout=180).ok().out


def code(part):
    """Without the words behind the first `#`."""
    return part.split("\n", 1)[1]


def variables(stage, name):
    client = next(client for client in rows.clients() if client.name.startswith(name))
    if missing := client.missing():
        pytest.skip(missing)
    # The sandbox's bucket is in one region, and it names AWS's host for that.
    region = {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"}
    return client.variables(stage.places()) | region


def test_boto3(stage, shown):
    listed = "print(s3.list_objects_v2(Bucket='nasa-disasters')['Contents'])\n"
    assert rows.SHOWS["bucket"] in python(stage, code(shown["boto3"]) + listed)


def test_without_the_name_the_hub_s_role_comes_first(stage, shown):
    words = "import boto3; print(boto3.Session().get_credentials().method)"
    out = python(stage, words, AWS_PROFILE=PROFILE)
    assert out.strip() == "assume-role-with-web-identity", "else nobody needs the snippets"


def test_s3fs(stage, shown):
    listed = f"print(fs.ls('{rows.BUCKET}'))\n"
    region = {"AWS_DEFAULT_REGION": "us-west-2"}
    assert rows.SHOWS["bucket"] in python(stage, code(shown["s3fs"]) + listed, **region)


def test_gdal(stage, shown):
    env = variables(stage, "GDAL 3.12")
    path = f"{rows.FOLDER}/fires.csv".replace("s3://", "/vsis3/")
    read = f"print(pyogrio.read_info('{path}')['fields'])\n"
    assert rows.SHOWS["table"] in python(stage, OSGEO + code(shown["GDAL"]) + read, **env)


def test_rasterio(stage, shown):
    env = variables(stage, "GDAL 3.10")
    line = shown["rasterio"].split(": ", 1)[1].replace(": ...", ":").strip()
    path = f"{rows.FOLDER}/slope.asc".replace("s3://", "/vsis3/")
    read = f"import rasterio\n{line}\n    print(rasterio.open('{path}').width, 'columns')\n"
    assert "3 columns" in python(stage, read, **env)


@pytest.mark.parametrize("name", ["AWS CLI", "boto3", "SDK for JavaScript v3", "SDK for Go v2"])
def test_keys_of_ours_trouble_nobody(stage, name):
    client = next(client for client in rows.clients() if client.name.startswith(name))
    if missing := client.missing():
        pytest.skip(missing)
    home = stage.copy(f"keys-{client.slug}")
    text = home.config.read_text()
    home.write_config(text.replace(f"[sso-session {SESSION}]\n", f"[sso-session {SESSION}]\n{KEYS}"))
    environment = routes.environment(client, "native", stage)
    result = home.run(*client.words(stage.places()), env=environment, timeout=180, stdin="\n")
    assert client.expected in result.ok().out


def test_the_aws_cli_keeps_them(stage):
    home = stage.copy("kept")
    home.write_config(home.config.read_text() + KEYS)
    home.aws("configure", "set", "region", "us-west-2", "--profile", PROFILE).ok()
    assert home.config.read_text().endswith(KEYS)
    assert home.aws("sts", "get-caller-identity", "--profile", PROFILE).ok()
