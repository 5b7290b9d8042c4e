"""Conversations on a real pseudo-terminal, and what is left on its screen."""

import re
import termios

import pexpect
import pyte
from lib import AWS, DAYPASS, until

ROWS, COLUMNS = 60, 500
ENTER, DOWN, UP = "\r", "\x1b[B", "\x1b[A"

# The start of each prompt, up to where the current value stands.
NAME = "SSO session name"
URL = "SSO start URL ["
SSO_REGION = "SSO region ["
SCOPES = "SSO registration scopes ["
ACCOUNT = "AWS accounts available to you."
ROLE = "roles available to you."
REGION = "Default client Region ["
OUTPUT = "CLI default output format (json if not specified) ["
PROFILE = "Profile name ["


def pick(row):
    """The keys that choose a row of a menu."""
    return DOWN * row


def converse(home, program, words, answers, env=None):
    """Gives the answers to the prompts, in order; an answer may be one for each
    program. Returns the exit code and what
    a person sees at the end."""
    child = pexpect.spawn(
        {"aws": AWS, "daypass": DAYPASS}[program],
        list(words),
        env={**home.environment, **(env or {})},
        cwd=str(home.path),
        dimensions=(ROWS, COLUMNS),
        timeout=60,
        encoding="utf-8",
    )
    seen = []
    try:
        for prompt, answer in answers:
            answer = answer[program] if isinstance(answer, dict) else answer
            child.expect_exact(prompt)
            seen += [child.before, child.after]
            until(lambda: reads_keys(child), what=f"{program} reading keys at {prompt!r}")
            child.send(answer if answer.endswith("\x03") else answer + ENTER)
        child.expect(pexpect.EOF)
    except pexpect.ExceptionPexpect as trouble:
        text = screen("".join(seen) + (child.before if isinstance(child.before, str) else ""))
        raise AssertionError(f"{program} at {trouble.__class__.__name__}:\n{text}") from None
    finally:
        child.close(force=True)
    seen.append(child.before)
    code = child.exitstatus if child.signalstatus is None else -child.signalstatus
    return code, screen("".join(seen))


def reads_keys(child):
    """The program has taken the terminal out of its line mode."""
    local_flags = termios.tcgetattr(child.child_fd)[3]
    return not local_flags & termios.ICANON


def screen(stream):
    """The lines on the terminal after everything was drawn."""
    terminal = pyte.Screen(COLUMNS, ROWS)
    pyte.Stream(terminal).feed(stream)
    return "\n".join(line.rstrip() for line in terminal.display).strip("\n")


def words_of(text):
    """A screen without what differs from run to run, or by the program's name."""
    text = re.sub(r"^http\S+\?\S+$", "ADDRESS", text, flags=re.MULTILINE)
    text = re.sub(r"^[A-Z]{4}-[A-Z]{4}$", "CODE", text, flags=re.MULTILINE)
    return re.sub(r"^(aws|daypass) (?=sts|sso)", "TOOL ", text, flags=re.MULTILINE)
