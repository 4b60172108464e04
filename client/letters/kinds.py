"""Official letters (文书) of a case: which there are, when each is proposed, and what its template may say.

`docs/letters.md` says of every field whether a source attests it; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HEAD: Final = (
    "文书名称", "文号", "机构", "日期", "办件编号", "申请人", "申请人证件类型", "申请人证件号码", "代理人",
    "申请日期", "受理日期", "办件类型", "异议事由", "申请陈述", "收件机构", "提供单位", "信息主体", "记录",
    "联系人", "联系电话", "联系地址", "附注", "备注提示",
)  # fmt: skip
"""What every letter may say."""

RECORD: Final = ("序号", "信息主体", "主体代码", "事项", "文书号", "认定日期", "事由")
DISPUTE: Final = (
    "序号",
    "信息主体",
    "事项",
    "文书号",
    "数据项",
    "登记内容",
    "主张内容",
    "核查结论",
    "更正后内容",
)

LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "记录": RECORD,
    "争议项": DISPUTE,
    "材料": ("序号", "名称"),
    "补正内容": ("序号", "内容"),
    "救济途径": ("序号", "内容"),
}
"""Name of a list → what each of its rows has."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of letter.

    Attributes:
        code: as the command line has it.
        title: as it stands on paper.
        addressee: name of the field that it is addressed to.
        fields: what its template may say beside HEAD; lists too.
        frees: fields that a person writes or mends before it is issued; longer texts.
    """

    code: str
    title: str
    addressee: str
    fields: tuple[str, ...]
    frees: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every name that its template may say."""
        return frozenset({*HEAD, *self.fields, *self.frees})


_TIME: Final = ("办理期限", "期限说明", "依据", "救济途径")

_KINDS: Final = (
    Kind("acceptance", "受理通知书", "申请人", ("材料", "争议项", *_TIME), ("附注",)),
    Kind("refusal", "不予受理通知书", "申请人", ("材料", "依据", "救济途径"), ("不予受理理由", "附注")),
    Kind("supplement", "补正通知书", "申请人", ("材料", "补正内容", "补正期限", "依据"), ("附注",)),
    Kind(
        "inquiry", "协查函", "协查单位",
        ("争议项", "协查单位", "办理期限", "期限说明", "依据"), ("协查事项", "附注"),
    ),
    Kind("check", "核查通知", "提供单位", ("争议项", "办理期限", "期限说明", "依据"), ("核查要求", "附注")),
    Kind(
        "decision", "处理决定书", "申请人",
        ("争议项", "处理结果", "决定日期", "依据", "救济途径"), ("核查情况", "附注"),
    ),
    Kind(
        "result", "结果告知书", "申请人",
        ("争议项", "处理结果", "决定日期", "依据", "救济途径"), ("核查情况", "附注"),
    ),
    Kind(
        "repair_granted", "准予信用修复决定书", "申请人",
        ("修复类别", "公示日期", "履行日期", "决定日期", "依据", "救济途径"), ("核查情况", "附注"),
    ),
    Kind(
        "repair_refused", "不予信用修复决定书", "申请人",
        ("修复类别", "公示日期", "履行日期", "决定日期", "依据", "救济途径"), ("核查情况", "附注"),
    ),
    Kind("transfer", "移送函", "移送单位", ("争议项", "材料", "移送单位", "依据"), ("移送理由", "附注")),
)  # fmt: skip

KINDS: Final[Mapping[str, Kind]] = {kind.code: kind for kind in _KINDS}


def proposed(case_kind: str, stage: str, events: frozenset[str], outcome: str | None) -> tuple[str, ...]:
    """Return the codes of the letters that a case asks for now, the most likely first.

    Args:
        case_kind: objection or repair.
        stage: of the case.
        events: kinds of event that it has had.
        outcome: of a repair that is decided: granted or refused.
    """
    asked: list[str] = []
    if "decided" in events:
        if case_kind == "repair":
            asked.append("repair_refused" if outcome == "refused" else "repair_granted")
        else:
            asked += ["decision", "result"]
    if stage == "refused":
        asked.append("refusal")
    if "transferred" in events:
        asked.append("transfer")
    if stage in {"accepted", "suspended"}:
        asked += ["acceptance", "check", "inquiry"]
    if stage == "supplement":
        asked.append("supplement")
    if stage == "received":
        asked += ["acceptance", "supplement", "refusal"]
    return tuple(dict.fromkeys(asked))
