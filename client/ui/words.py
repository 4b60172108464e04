"""Words of states and of claims, for the window and the command line alike. No Qt."""

from __future__ import annotations

from client.core.words import CLAIMS, STATE_WORDS

__all__ = ["CLAIMS", "STATE_WORDS"]
