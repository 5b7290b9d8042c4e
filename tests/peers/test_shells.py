"""What `daypass env` prints, given to the shells it is for: every value comes back as
it went in, nothing is run on the way, and what competes is gone.

fish and zsh are the system's, or unpacked below target/peers; wine, for its cmd.exe, and
pwsh are the system's. Where one is missing its tests are skipped, and say so."""

import json
import shutil
import subprocess
import sys

import pytest
from lib import DAYPASS
from matrix import rows

DUMP = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"

# As a credentials file can hold them: no line feeds, no blanks at the ends.
HOSTILE = [
    "s$e c'r\"e`t\\;|&%PATH%!",
    "$(touch pwned)`touch pwned`${HOME}$HOME",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "ends with \\",
    "\\'\\\"\\\\$\\`\\n\\t\\x41\\u0041",
    "’; touch pwned; ‘‚‛",
    "~/x * ? [a-z] {a,b} #c !! ^h",
    "-n --help =x :y",
    "%s%d{{}}<>()",
    "Größe 日本語 😀",
    "two  blanks",
]
WANTED = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_REGION": "us-west-2"}
LEFT_OVER = {
    "AWS_PROFILE": "nobody",
    "AWS_DEFAULT_PROFILE": "nobody",
    "AWS_SECURITY_TOKEN": "old",
    "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/hub",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
}
GONE = [*LEFT_OVER, "AWS_SESSION_TOKEN"]


UNPACKED = rows.KITS / "shells" / "root"


def place(program):
    """Where a program is, and what it needs to find its libraries."""
    if found := shutil.which(program, path="/usr/bin:/bin"):
        return found, {}
    libraries = ":".join(map(str, UNPACKED.glob("usr/lib/*")))
    path = f"{UNPACKED}/usr/bin:{UNPACKED}/bin"
    return shutil.which(program, path=path), {"LD_LIBRARY_PATH": libraries}


def sh(program, *options):
    def run(text, home, path):
        script = f"{text}\n'{sys.executable}' -c \"{DUMP}\" '{path}'\n"
        found, libraries = place(program)
        return home.run(found, *options, stdin=script, env=LEFT_OVER | libraries)

    return run


def python(text, home, path):
    code = f"exec({text!r})\n{DUMP.replace('sys.argv[1]', repr(str(path)))}"
    return home.run(sys.executable, "-I", "-c", code, env=LEFT_OVER)


SHELLS = {
    "dash": ("sh", sh("dash")),
    "bash": ("sh", sh("bash", "--norc")),
    "bash as sh": ("sh", sh("bash", "--posix")),
    "zsh": ("sh", sh("zsh", "-f")),
    "fish": ("fish", sh("fish", "--no-config")),
    "pwsh": ("powershell", sh("pwsh", "-NoProfile", "-Command", "-")),
    "python3": ("python", python),
}


def need(program):
    if not place(program)[0]:
        pytest.skip(f"{program} is not installed: what is printed for it is not run")


@pytest.fixture
def hostile(new_home):
    def make(secret):
        home = new_home()
        home.write_config("[profile p]\nregion = us-west-2\n")
        return home.write_credentials(
            f"[p]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {secret}\n"
        )

    return make


def printed(home, *words):
    return home.daypass("env", *words, env=LEFT_OVER).ok().out


@pytest.mark.parametrize("shell", SHELLS)
def test_values_come_back_as_they_went_in(shell, hostile, tmp_path):
    need(shell.split()[0])
    form, run = SHELLS[shell]
    for secret in HOSTILE:
        home, path = hostile(secret), tmp_path / "seen.json"
        text = printed(home, "--profile", "p", "--format", form)
        done = run(text, home, path)
        assert done.code == 0, done
        assert (done.out, done.err) == ("", ""), secret
        seen = json.loads(path.read_text())
        assert seen["AWS_SECRET_ACCESS_KEY"] == secret
        assert {name: seen.get(name) for name in WANTED} == WANTED
        assert not [name for name in GONE if name in seen]
        assert not (home.path / "pwned").exists(), secret


