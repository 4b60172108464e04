"""The keyring: a real one where the desktop's daemon is installed, and every kind that is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TREE = Path(__file__).parents[2]

ASK = """
import json
from client import credentials
stored = credentials.store_half("profile", "op-1")
print(json.dumps({
    "name": credentials.backend_name(),
    "stored": stored.hex() if stored else None,
    "fetched": (credentials.fetch_half("profile", "op-1") or b"").hex() or None,
    "other": (credentials.fetch_half("profile", "op-2") or b"").hex() or None,
}))
"""

FORGET = """
import json
from client import credentials
kept = credentials.store_half("profile", "op-1")
credentials.forget_half("profile", "op-1")
credentials.forget_half("profile", "op-1")
print(json.dumps({"kept": bool(kept), "after": credentials.fetch_half("profile", "op-1")}))
"""

WORD = """
import json
from client import credentials
kept = credentials.keep_word("proxy/lin@10.1.2.3:8080", "geheim 27")
fetched = credentials.fetch_word("proxy/lin@10.1.2.3:8080")
credentials.keep_word("proxy/lin@10.1.2.3:8080", "")
after = credentials.fetch_word("proxy/lin@10.1.2.3:8080")
print(json.dumps({"kept": kept, "fetched": fetched, "after": after}))
"""

# Keyrings that one might meet, as modules on the path of the child.
BACKENDS = '''
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError


class Memory(KeyringBackend):
    """Keeps what it is given; priority as the class says."""

    priority = 5
    kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not there")
        del self.kept[service, username]


class Lukewarm(Memory):
    priority = 0.5


class PlaintextKeyring(Memory):
    pass


class Forgetful(Memory):
    def set_password(self, service, username, password):
        pass


class Liar(Memory):
    def get_password(self, service, username):
        return "c29tZXRoaW5nIGVsc2U="


class Clinging(Memory):
    def delete_password(self, service, username):
        pass


class Locked(Memory):
    def get_password(self, service, username):
        raise KeyringLocked("prompt dismissed")

    def set_password(self, service, username, password):
        raise KeyringLocked("prompt dismissed")


class Full(Memory):
    def set_password(self, service, username, password):
        raise PasswordSetError("no room")


class Unwell(Memory):
    @property
    def priority(self):
        raise RuntimeError("no bus")
'''


def asked(code: str, folder: Path, *, wrapper: tuple[str, ...] = (), **environment: str) -> Any:
    """Run code against a keyring in a process of its own; its standard error has to be silent."""
    (folder / "some_keyrings.py").write_text(BACKENDS, "utf-8")
    known = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [*wrapper, sys.executable, "-c", code],
        cwd=TREE, env=known | {"PYTHONPATH": str(folder)} | environment,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_keyring_that_keeps_secrets_is_used_and_read_back(tmp_path: Path):
    said = asked(ASK, tmp_path, PYTHON_KEYRING_BACKEND="some_keyrings.Memory")

    assert said["name"] == "some keyrings Memory"
    assert len(said["stored"]) == 64
    assert said["fetched"] == said["stored"]
    assert said["other"] is None


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.fail.Keyring",
        "keyring.backends.null.Keyring",
        "some_keyrings.Lukewarm",
        "some_keyrings.PlaintextKeyring",
        "some_keyrings.Forgetful",
        "some_keyrings.Liar",
        "some_keyrings.Clinging",
        "some_keyrings.Locked",
        "some_keyrings.Full",
        "some_keyrings.Unwell",
        "no.such.Keyring",
        "keyring.backends.NoSuchKeyring",
    ],
)
def test_a_keyring_that_cannot_be_trusted_is_as_good_as_none(tmp_path: Path, backend: str):
    said = asked(ASK, tmp_path, PYTHON_KEYRING_BACKEND=backend)

    assert said == {"name": "", "stored": None, "fetched": None, "other": None}


def test_without_a_desktop_there_is_no_keyring(tmp_path: Path):
    said = asked(ASK, tmp_path)

    assert said["stored"] is None or sys.platform in {"win32", "darwin"}


def test_a_half_can_be_forgotten_and_forgetting_twice_is_nothing(tmp_path: Path):
    said = asked(FORGET, tmp_path, PYTHON_KEYRING_BACKEND="some_keyrings.Memory")

    assert said == {"kept": True, "after": None}


DESKTOP = 'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"'


def desktop_keyring() -> tuple[str, ...]:
    """The command before a command that runs it within a session with an unlocked keyring; or none."""
    if shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon"):
        return ("dbus-run-session", "--", "bash", "-c", DESKTOP, "bash")
    return ()


def test_the_keyring_of_the_desktop_keeps_the_half(tmp_path: Path):
    """Where gnome-keyring is installed the round trip is real; elsewhere the answer is: none."""
    wrapper = desktop_keyring()

    said = asked(ASK, tmp_path, wrapper=wrapper, HOME=str(tmp_path), XDG_RUNTIME_DIR=str(tmp_path))

    if wrapper:
        assert said["name"]
        assert len(said["stored"]) == 64
    assert said["fetched"] == said["stored"]
    assert said["other"] is None


def test_the_password_of_a_proxy_is_kept_fetched_and_forgotten(tmp_path: Path):
    said = asked(WORD, tmp_path, PYTHON_KEYRING_BACKEND="some_keyrings.Memory")

    assert said == {"kept": True, "fetched": "geheim 27", "after": ""}


@pytest.mark.parametrize("backend", ["some_keyrings.Locked", "some_keyrings.Full"])
def test_without_a_keyring_that_keeps_it_the_password_of_a_proxy_is_not_kept(tmp_path: Path, backend: str):
    said = asked(WORD, tmp_path, PYTHON_KEYRING_BACKEND=backend)

    assert said == {"kept": False, "fetched": "", "after": ""}
