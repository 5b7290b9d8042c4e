"""The table in docs/compatibility.md is compared with the run cell by cell."""

from matrix import record, rows, table

FIRST, SECOND = rows.clients()[:2]


def ran(outcome, why="", client=FIRST, route="native"):
    return {(client.name, route): {"outcome": outcome, "why": why}}


def differences(committed, cells):
    return list(table.differences(table.render(committed), cells))


def test_what_was_run_must_be_told_as_it_was():
    works, refused = ran(record.WORKED), ran(record.REFUSED, "has no ears")
    assert not differences(works, works)
    assert not differences(refused, refused)
    (line,) = differences(refused, works)
    assert line.startswith(f"{FIRST.name}, native: the page says ('no', 'has no ears'")
    assert differences(works, refused)
    assert differences(ran(record.REFUSED, "has no eyes"), refused)


def test_what_was_not_run_here_may_be_told_from_elsewhere():
    committed = ran(record.WORKED)
    assert not differences(committed, {})
    assert not differences(committed, ran(record.NOT_RUN, "Go is not installed"))


def test_notes_are_numbered_once():
    cells = ran(record.REFUSED, "has no ears") | ran(record.REFUSED, "has no ears", SECOND)
    text = table.render(cells)
    assert text.count("no (1)") == 2
    assert text.endswith("\n1. has no ears\n")


def test_a_client_that_is_no_row_any_more_is_seen():
    text = table.render({}).replace(f"| {FIRST.name} |", "| Old client |")
    assert any("no row has it" in line for line in table.differences(text, {}))


def test_every_version_is_pinned():
    assert all(client.pinned() for client in rows.clients())
