"""Errors that a person is told about. A code, the parameters of its sentence, no sentence.

The sentences stand in `client/ui/messages.py` and `client/cli/messages.py` reads the same table.
An error that is not a ClientError is a bug of ours.
"""

from __future__ import annotations


class ClientError(Exception):
    """Something that a person can understand and act on.

    Attributes:
        code: lower_snake, stable; people quote it to support.
        params: what the sentence needs; never a secret, never an id number or a name of a person.
    """

    code = "client_error"

    def __init__(self, code: str | None = None, **params: str | int) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.params = params


class ProfileError(ClientError):
    """The profile (desk) cannot be used: missing, locked by another window, newer than we are."""

    code = "profile_unusable"


class UnlockError(ClientError):
    """Wrong passphrase, or half of the key is missing."""

    code = "unlock_failed"


class StoreError(ClientError):
    """The database said no for a reason outside the program: disk full, read-only, damaged."""

    code = "store_failed"


class NotAllowed(ClientError):
    """The act is not this operator's, or not possible in this state."""

    code = "not_allowed"


class FileRefused(ClientError):
    """A file from outside cannot be taken in; the code says why."""

    code = "file_refused"


class LinkError(ClientError):
    """The platform could not be reached, or what answered is not our platform."""

    code = "link_failed"


class PlatformRefusal(ClientError):
    """The platform answered, and said no."""

    code = "platform_refused"
