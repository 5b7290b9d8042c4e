"""Unpacks AWS CLI 2.38.5 into the folder named on the command line.

The AWS CLI v2 is on no package index under its own name. A package for AWS's CDK
carries it all the same: a Lambda layer (a zip) in a JavaScript module (a tarball)
in a Python wheel.
"""

import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

CARRIER = "aws-cdk-asset-awscli-v2==2.0.198"
TARBALL = "aws_cdk/asset_awscli_v2/_jsii/asset-awscli-v2@2.0.198.jsii.tgz"
LAYER = "package/lib/layer.zip"


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as downloads:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--disable-pip-version-check", "--only-binary=:all:", "--dest", downloads, CARRIER]
        subprocess.run(pip, check=True)
        (wheel,) = Path(downloads).glob("*.whl")
        with zipfile.ZipFile(wheel) as outer:
            tarball = io.BytesIO(outer.read(TARBALL))
    with tarfile.open(fileobj=tarball) as middle:
        layer = io.BytesIO(middle.extractfile(LAYER).read())
    shutil.rmtree(target, ignore_errors=True)
    with zipfile.ZipFile(layer) as inner:
        for entry in inner.infolist():
            unpack(inner, entry, target)


def unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Keeps modes and symbolic links, which ZipFile.extract does not."""
    mode = entry.external_attr >> 16
    path = target / entry.filename
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISLNK(mode):
        os.symlink(archive.read(entry).decode(), path)
        return
    path.write_bytes(archive.read(entry))
    path.chmod(stat.S_IMODE(mode) or 0o644)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
