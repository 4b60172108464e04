"""The verb case (办件): objections and repairs. Its own verbs load when they are called."""

from __future__ import annotations

import importlib
from typing import Final

import click

CASE_VERBS: Final = {
    "list": ("client.cli.case_reading", "列出办件，最急的在前"),
    "show": ("client.cli.case_reading", "看一件：记录、申请、经过、期限、能办的下一步"),
    "next": ("client.cli.case_reading", "下一件该办的"),
    "figures": ("client.cli.case_reading", "统计：收、结、按期、超期、理由、事项、数据项、中位天数"),
    "find": ("client.cli.case_leasing", "大厅：一个主体在平台上的记录"),
    "register": ("client.cli.case_register", "登记异议或修复申请，没有网也可以"),
    "accept": ("client.cli.case_saying", "受理"),
    "refuse": ("client.cli.case_saying", "不予受理"),
    "ask-supplement": ("client.cli.case_saying", "一次告知补正"),
    "supplemented": ("client.cli.case_saying", "补正材料收到"),
    "assign": ("client.cli.case_saying", "分派承办人"),
    "extend": ("client.cli.case_saying", "延长期限"),
    "suspend": ("client.cli.case_saying", "鉴定、评审期间暂停"),
    "resume": ("client.cli.case_saying", "恢复办理"),
    "told": ("client.cli.case_saying", "已告知申请人"),
    "withdrawn": ("client.cli.case_saying", "申请人撤回"),
    "transfer": ("client.cli.case_saying", "移送别的单位"),
    "waive": ("client.cli.case_saying", "免除等待某个单位确认"),
    "again": ("client.cli.case_saying", "被平台退回的一步，按最新情况再办"),
    "dismiss": ("client.cli.case_saying", "被平台退回的一步，看过不办了"),
    "take-back": ("client.cli.case_saying", "取回还没有送出的一步"),
    "letter": ("client.cli.case_letter", "出一份文书：草稿，或编号签发"),
    "export": ("client.cli.case_proof", "导出异议处理档案，verify 可以核验"),
    "take": ("client.cli.case_leasing", "锁定半小时"),
    "release": ("client.cli.case_leasing", "放开锁定"),
    "decide": ("client.cli.case_deciding", "写处理决定"),
    "submit": ("client.cli.case_deciding", "把处理决定提交复核"),
}
"""Verb → (module that defines it, what it does). The module has a click command of that name in COMMANDS."""


class CaseVerbs(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """All verbs, in the order of the table."""
        return list(CASE_VERBS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import the module of one verb; None for an unknown one."""
        if name not in CASE_VERBS:
            return None
        command: click.Command = importlib.import_module(CASE_VERBS[name][0]).COMMANDS[name]
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("动词"):
            formatter.write_dl([(name, does) for name, (_, does) in CASE_VERBS.items()])


@click.command("case", cls=CaseVerbs)
def case() -> None:
    """办件：异议和信用修复。"""


COMMANDS = {"case": case}
