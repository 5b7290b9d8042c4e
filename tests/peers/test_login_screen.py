"""What `daypass login` draws, seen by a phone."""

import re
import subprocess

import zxingcpp
from lib import DAYPASS
from PIL import Image

# One cell of the terminal is as wide as half of it is high.
SCALE = 6
HALVES = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}


def photograph(lines, light):
    """A picture of half blocks; `light` is the colour of what is drawn."""
    rows = []
    for line in lines:
        cells = [HALVES[cell] for cell in line]
        rows += [[upper for upper, _ in cells], [lower for _, lower in cells]]
    picture = Image.new("L", (len(rows[0]), len(rows)))
    colours = (0, 255) if light else (255, 0)
    picture.putdata([colours[drawn] for row in rows for drawn in row])
    return picture.resize((picture.width * SCALE, picture.height * SCALE), Image.Resampling.NEAREST)


def test_a_phone_reads_the_address(home):
    words = [DAYPASS, "login", "--use-device-code", "--no-browser", "--qr", "on"]
    process = subprocess.Popen(
        words, env=home.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        text = ""
        while "Only approve" not in text:
            line = process.stderr.readline()
            assert line, text
            text += line
    finally:
        process.kill()
        process.communicate()
    before, after = text.split("Open this page")
    lines = [line for line in before.splitlines() if line and set(line) <= set(HALVES)]
    (found,) = zxingcpp.read_barcodes(photograph(lines, light=True))
    assert found.text == re.search(r"^http\S+$", after, re.M)[0]
