"""Mutants of the platform: it forgets, it lets anybody, one bad record spoils the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from regional_platform import approvals as platform_approvals
from regional_platform.api import batches as routes
from regional_platform.pipeline import judge, receive
from regional_platform.problems import Refusal
from tests.faults.store import swapped
from tests.faults.twins import DOUBLES, RACES, mutant


@mutant("F6 lost answer, late duplicate", **DOUBLES)
def _platform_does_not_know_what_it_has_seen() -> Iterator[None]:
    rules = tuple(rule for rule in judge.RECORD_RULES if rule is not judge._seen_before)
    with (
        swapped(receive, "stored_answer", lambda *_: None),
        swapped(routes, "stored_answer", lambda *_: None),
        swapped(judge, "RECORD_RULES", rules),
    ):
        yield


def _line_without(*codes: str) -> Callable[..., Any]:
    """The rule of the line of versions, deaf to some of what it says."""
    whole = judge._line

    def line(one: Any, world: Any) -> Any:
        said = whole(one, world)
        code = "" if said is None else (said.problem or {}).get("type", "").rpartition(":")[2]
        return None if code in codes else said

    return line


@contextmanager
def _with_line(line: Callable[..., Any]) -> Iterator[None]:
    rules = tuple(line if rule is judge._line else rule for rule in judge.RECORD_RULES)
    with swapped(judge, "RECORD_RULES", rules):
        yield


@mutant("F13 two desks, one record", **RACES)
def _last_writer_wins() -> Iterator[None]:
    with _with_line(_line_without("stale", "withdrawn-already")):
        yield


@mutant("F13 two desks, one record", **RACES)
def _parent_order_ignored() -> Iterator[None]:
    with _with_line(_line_without("parent-unknown", "parent-rejected")):
        yield


@mutant("F17 poison", acts={"faulty": 40})
def _one_bad_record_fails_the_batch() -> Iterator[None]:
    whole = receive._judge_all

    def judge_all(*arguments: Any) -> Any:
        judged = whole(*arguments)
        if any(each.verdict.outcome == "rejected" for each in judged):
            raise Refusal("malformed")
        return judged

    with swapped(receive, "_judge_all", judge_all):
        yield


@mutant("F6 late duplicate", **DOUBLES)
def _a_replay_is_judged_and_signed_anew() -> Iterator[None]:
    whole = judge._seen_before

    def seen_before(one: Any, world: Any) -> Any:
        said = whole(one, world)
        return None if said is None or said.replay is None else judge.Verdict("accepted", foreign=True)

    rules = tuple(seen_before if rule is whole else rule for rule in judge.RECORD_RULES)
    with (
        swapped(receive, "stored_answer", lambda *_: None),
        swapped(routes, "stored_answer", lambda *_: None),
        swapped(judge, "RECORD_RULES", rules),
    ):
        yield


@mutant("a desk that was tampered with", acts={"forged_approval": 40})
def _the_platform_lets_the_maker_be_the_checker() -> Iterator[None]:
    whole = platform_approvals._refuse_hands

    def refuse_hands(maker: Any, checker: Any, said: Any) -> None:
        if maker.person != checker.person:
            whole(maker, checker, said)

    with swapped(platform_approvals, "_refuse_hands", refuse_hands):
        yield
