"""The table in docs/compatibility.md, out of what the latest run left behind.

    python -m matrix.table --check    the table says what the run said, where it ran
    python -m matrix.table --write    makes it say so
"""

import sys

from lib import HERE
from matrix import record, rows

PAGE = HERE.parent.parent / "docs" / "compatibility.md"
BEGIN = "<!-- the matrix: written by `cargo xtask peers --write-table` -->\n"
END = "<!-- end of the matrix -->\n"
HEADS = {
    "native": "sso-session profile",
    "legacy": "without sso-session",
    "mirror": "`vault on --policy mirror`",
    "process": "`credential_process`",
    "vault": "`vault on`",
    "token": "`serve`, token",
    "token_file": "`serve`, token file",
    "imds": "`serve --imds`",
    "exec": "`exec`",
    "keys": "`exec --env`",
}


def cell_text(cell, notes):
    """`works`, or `no` and `not run` with the number of a note."""
    if cell is None or cell["outcome"] == record.BROKEN:
        return "not run"
    if cell["outcome"] == record.WORKED:
        return "works"
    word = {record.REFUSED: "no", record.NOT_RUN: "not run"}[cell["outcome"]]
    if cell["why"] not in notes:
        notes.append(cell["why"])
    return f"{word} ({notes.index(cell['why']) + 1})"


def render(cells):
    heads = ["Client", "Version", *HEADS.values()]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    notes = []
    for client in rows.clients():
        found = [cell_text(cells.get((client.name, route)), notes) for route in HEADS]
        lines.append("| " + " | ".join([client.name, client.pinned(), *found]) + " |")
    lines += ["", *(f"{number}. {why}" for number, why in enumerate(notes, 1))]
    return "\n".join(lines).rstrip() + "\n"


def parse(text):
    """The table's cells by client and route, with the words of their notes."""
    notes, found = {}, {}
    for line in text.splitlines():
        number, dot, why = line.partition(". ")
        if dot and number.isdigit():
            notes[number] = why
    for line in text.splitlines()[2:]:
        if line.startswith("| "):
            name, version, *words = [part.strip() for part in line.strip("| ").split(" | ")]
            for route, word in zip(HEADS, words, strict=False):
                word, _, note = word.partition(" (")
                found[name, route] = (word, notes.get(note.rstrip(")"), ""), version)
    return found


def split(page):
    before, _, rest = page.partition(BEGIN)
    table, end, after = rest.partition(END)
    assert end, f"{PAGE} has lost the marks of the matrix"
    return before, table, after


def differences(committed, cells):
    """Cells of the run that the page tells otherwise."""
    told, ran = parse(committed), parse(render(cells))
    for key, (word, why, version) in ran.items():
        if word != "not run" and told.get(key) != (word, why, version):
            was = told.get(key, ("nothing", "", ""))
            yield f"{key[0]}, {key[1]}: the page says {was}, the run {(word, why, version)}"
    for key in told.keys() - ran.keys():
        yield f"{key[0]}, {key[1]}: on the page, and no row has it"


def main(wish):
    page = PAGE.read_text()
    before, table, after = split(page)
    if wish == "--write":
        PAGE.write_text(before + BEGIN + render(record.read()) + END + after)
        return 0
    found = list(differences(table, record.read()))
    for line in found:
        print(f"    {line}")
    if found:
        print("    run `cargo xtask peers --write-table` if the run is right")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
