"""How names sound, from a process of its own."""

from __future__ import annotations

from client.intake.sounding import initials_of


def test_names_are_told_by_their_first_letters():
    assert initials_of(["行政相对人名称", "A类"]) == {"行政相对人名称": "xzxdrmc", "A类": "Al"}
