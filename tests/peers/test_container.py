"""A Docker container, served by the route that the documents recommend: the recipe of
`daypass serve --for docker`, word by word."""

import shlex
import shutil

import pytest
from lib import AWS, Sandbox
from matrix import engine, routes, rows


@pytest.fixture(scope="module")
def docker():
    if why := engine.missing():
        pytest.skip(why)
    running = engine.Engine()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    stage = routes.Stage(tmp_path_factory.mktemp("stage"), Sandbox("--world", routes.WORLD))
    yield stage
    stage.stop()


@pytest.fixture(scope="module")
def recipe(docker, stage):
    """The words that `serve --for docker` prints, for as long as it serves."""
    served = routes.Served(stage.home, "--for", "docker", last="IMAGE", env=docker.environment)
    yield shlex.split(served.printed.replace("\\\n", " "))
    served.stop()


def inside(docker, stage, recipe, image, *words, mounts=()):
    """Runs a command by the recipe; nothing is added but where the sandbox is."""
    assert recipe[:4] == ["docker", "run", "--rm", "-it"] and recipe[-1] == "IMAGE"
    options = ["--interactive", "--env", "AWS_EC2_METADATA_DISABLED=true"]
    for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_S3"]:
        options += ["--env", f"{name}={stage.sandbox.environment[name]}"]
    for folder in mounts:
        options += ["--volume", f"{folder}:{folder}:ro"]
    return docker.run("run", "--rm", *options, *recipe[4:-1], image, *words, input=b"\n")


def test_a_go_program_alone_in_its_image(docker, stage, recipe, tmp_path):
    (client,) = [client for client in rows.clients() if client.kit == "go"]
    if missing := client.missing():
        pytest.skip(f"{client.name}: {missing}")
    (program,) = client.words(stage.places())
    shutil.copy(program, tmp_path / "caller")
    docker.image("go-caller", tmp_path)
    done = inside(docker, stage, recipe, "go-caller", "/caller")
    assert done.returncode == 0, done.stderr
    assert client.expected in done.stdout.decode()


def test_the_aws_cli_in_a_container(docker, stage, recipe, tmp_path):
    """Its programs and the C library are the host's, mounted."""
    (tmp_path / "tmp").mkdir()
    docker.image("nothing", tmp_path)
    mounts = ["/lib", "/lib64", "/usr/lib", f"{rows.KITS}/awscli"]
    words = [AWS, "s3", "ls", rows.BUCKET, "--region", "us-west-2"]
    done = inside(docker, stage, recipe, "nothing", *words, mounts=mounts)
    assert done.returncode == 0, done.stderr
    assert "california_wildfires_202501/" in done.stdout.decode()
