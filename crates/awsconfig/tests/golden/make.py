#!/usr/bin/env python3
"""Makes the expected texts of the golden cases anew with the real AWS CLI.

    make.py /path/to/aws [same.txt|better.txt ...]

A case is a name, edits, the file before, and the file after:

    === name
    edit: profile | p 1 | s3.addressing_style | path
    --- before
    [default]
    --- after
    ...

The type of an edit is profile, sso-session, services, credentials or other. A last line without
a line ending is followed by the line `\\ no newline`. In same.txt the part `after` is what
the AWS CLI makes; in better.txt `after` is ours, kept as it is, and `aws` what the AWS CLI
makes, or its error, for comparison.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
MARK = "\\ no newline\n"


def encode(text):
    if text and not text.endswith("\n"):
        return text + "\n" + MARK
    return text


def decode(text):
    return text[: -len("\n" + MARK)] if text.endswith("\n" + MARK) else text


def read(path):
    """Yields (name, edits, {part: text}); a part's text is still encoded."""
    for block in path.read_text(encoding="utf-8").split("=== ")[1:]:
        head, *rest = block.split("--- ")
        name, *edits = head.splitlines()
        parts = dict(part.split("\n", 1) for part in rest)
        yield name, [e.removeprefix("edit: ") for e in edits], parts


def command(aws, edit):
    kind, name, key, value = edit.split(" | ")
    line = [aws, "configure", "set", key, value]
    if kind in ("sso-session", "services"):
        return line + [f"--{kind}", name]
    return line if name == "default" else line + ["--profile", name]


def run(aws, edits, before):
    with tempfile.TemporaryDirectory() as home:
        files = {n: pathlib.Path(home, n) for n in ("config", "credentials")}
        env = {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        env |= {"AWS_CONFIG_FILE": str(files["config"])}
        env |= {"AWS_SHARED_CREDENTIALS_FILE": str(files["credentials"])}
        target = files["credentials" if edits[0].startswith("credentials") else "config"]
        if before:
            target.write_bytes(before.encode())
            target.chmod(0o600)
        for edit in edits:
            done = subprocess.run(command(aws, edit), env=env, capture_output=True, text=True)
            if done.returncode:
                return f"rc {done.returncode}: {done.stderr.strip().splitlines()[-1]}\n"
        return encode(target.read_bytes().decode())


def main(aws, *names):
    for path in [HERE / n for n in names or ("same.txt", "better.txt")]:
        part = "after" if path.name == "same.txt" else "aws"
        out = []
        for name, edits, parts in read(path):
            parts[part] = run(aws, edits, decode(parts["before"]))
            out.append(f"=== {name}\n" + "".join(f"edit: {e}\n" for e in edits))
            out += [f"--- {p}\n{text}" for p, text in parts.items()]
        path.write_text("".join(out), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