@pytest.mark.parametrize("shell", SHELLS)
def test_unset_takes_everything_back(shell, hostile, tmp_path):
    need(shell.split()[0])
    form, run = SHELLS[shell]
    home = hostile("plain")
    text = printed(home, "--profile", "p", "--format", form)
    text += printed(home, "--unset", "--format", form)
    done = run(text, home, tmp_path / "seen.json")
    assert (done.code, done.err) == (0, ""), done
    seen = json.loads((tmp_path / "seen.json").read_text())
    ours = {name for name in seen if name.startswith(("AWS_", "DAYPASS_"))}
    # Those that lead to the sandbox are the caller's own.
    assert ours <= set(home.environment) - {"AWS_EC2_METADATA_DISABLED"}


def test_an_interactive_bash_takes_the_documented_line(hostile):
    """With history expansion, aliases and `set -u`, as people have them."""
    home = hostile(HOSTILE[0])
    load = f"set -u; eval \"$('{DAYPASS}' env --profile p)\""
    line = f"{load}; printf '<%s>\\n' \"$AWS_SECRET_ACCESS_KEY\""
    done = home.run("bash", "--norc", "-i", "-c", line)
    assert f"<{HOSTILE[0]}>" in done.out, done


class Cmd:
    """cmd.exe as wine has it; a person's machine has Microsoft's, which is not here."""

    def __init__(self, tmp_path):
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "WINEPREFIX": str(tmp_path / "wine"),
            "WINEDEBUG": "-all",
            "LANG": "C.UTF-8",
        }
        self.folder = tmp_path

    def run(self, lines):
        script = self.folder / "script.bat"
        script.write_bytes("".join(f"{line}\r\n" for line in ["@echo off", *lines]).encode())
        done = subprocess.run(
            ["wine", "cmd", "/c", "script.bat"],
            env=self.environment | {"AWS_PROFILE": "nobody"},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
        )
        return dict(
            line.split("=", 1)
            for line in done.stdout.decode().splitlines()
            if line.startswith(("AWS_", "DAYPASS_"))
        )

    def close(self):
        subprocess.run(["wineserver", "-k"], env=self.environment, capture_output=True)


@pytest.fixture
def cmd(tmp_path):
    need("wine")
    (tmp_path / "c").mkdir()
    shell = Cmd(tmp_path / "c")
    yield shell
    shell.close()


def test_cmd_exe_gets_back_what_it_can_be_given(cmd, hostile):
    for secret in ["abc/+=def", "two blanks; a, b=c", "'single' (round) [square] {curly} ~*?#@$`"]:
        home = hostile(secret)
        text = printed(home, "--profile", "p", "--format", "cmd")
        seen = cmd.run([*text.splitlines(), "set AWS_", "set DAYPASS_"])
        assert seen["AWS_SECRET_ACCESS_KEY"] == secret
        assert "AWS_PROFILE" not in seen
        undo = printed(home, "--unset", "--format", "cmd")
        assert not cmd.run([*text.splitlines(), *undo.splitlines(), "set AWS_", "set DAYPASS_"])


def test_what_cmd_exe_cannot_be_given_is_refused(hostile):
    for sign in "%\"^!&|<>":
        done = hostile(f"a{sign}b").daypass("env", "--profile", "p", "--format", "cmd")
        assert (done.code, done.out) == (1, ""), sign


def test_json_is_a_patch_for_an_environment(hostile):
    for secret in HOSTILE:
        patch = json.loads(printed(hostile(secret), "--profile", "p", "--format", "json"))
        assert patch["AWS_SECRET_ACCESS_KEY"] == secret
        assert patch["AWS_PROFILE"] is None
        assert {name: patch[name] for name in WANTED} == WANTED


def test_dotenv_is_refused_what_its_readers_disagree_on(hostile):
    for secret in HOSTILE:
        done = hostile(secret).daypass("env", "--profile", "p", "--format", "dotenv")
        assert (done.code, done.out) == (1, ""), secret
    text = printed(hostile("abc/+=def"), "--profile", "p", "--format", "dotenv")
    assert "AWS_SECRET_ACCESS_KEY=abc/+=def\n" in text
