"""A Docker engine: the one that runs here, or one of our own that is gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from lib import until
from matrix.rows import KITS

# Debian's programs, unpacked by xtask, where no engine runs.
ROOT = KITS / "docker" / "root"


class Engine:
    def __init__(self):
        self.place = Path(tempfile.mkdtemp(prefix="engine"))
        self.path = f"{ROOT}/usr/sbin:{ROOT}/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        self.process, self.host, self.images = None, None, []
        if subprocess.run(["docker", "info"], **quiet(), check=False).returncode:
            self.start()

    def start(self):
        """Without networks and mounts that could outlive it; so that it needs no
        firewall either."""
        self.host = f"unix://{self.place}/socket"
        words = ["unshare", "--mount", "--propagation", "private", "dockerd"]
        words += ["--host", self.host, "--pidfile", f"{self.place}/pid"]
        words += ["--data-root", f"{self.place}/data", "--exec-root", f"{self.place}/run"]
        words += ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]
        words += ["--ip-masq=false", "--storage-driver=vfs"]
        with (self.place / "log").open("wb") as log:
            self.process = subprocess.Popen(
                words, env={"PATH": self.path}, stdout=log, stderr=subprocess.STDOUT
            )
        until(self.answers, what="an answer of the engine")

    def answers(self):
        assert self.process.poll() is None, (self.place / "log").read_text()[-2000:]
        return self.run("version").returncode == 0

    def run(self, *words, **options):
        options = {"capture_output": True, "timeout": 120, **options}
        environment = self.environment | {"HOME": str(self.place)}
        return subprocess.run(["docker", *words], env=environment, check=False, **options)

    @property
    def environment(self):
        """By which `docker`, whoever runs it, finds this engine."""
        path = {"PATH": f"{self.path}:{os.environ['PATH']}"}
        return path | ({"DOCKER_HOST": self.host} if self.host else {})

    def image(self, name, folder):
        """An image that is nothing but a folder."""
        tar = subprocess.run(["tar", "-C", folder, "-c", "."], capture_output=True, check=True)
        done = self.run("import", "-", name, input=tar.stdout)
        assert done.returncode == 0, done.stderr
        self.images.append(name)

    def stop(self):
        self.run("rmi", *self.images)
        if self.process:
            self.process.terminate()
            self.process.wait(60)
        shutil.rmtree(self.place)


def quiet():
    return {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def missing():
    """Why there can be no engine here; None if there is one, or can be."""
    if shutil.which("docker") and not subprocess.run(["docker", "info"], **quiet()).returncode:
        return None
    if not (ROOT / "usr" / "sbin" / "dockerd").exists():
        reason = KITS / "docker.missing"
        why = reason.read_text().strip() if reason.exists() else "one ran when clients were installed"
        return f"no Docker engine runs: {why}"
    return None if os.geteuid() == 0 else "no Docker engine runs, and only root can start one"
