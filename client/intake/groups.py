"""Proposals to clean in groups, one field and one reason each, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from client.core.imports import PROPOSED
from client.intake.outcome import CheckOutcome
from forms.catalog.schema import Item

REASONS: Final = {
    "blanks": "去掉多余的空格和看不见的字符",
    "text_mark": "去掉前面表示“这是文字”的单引号",
    "line_breaks": "换行改为空格",
    "full_width": "全角改为半角",
    "identifier_form": "代码改为半角、大写、无空格",
    "look_alike": "形近的字符改正",
    "date_form": "日期写法统一",
    "date_to_text": "日期单元格按文字收",
    "time_dropped": "去掉时刻，只留日期",
    "unit": "按表头的单位换算",
    "amount_form": "金额换算为{unit}",
    "number_form": "数字写法统一",
    "code_form": "选项对应到代码",
    "check_slip": "抄错一位，由校验位推出（需您确认）",
}
"""Why a cell is cleaned, by the reason of a proposal."""


@dataclass(frozen=True, slots=True)
class Group:
    """Proposals to clean of one field for one reason; `kind` is what they are packed under."""

    kind: str
    field: str
    reason: str
    said: str
    count: int


def groups_of(outcome: CheckOutcome) -> list[Group]:
    """Group what is to be cleaned: what needs a yes first, then by fields in the order of the form."""
    places = {field.id: place for place, field in enumerate(outcome.item.fields)}
    groups = []
    for packed, count in outcome.changes.kinds().items():
        field, _, reason = packed.partition("/")
        groups.append(Group(packed, field, reason, reason_of(outcome.item, field, reason), count))
    return sorted(groups, key=lambda one: (one.reason not in PROPOSED, places[one.field], one.reason))


def reason_of(item: Item, field: str, reason: str) -> str:
    """Say why a cell is cleaned."""
    return REASONS[reason].format(unit=item.by_id[field].unit or "")
