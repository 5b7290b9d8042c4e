"""`shell-init` in interactive shells on a terminal: Tab completes, `use` switches, and
what was in the way comes back.

All are the system's: a shell that is merely unpacked has no editor for its line. Where one
is missing its tests are skipped, and say so."""

import json
import os
import shutil
import sys
from pathlib import Path

import pexpect
import pytest
from lib import DAYPASS, until
from talk import reads_keys

DUMP = "import json, os, sys; open(sys.argv[1] + '.new', 'w').write(json.dumps(dict(os.environ))); os.rename(sys.argv[1] + '.new', sys.argv[1])"

SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(daypass shell-init bash)"'),
    "zsh": (
        ["-f", "-i"],
        'autoload -Uz compinit; compinit -u -D; eval "$(daypass shell-init zsh)"',
    ),
    "fish": (["--no-config", "-i"], "daypass shell-init fish | source"),
    "pwsh": (
        ["-NoProfile", "-NoLogo"],
        "daypass shell-init powershell | Out-String | Invoke-Expression",
    ),
}

# A beginning, and the one profile that begins so.
PROFILES = {
    "disasters": "disasters-sso",
    "my": "my own",
    "it": "it's",
    "dol": "dol$HOME",
    "back": "back`tick",
    "at": "at@home:1=2",
}
HUB = {"AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/hub", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}


def quoted(name):
    return name if name.replace("-", "").isalnum() else f'"{name}"'


CONFIG = "".join(
    f"[profile {quoted(name)}]\nregion = us-west-2\n" for name in PROFILES.values()
)


class Living:
    """A shell on a terminal, and what its children see."""

    def __init__(self, shell, home):
        options, line = SHELLS[shell]
        program = shutil.which(shell, path="/usr/bin:/bin")
        self.folder, self.count = home.path, 0
        environment = home.environment | HUB
        environment |= {
            "PATH": f"{Path(DAYPASS).parent}:/usr/bin:/bin",
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
        }
        self.child = pexpect.spawn(
            program, options, env=environment, cwd=str(home.path),
            dimensions=(40, 160), timeout=30, encoding="utf-8",
        )  # fmt: skip
        # What nobody reads would stop the shell at a full pipe.
        self.child.delaybeforesend = None
        self.type(line)
        self.environment()

    def type(self, text, end="\r"):
        self.child.send(text + end)

    def press_tab(self):
        """Until the shell has drawn what comes of it."""
        self.child.send("\t")
        return self.drain()

    def drain(self):
        quiet, text = 0, ""
        while quiet < 5:
            try:
                text += self.child.read_nonblocking(65536, timeout=0.2)
                quiet = 0
            except pexpect.TIMEOUT:
                quiet += 1
        return text

    def environment(self):
        """What a child gets; asked for once the line before is done."""
        self.count += 1
        path = self.folder / f"seen{self.count}.json"
        self.type(f"{sys.executable} {self.folder}/dump.py {path}")
        self.drain()
        until(path.exists, what=f"a line typed into the shell: {self.child.before!r}")
        return json.loads(path.read_text())

    def close(self):
        self.child.close(force=True)


@pytest.fixture(params=SHELLS)
def shell(request, new_home):
    if not shutil.which(request.param, path="/usr/bin:/bin"):
        pytest.skip(f"{request.param} is not installed: nothing is typed into it")
    home = new_home()
    home.write_config(CONFIG)
    (home.path / "dump.py").write_text(DUMP)
    living = Living(request.param, home)
    yield living
    living.close()


def test_tab_finds_profiles_of_any_name(shell):
    for beginning, name in PROFILES.items():
        shell.type(f"daypass use {beginning}", end="")
        shell.press_tab()
        shell.type("")
        assert shell.environment().get("AWS_PROFILE") == name


def test_tab_finds_commands_options_and_files(shell, home):
    (shell.folder / "certificates.pem").write_text("")
    shell.type("daypass conf", end="")
    shell.press_tab()
    shell.type("list-prof", end="")
    shell.press_tab()
    shell.type("--no-verify", end="")
    shell.press_tab()
    shell.type("--ca-bundle certif", end="")
    shell.press_tab()
    shell.type("> profiles.txt")
    shell.environment()
    assert "my own" in (shell.folder / "profiles.txt").read_text()


def test_behind_exec_the_commands_own_words_are_completed(shell):
    (shell.folder / "certificates.pem").write_text("")
    shell.type("daypass exec --min-ttl 1h -- cat certif", end="")
    assert "icates.pem" in shell.press_tab()
    shell.child.send("\x03")
    shell.drain()
    assert "AWS_PROFILE" not in shell.environment()


def test_use_switches_goes_back_and_takes_everything_back(shell):
    shell.type("daypass use disasters-sso")
    shell.child.expect_exact("now using disasters-sso  (us-west-2)")
    shell.child.expect_exact("AWS_ROLE_ARN")
    seen = shell.environment()
    assert seen["AWS_PROFILE"] == "disasters-sso"
    assert not [name for name in HUB if name in seen]
    shell.type("daypass use at@home:1=2 --region eu-west-1")
    assert shell.environment()["AWS_REGION"] == "eu-west-1"
    shell.type("daypass use -")
    seen = shell.environment()
    assert seen["AWS_PROFILE"] == "disasters-sso"
    assert not [name for name in [*HUB, "AWS_REGION"] if name in seen]
    shell.type("daypass use --unset")
    seen = shell.environment()
    assert {name: seen.get(name) for name in HUB} == HUB
    assert not [name for name in seen if name.startswith("_daypass") or name == "AWS_PROFILE"]


def test_use_alone_lets_choose(shell):
    shell.type("daypass use")
    shell.child.expect_exact("Use which profile?")
    until(lambda: reads_keys(shell.child), what="the menu reading keys")
    shell.type("own")
    shell.drain()
    assert shell.environment()["AWS_PROFILE"] == "my own"


def test_what_cannot_be_used_changes_nothing(shell):
    before = shell.environment()
    shell.type("daypass use nobody")
    shell.type("daypass use --help")
    shell.type("daypass use")
    shell.child.expect_exact("Use which profile?")
    until(lambda: reads_keys(shell.child), what="the menu reading keys")
    shell.child.send("\x03")
    # What is typed while the menu still reads is the menu's.
    shell.drain()
    after = shell.environment()
    names = {name for name in before | after if "AWS" in name or "DAYPASS" in name}
    assert {name: before.get(name) for name in names} == {name: after.get(name) for name in names}


def test_other_commands_keep_their_output_and_their_code(shell):
    shell.type("daypass --version > version.txt; daypass nonsense 2> error.txt")
    shell.environment()
    assert (shell.folder / "version.txt").read_text().startswith("daypass ")
    assert "nonsense" in (shell.folder / "error.txt").read_text()


def test_names_of_ten_thousand_profiles_are_offered(new_home):
    home = new_home()
    home.write_config("".join(f"[profile p{n:05}]\nregion = us-west-2\n" for n in range(10_000)))
    words = ["complete", "fish", "--word=", "--", "daypass", "use"]
    lines = home.run(DAYPASS, *words).ok().out.splitlines()
    assert len(lines) == 10_000
    assert lines[4711] == "p04711\tus-west-2"
    line = "daypass --profile p0471"
    offered = home.run(DAYPASS, "complete", "bash", f"--line={line}", "--word=p0471").ok()
    assert offered.out.split() == [f"p0471{n}" for n in range(10)]
    assert os.listdir(home.path / ".aws") == ["config"]
