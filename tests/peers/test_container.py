"""A Docker container, served by the route that the documents recommend: `daypass serve`
on the host, the host's network, and the token in a file that is mounted."""

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


def inside(docker, stage, image, *words, mounts=()):
    """Runs a command in a container that has nothing of ours but the endpoint."""
    served = stage.serve().variables
    token_file = served[routes.TOKEN_FILE]
    variables = {
        routes.FULL_URI: served[routes.FULL_URI],
        routes.TOKEN_FILE: "/run/daypass/token",
        "AWS_REGION": "us-west-2",
        "AWS_ENDPOINT_URL_STS": stage.sandbox.environment["AWS_ENDPOINT_URL_STS"],
        "AWS_ENDPOINT_URL_S3": stage.sandbox.environment["AWS_ENDPOINT_URL_S3"],
    }
    run = ["run", "--rm", "--interactive", "--network", "host"]
    for name, value in variables.items():
        run += ["--env", f"{name}={value}"]
    for where in [f"{token_file}:/run/daypass/token:ro", *mounts]:
        run += ["--volume", where]
    return docker.run(*run, image, *words, input=b"\n")


def test_a_go_program_alone_in_its_image(docker, stage, tmp_path):
    (client,) = [client for client in rows.clients() if client.kit == "go"]
    if missing := client.missing():
        pytest.skip(f"{client.name}: {missing}")
    (program,) = client.words(stage.places())
    shutil.copy(program, tmp_path / "caller")
    docker.image("go-caller", tmp_path)
    done = inside(docker, stage, "go-caller", "/caller")
    assert done.returncode == 0, done.stderr
    assert client.expected in done.stdout.decode()


def test_the_aws_cli_in_a_container(docker, stage, tmp_path):
    """Its programs and the C library are the host's, mounted."""
    (tmp_path / "tmp").mkdir()
    docker.image("nothing", tmp_path)
    mounts = [f"{folder}:{folder}:ro" for folder in ["/lib", "/lib64", "/usr/lib"]]
    mounts.append(f"{rows.KITS}/awscli:{rows.KITS}/awscli:ro")
    words = [AWS, "s3", "ls", rows.BUCKET]
    done = inside(docker, stage, "nothing", *words, mounts=mounts)
    assert done.returncode == 0, done.stderr
    assert "california_wildfires_202501/" in done.stdout.decode()
