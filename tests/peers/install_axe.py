"""Unpacks axe-core's script into the file named on the command line, out of a
Python package that carries it. (axe-core is under MPL-2.0; it is used, not shipped.)
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CARRIER = "axe-playwright-python==0.1.8"
SCRIPT = "axe_playwright_python/axe.min.js"


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as downloads:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--disable-pip-version-check", "--only-binary=:all:", "--dest", downloads, CARRIER]
        subprocess.run(pip, check=True)
        (wheel,) = Path(downloads).glob("*.whl")
        with zipfile.ZipFile(wheel) as package:
            target.write_bytes(package.read(SCRIPT))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
