"""The command line of the desk: every act of the window, for scripts and for offices without one.

`main` is the entry point. Verbs load when they are called, so that no verb pays for another's
imports, and none but the window loads Qt. Exit codes: 0 fine, 1 problems found, 2 could not do it.
"""

from __future__ import annotations

from client.cli.verbs import main

__all__ = ["main"]
