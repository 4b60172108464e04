"""The table of verbs, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from client import __version__
from client.cli.output import fail
from client.errors import ClientError

if TYPE_CHECKING:
    from client.intake.child import Reader

VERBS: Final = {
    "window": ("client.cli.window", "打开窗口（不写动词时也是这样）"),
    "enrol": ("client.cli.people", "向平台登记这台终端，建立本机档案"),
    "enrol-again": ("client.cli.people", "平台不认识这台终端时，用新的登记码重新登记"),
    "sign-in": ("client.cli.people", "操作员联网登录"),
    "operators": ("client.cli.people", "本机操作员：查看、添加、改口令"),
    "identify": ("client.cli.lookups", "校验代码、证件号、文书号、金额、日期"),
    "workdays": ("client.cli.lookups", "从某日起数工作日"),
    "calendar": ("client.cli.legal", "工作日历：列出、查看、读放假通知"),
    "rules": ("client.cli.legal", "办件期限的规则集：列出、查看"),
    "catalog": ("client.cli.catalogs", "目录：列出、查看、导出 JSON Schema"),
    "preview": ("client.cli.previews", "看看一个表格文件里有什么"),
    "check": ("client.cli.spreadsheets", "校验表格文件，不入库"),
    "import": ("client.cli.bring_in", "把表格文件导入为草稿"),
    "recipe": ("client.cli.recipes", "导入方案：列出、查看、导出、导入、删除"),
    "template": ("client.cli.templates", "生成事项的填报模板"),
    "records": ("client.cli.road", "列出本机记录"),
    "record-print": ("client.cli.papers", "把一条记录写成 PDF"),
    "export": ("client.cli.papers", "把一张清单写成 .xlsx、.csv 或 .pdf"),
    "letters": ("client.cli.letters", "文书：模板、机关代字、终端字母、空号、作废"),
    "submit": ("client.cli.road", "提交复核"),
    "approve": ("client.cli.road", "复核通过"),
    "return": ("client.cli.road", "复核退回"),
    "correct": ("client.cli.road", "更正已上报的记录"),
    "merge": ("client.cli.merging", "合并另一台终端先做的修改"),
    "withdraw": ("client.cli.road", "撤销已上报的记录"),
    "case": ("client.cli.cases", "办件：异议和信用修复"),
    "sync": ("client.cli.link", "与平台同步"),
    "status": ("client.cli.link", "报送状态"),
    "reconcile": ("client.cli.reconcile", "和平台对账"),
    "courier": ("client.cli.courier", "用 U 盘报送，读入回执包"),
    "network": ("client.cli.network", "代理、自动代理脚本、CA 证书；测试连接"),
    "restore": ("client.cli.restoring", "数据库丢失或损坏时，用备份恢复"),
    "verify": ("client.cli.proof", "核验回执和名单文件"),
    "doctor": ("client.cli.proof", "检查这台电脑"),
}
"""Verb → (module that defines it, what it does). The module has a click command of that name in COMMANDS."""


class Verbs(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """All verbs, in the order of the table."""
        return list(VERBS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import the module of one verb; None for an unknown one."""
        if name not in VERBS:
            return None
        command: click.Command = importlib.import_module(VERBS[name][0]).COMMANDS[name]
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("动词"):
            formatter.write_dl([(name, does) for name, (_, does) in VERBS.items()])


@click.command(cls=Verbs, name="minxin", invoke_without_command=True)
@click.version_option(__version__, prog_name="minxin")
@click.pass_context
def minxin(context: click.Context) -> None:
    """闽信通：公共信用信息填报与异议处理。不写动词就打开窗口。"""
    if context.invoked_subcommand is None:
        command = minxin.get_command(context, "window")
        if command is not None:
            context.invoke(command)


def main(arguments: Sequence[str], reader: Reader | None = None) -> None:
    """Run one verb and leave with its exit code; never a traceback for what is not our bug.

    Args:
        arguments: the verb and what follows it.
        reader: waits for a file, where the verb reads one.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = minxin.main(args=list(arguments), obj=reader, prog_name="minxin", standalone_mode=False)
    except ClientError as error:
        code = fail(error)
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("已停止。", err=True)
        code = 2
    except BrokenPipeError:
        sys.stderr.close()
        code = 2
    sys.exit(code if isinstance(code, int) else 0)
