"""What became of a cell: a file each, since tests run in several processes."""

import json
import time

from matrix.rows import KITS

CELLS = KITS / "matrix"
WORKED, REFUSED, NOT_RUN, BROKEN = "worked", "cannot", "not run", "broken"


def write(client, route, outcome, why=""):
    CELLS.mkdir(parents=True, exist_ok=True)
    cell = {"client": client.name, "version": client.pinned(), "route": route}
    cell |= {"outcome": outcome, "why": why, "seconds": int(time.time())}
    file = CELLS / f"{client.slug}.{route}.json"
    new = file.with_suffix(".new")
    new.write_text(json.dumps(cell, indent=1) + "\n")
    new.rename(file)


def read():
    """All cells of the latest run, by client and route."""
    cells = [json.loads(file.read_text()) for file in sorted(CELLS.glob("*.json"))]
    return {(cell["client"], cell["route"]): cell for cell in cells}
