"""Sign a catalog set anew: its files listed again, every one verified, the list signed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from forms.catalog.loader import verify_set
from forms.catalog.sealing import HEAD, KEYS, SIGNATURE, list_set, sign_set
from forms.seal.keys import SigningKey, from_text, to_text

LISTED = ("sources", "code_sets", "items")
"""Keys of `set.json` that are made from the files; the rest is kept."""


def own_key(path: Path) -> SigningKey:
    """Read a private key; make one, readable by its owner only, where the file is missing."""
    if path.exists():
        return SigningKey(from_text(path.read_text(encoding="ascii").strip()))
    key = SigningKey.generate()
    path.touch(mode=0o600)
    path.write_text(to_text(key.raw) + "\n", encoding="ascii")
    return key


def sign_again(
    directory: Path, key: SigningKey, *, signed_by: str, signed_on: date, until: date, trust: bool
) -> dict[str, str]:
    """List the files of a set anew, verify them all and sign the list.

    Args:
        directory: of the set.
        key: of whoever stands for it.
        signed_by: their name.
        signed_on: today.
        until: last day on which new records should be made in the set.
        trust: put the public key into `keys.json` beside the set.

    Returns:
        The content of `set.sig`.

    Raises:
        CatalogError: a file is not sound; the set is left as it was.
        OSError: it cannot be read or written.
    """
    before = {
        name: (directory / name).read_bytes() for name in (HEAD, SIGNATURE) if (directory / name).exists()
    }
    head = {name: value for name, value in json.loads(before[HEAD]).items() if name not in LISTED}
    listed = list_set(directory, head)
    signed = False
    try:
        (directory / SIGNATURE).unlink(missing_ok=True)
        _write(directory / HEAD, listed)
        verify_set(directory, signed=False)
        signature = sign_set(listed, key, signed_by=signed_by, signed_on=signed_on, until=until)
        _write(directory / SIGNATURE, signature)
        signed = True
    finally:
        if not signed:
            for name, content in before.items():
                (directory / name).write_bytes(content)
    if trust:
        _trust(directory.parent / KEYS, key.public, signed_by)
    return signature


def _trust(path: Path, public: str, name: str) -> None:
    keys = json.loads(path.read_text(encoding="utf-8"))["keys"] if path.exists() else []
    if public not in {one["key"] for one in keys}:
        keys.append({"key": public, "name": name})
    _write(path, {"keys": keys})


def _write(path: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
