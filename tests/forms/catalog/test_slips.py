"""One wrong character in a credit code: proposed only where nothing else explains it."""

from __future__ import annotations

import random

import pytest

from forms.catalog.codes import USCC_ALPHABET, orgcode_fault, uscc_fault
from forms.catalog.slips import LOOK_ALIKES, has_look_alikes, one_slip

ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def real_code(chance: random.Random) -> str:
    """A code whose subject part has a right check of its own, as most registers make them."""
    while True:
        body = "MA" + "".join(chance.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(6))
        rest = 11 - sum(w * ORG_ALPHABET.index(c) for w, c in zip(ORG_WEIGHTS, body, strict=True)) % 11
        part = "91350203" + body + "0123456789X0"[rest]
        total = sum(3**n % 31 * USCC_ALPHABET.index(c) for n, c in enumerate(part))
        code = part + USCC_ALPHABET[-total % 31]
        if not uscc_fault(code) and not orgcode_fault(code[8:17]):
            return code


def test_what_is_proposed_is_right_and_most_slips_in_the_subject_part_are_found():
    chance = random.Random(1)
    told = right = 0
    for _ in range(400):
        code = real_code(chance)
        place = chance.randrange(8, 16)
        other = chance.choice(USCC_ALPHABET.replace(code[place], ""))
        proposal = one_slip(code[:place] + other + code[place + 1 :])
        told += proposal is not None
        right += proposal == code
    assert right == told
    assert right > 100


def test_two_neighbours_that_changed_places_are_found_or_left_never_wrong():
    chance = random.Random(2)
    proposals = []
    for _ in range(400):
        code = real_code(chance)
        place = chance.randrange(8, 16)
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            proposals.append((one_slip(swapped), code))
    assert all(proposal in {None, code} for proposal, code in proposals)
    assert any(proposal == code for proposal, code in proposals)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("91350203MA000005L", id="too short"),
        pytest.param("91350203MAO0000051", id="a letter that no code has"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_has_not_the_shape_of_a_code_has_no_proposal(code: str):
    assert one_slip(code) is None


def test_a_right_code_is_not_changed():
    code = real_code(random.Random(3))
    assert one_slip(code) in {None, code}


def test_look_alikes_are_told_from_what_they_look_like():
    assert "".join(map(chr, LOOK_ALIKES)).translate(LOOK_ALIKES).isascii()
    assert has_look_alikes("МA00〇1")
    assert not has_look_alikes("MA0001 厦门")
