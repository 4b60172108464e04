"""`python -m client.demo`: what `run.py demo` runs."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path

import click

from client.cli.output import fail
from client.demo.ground import Ground, GroundFailed, seconds
from client.demo.hall import HallRefused
from client.demo.road import UNIT, Road, StepFailed
from client.errors import ClientError


@click.command()
@click.option("--headless", is_flag=True, help="不开窗口，走完全程并打印数字")
@click.option(
    "--shots", type=click.Path(file_okay=False, path_type=Path), default=None, help="把每一页存成 PNG"
)
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), default=None, help="演示的文件留在这里"
)
def demo(*, headless: bool, shots: Path | None, keep: Path | None) -> None:
    """演示：一个真的平台、一台终端、一份处罚台账、一件异议。"""
    if not headless and shots is None and not has_display():
        click.echo("没有显示器，改走 --headless。")
        headless = True
    with tempfile.TemporaryDirectory(prefix="minxin-demo-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with Ground(folder) as ground:
                show(ground, folder, headless=headless, shots=shots)
        except (StepFailed, GroundFailed, HallRefused) as error:
            click.echo(f"演示没有走通：{error}", err=True)
            sys.exit(1)
        except ClientError as error:
            fail(error)
            sys.exit(1)


def show(ground: Ground, folder: Path, *, headless: bool, shots: Path | None) -> None:
    """Walk the road, with pictures or without, or open the window for a person to walk it."""
    click.echo(f"平台：{ground.url}，{len(ground.units)} 个机构，{len(ground.subjects)} 个主体。")
    road = Road(ground, folder, click.echo)
    if headless and shots is None:
        print_figures(road.run())
        return
    # Qt is loaded only where a window is wanted.
    window = importlib.import_module("client.demo.window")
    if shots is not None:
        print_figures(window.take_shots(road, shots))
        return
    print_people(ground)
    sys.exit(window.open_for_a_person(road))


def print_people(ground: Ground) -> None:
    """Print who there is, with passphrases and the one-time codes of this moment."""
    unit = ground.units[UNIT]
    click.echo(f"终端属于 {unit.name}。登记码已用；操作员：")
    for person in unit.people:
        click.echo(
            f"  {person.name}（{person.role}）本机口令 {person.passphrase}"
            f"　平台密码 {person.password}　动态码 {person.totp(seconds())}"
        )


def print_figures(figures: dict[str, int]) -> None:
    """Print the figures and the sum that must hold."""
    click.echo("　".join(f"{name} {count}" for name, count in figures.items()))
    parts = ("stored", "rejected", "unmatched", "held", "unknown")
    click.echo(f"sent {figures['sent']} = " + " + ".join(f"{name} {figures[name]}" for name in parts))


def has_display() -> bool:
    """Say whether a window can be shown here."""
    return sys.platform in {"win32", "darwin"} or any(
        os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY")
    )


if __name__ == "__main__":
    demo()
