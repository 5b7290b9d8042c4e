"""How every driver is used: a line in, a line out, until there are no more. What
keeps its client from line to line keeps its credentials, and has to renew them."""

import sys


def answer(question):
    for _ in sys.stdin:
        print(question(), flush=True)
