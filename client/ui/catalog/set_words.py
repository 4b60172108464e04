"""Every word of the view 版本与变化 of the page 目录."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TITLE: Final = "版本与变化"
KEYS: Final = "Ctrl+E"
WHICH: Final = "目录集"
IN_USE: Final = "在用"
LATER: Final = "未施行"
OLDER: Final = "旧"
SET: Final = "{name}（{state}）"
LINE: Final = "{title} · {date} 起用 · {signed} · 与 {old} 相比 {n:,} 处变化"
FIRST: Final = "{title} · {date} 起用 · {signed} · 这是最早的一套，没有可比的"
SIGNED: Final = "{by} 签发，至 {until}"
UNSIGNED: Final = "没有签名"
INSTALL: Final = "安装目录集"
FROM_FOLDER: Final = "从文件夹…"
FROM_ZIP: Final = "从 .zip 包…"
ZIP: Final = "目录集 (*.zip)"
INSTALLED: Final = "目录集 {name} 已装好，{when}。草稿没有动，看过影响再迁移。"
NOW: Final = "现在用的就是它"
THEN: Final = "{date} 起用"
ALL_KINDS: Final = "全部变化 {n:,}"
KIND: Final = "{word} {n:,}"
FILTER: Final = "只看哪种变化"
CHANGES: Final = "变化"
CHANGE_COLUMNS: Final = ("种类", "事项", "变化和影响")
KINDS: Final[Mapping[str, str]] = {
    "item_added": "新增事项", "item_removed": "停用事项", "field_added": "新增数据项",
    "field_removed": "取消数据项",
    "field_renamed": "改标识", "field_retitled": "改名称", "field_split": "拆分", "type_changed": "改类型",
    "unit_changed": "改单位", "widened": "放宽", "narrowed": "收紧", "made_required": "改为必填",
    "made_optional": "改为选填", "rule_added": "新增规则", "rule_removed": "取消规则",
    "code_added": "新增代码",
    "code_retired": "停用代码", "code_renamed": "代码更名", "code_split": "代码拆分",
}  # fmt: skip
DRAFTS: Final = "对草稿的影响"
GROUP: Final = "哪一组草稿"
GROUPS: Final[Mapping[str, str]] = {
    "needs_person": "需要人工 {n:,}", "moves": "自动迁移 {n:,}", "untouched": "内容不变 {n:,}",
}  # fmt: skip
DRAFT_COLUMNS: Final = ("行政相对人", "文书号", "事项")
UNNAMED: Final = "（还没有名称）"
LOOKING: Final = "正在看草稿…"
NONE: Final = "没有要迁移的草稿。"
GONE: Final = "另有 {n:,} 条草稿的事项在 {to} 里没有，留在原目录。"
SHOWN: Final = "下面列出前 {n:,} 条。"
SELF: Final = "内容不变，只换目录集。"
MOVE: Final = "迁移 {n:,} 条"
MOVE_ONE: Final = "这条也迁移并去填"
OPEN: Final = "打开草稿"
UNDO: Final = "撤销迁移（{n:,} 条）"
STOP: Final = "停止"
NOT_NOW: Final = "{to} 还没有施行，施行后再迁移。"
MOVED: Final = "已迁移 {n:,} 条草稿到 {to}。"
LEFT: Final = "还有 {n:,} 条需要人工。"
BACK: Final = "已撤销，{n:,} 条草稿回到原目录。"
NOT_BACK: Final = "{n:,} 条已提交或改走，没有动。"
TAB: Final = "变化 {n}"
SINCE: Final = "与 {old} 相比："
SAME: Final = "与 {old} 相比没有变化。"
