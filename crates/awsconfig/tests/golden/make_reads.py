#!/usr/bin/env python3
"""Makes reads.txt: what botocore reads in odd files. Needs a Python with botocore.

    make_reads.py [count] > reads.txt

The files are made up by chance, always the same ones, out of pieces that matter to the
grammar. One case is a line `config` or `credentials` with the text, then `error`, or one
line a key: section type, name, key, sub-key or nothing, value; tabs between, all escaped.
"""

import random
import sys
import tempfile

import botocore.configloader as loader
import botocore.exceptions

HEADERS = [
    "[default]", "[default]", "[profile default]", "[profile a]", "[profile b]", "[profile  a]",
    "[profile 'a']", '[profile "a b"]', "[profile a b]", "[profile]", "[profile it's]", "[a]",
    "[ profile a ]", "[profile a] # c", "[profile a] [x]", "[sso-session s]", "[services v]",
    "[sso-session 's t']", "[profiles z]", "[plugins]", "[DEFAULT]", "[profile a\\ c]", "[]",
    "[profile '']", '[profile "a\\"b\\x"]', "[profile\ta]", "[x", "[default ]", "[profile \u00fc]",
    "[profile a]]", "[[profile a]", "[profile #]", "[profile a]k=v", "[services]", "[s]=1",
]
KEYS = ["region", "Region", "output", "s3", "sts", "a b", "k:l", "\u00c4", "#k", "x[", "", "["]
DELIMITERS = [" = ", "=", ":", " : ", "\t=\t", " =", "\u00a0=", "=="]
VALUES = ["", "v", "w x", "v # c", "v ; c", "[x]", "a=b", '"q"', "%(region)s", "\u00e9", "\x0b=", "v  ",
          "a\x0cb = c", "a\u2028b=c", "\ufeff", "\x1f", "a:b"]
INDENTS = ["", "", "", "", "", "", " ", "  ", "    ", "\t", "\u00a0", "\u3000", "\x1c", " \x0b"]
ENDINGS = ["\n"] * 30 + ["\r\n", "\r", "\n\n", "\n \n"]
OTHER = ["", "# c", "; c", "  # c = d", "   ", "word", "\ufeff", "=", "#", " ;"]


def line(pick):
    kind = pick.random()
    if kind < 0.22:
        return pick.choice([""] * 9 + INDENTS) + pick.choice(HEADERS)
    if kind < 0.30:
        return pick.choice(OTHER)
    if kind < 0.45:
        return pick.choice(KEYS[:5]) + pick.choice(DELIMITERS)
    text = pick.choice(KEYS[: pick.choice([5, 5, 5, 12])]) + pick.choice(DELIMITERS)
    return pick.choice(INDENTS) + text + pick.choice(VALUES)


def text(pick):
    lines = [line(pick) + pick.choice(ENDINGS) for _ in range(pick.randint(0, 9))]
    start = pick.choice(["[default]\n"] * 8 + ["", "# c\n", "\n"])
    whole = start + "".join(lines)
    return whole.rstrip("\r\n") if pick.random() < 0.2 else whole


def read(kind, path):
    """Rows of (type, name, key, sub, value), or None for a file that is refused."""
    try:
        if kind == "credentials":
            return rows("profile", loader.raw_config_parse(path))
        config = loader.load_config(path)
    except botocore.exceptions.ConfigParseError:
        return None
    types = [("profile", "profiles"), ("sso-session", "sso_sessions"), ("services", "services")]
    found = [row for t, name in types for row in rows(t, config.pop(name))]
    return found + rows("other", config)


def rows(kind, sections):
    found = []
    for name, section in sections.items():
        found.append((kind, name, "", "", ""))
        for key, value in section.items():
            pairs = value.items() if isinstance(value, dict) else [("", value)]
            found += [(kind, name, key, sub, text) for sub, text in pairs]
    return found


def escape(text):
    plain = lambda c: " " <= c < "\x7f" and c != "\\"
    return "".join(c if plain(c) else "\\u{%x}" % ord(c) for c in text)


def main(count=400):
    pick = random.Random(7)
    refused = 0
    while count:
        kind, source = pick.choice(["config"] * 3 + ["credentials"]), text(pick)
        with tempfile.NamedTemporaryFile("w", newline="", encoding="utf-8") as file:
            file.write(source)
            file.flush()
            found = read(kind, file.name)
        refused += found is None
        if found is None and refused % 4:
            continue
        count -= 1
        print("\t".join(["case", kind, escape(source)]))
        for row in [("error",)] if found is None else found:
            print("\t".join(map(escape, row)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
