"""A package to the platform and back on a stick, for the demo: no line is used."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from client.core.packages import Packed, TakenIn
from client.demo.ground import Ground
from client.letters.slip import print_slip
from client.store.desk import Desk
from client.sync import courier


@dataclass(frozen=True, slots=True)
class Carried:
    """What went out, the check code that the platform showed for it, and what came home."""

    packed: Packed
    shown_code: str
    taken: TakenIn


def carry(desk: Desk, ground: Ground, stick: Path) -> Carried:
    """Write what is due onto a stick with its slip, let the platform read it, read its answer."""
    stick.mkdir(exist_ok=True)
    out, back = stick / "报送.mxp", stick / "回执.mxp"
    packed = courier.out(desk, out, progress=_silent, cancelled=_never)
    print_slip(desk, packed, stick / "交接单.pdf")
    shown = ground.take_in(out, back)["code"]
    entropy = random.SystemRandom().random
    taken = courier.take_in(desk, back, progress=_silent, cancelled=_never, entropy=entropy)
    return Carried(packed, shown, taken)


def _silent(_step: courier.Progress) -> None:
    """Nobody watches."""


def _never() -> bool:
    return False
