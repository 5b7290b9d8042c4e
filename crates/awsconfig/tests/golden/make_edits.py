#!/usr/bin/env python3
"""Makes edits.txt: what the AWS CLI's writer does to files made up by chance.

    make_edits.py [count] > edits.txt

Needs a Python with awscli (version 1, whose writer is that of version 2) and botocore.
Left out are the edits it gets wrong, seen by what botocore reads before and after. One
case is one line: file, profile, key, sub-key or nothing, file after; tabs between, escaped.
"""

import os
import random
import sys
import tempfile

from awscli.customizations.configure import profile_to_section
from awscli.customizations.configure.writer import ConfigFileWriter

import make_reads

HEADERS = [
    "[default]", "[profile a]", "[profile b]", "[profile 'a b']", "[plugins]", "[profile a] # c",
    "[profile c]", "[sso-session s]", "[profile a b]",
]
KEYS = ["region", "output", "s3", "sts", "a b"]
SUBS = ["x", "y", "region"]
OTHER = ["# c", "; c = d", "", "  ", "    # n", "# see: x", "   more"]
VALUE = "V W"


def line(pick):
    kind = pick.random()
    if kind < 0.15:
        return pick.choice(HEADERS)
    if kind < 0.35:
        return pick.choice(OTHER)
    if kind < 0.45:
        return pick.choice(["s3", "sts"]) + pick.choice([" =", "=", " = "])
    if kind < 0.65:
        return pick.choice(["  ", "    ", "\t"]) + pick.choice(SUBS) + pick.choice(["=v", " = a:b"])
    key = pick.choice(["", "", "", "", "  "]) + pick.choice(KEYS)
    return key + pick.choice([" = ", "=", ": "]) + pick.choice(["v", "w x", "v # c"])


def text(pick):
    start = pick.choice(["[default]\n", "[profile a]\n", ""])
    whole = start + "".join(line(pick) + "\n" for _ in range(pick.randint(0, 12)))
    return whole.rstrip("\n") if pick.random() < 0.2 else whole


def read(path):
    try:
        return make_reads.loader.raw_config_parse(path)
    except make_reads.botocore.exceptions.ConfigParseError:
        return None


def meant(before, section, key, sub):
    """None where a nested key is to go under a plain value."""
    keys = before.setdefault(section, {})
    if not sub:
        keys[key] = VALUE
    elif keys.get(key, "") == "" or isinstance(keys[key], dict):
        keys[key] = {**(keys.get(key) or {}), sub: VALUE}
    else:
        return None
    return before


def case(pick, path):
    """One case, or None for a file or an edit that will not do."""
    source = text(pick)
    profile, sub = pick.choice(["default", "a", "b", "a b", "new"]), pick.choice(["", "", *SUBS, "z"])
    key = pick.choice(["s3", "sts", "new"] if sub else KEYS + ["new"])
    section = "default" if profile == "default" else profile_to_section(profile)
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    before = read(path)
    wanted = before is not None and meant(before, section, key, sub)
    try:
        new = {"__section__": section, key: {sub: VALUE} if sub else VALUE}
        ConfigFileWriter().update_config(new, path)
    except UnboundLocalError:
        return None
    if not wanted or read(path) != wanted:
        return None
    with open(path, encoding="utf-8") as file:
        return "\t".join(map(make_reads.escape, [source, profile, key, sub, file.read()]))


def main(count=400):
    pick = random.Random(11)
    with tempfile.TemporaryDirectory() as home:
        while count:
            if found := case(pick, os.path.join(home, "config")):
                print(found)
                count -= 1


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
