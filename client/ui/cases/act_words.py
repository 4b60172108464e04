"""Words of what is done with a case: its acts, what each asks, what each means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

InputKind = Literal["text", "line", "items", "days", "day", "choice", "files"]


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that an act asks.

    Attributes:
        name: as `data` of the event has it.
        kind: what it is written into; the entries of a ``choice`` come with the case.
        hint: what stands in it while it is empty.
        needed: the act cannot do without it.
    """

    name: str
    kind: InputKind
    title: str
    hint: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    Attributes:
        word: on its button and in the menu.
        note: what it means, said before it is done.
        done: what is said once it was done.
    """

    word: str
    note: str
    inputs: tuple[Input, ...] = ()
    done: str = "已记下，联网后送到平台。"


ACTS: Final[dict[str, Act]] = {
    "accepted": Act("受理", "受理后，这些记录对所有查询者标注“异议中”，期限从今天起算。"),
    "supplement_asked": Act(
        "要求补正", "只能要求一次，请把要补的一次说全。申请人补齐之前不计期限。",
        (
            Input("items", "items", "要补的材料", "一行一项，例如：加盖公章的授权委托书"),
            Input("until", "day", "补正截止", needed=False),
        ),
    ),
    "supplemented": Act(
        "补正已交", "申请人补齐了材料，期限从今天起算。",
        (
            Input("items", "items", "交来的材料", "一行一项"),
            Input("evidence", "files", "扫描件", needed=False),
        ),
    ),
    "refused": Act(
        "不予受理", "办件到此结束，要把理由和救济途径书面告知申请人。",
        (
            Input("code", "choice", "理由"),
            Input("text", "text", "说明", "写给申请人：为什么不受理，可以怎么办"),
        ),
    ),
    "assigned": Act(
        "分派", "交给一位异议处理员承办；选“不指定”放回公共队列。",
        (Input("operator_id", "choice", "承办人"),),
    ),
    "extended": Act(
        "延长期限", "只有规则允许、有权的人批准，才能延长。",
        (
            Input("clock", "choice", "哪个期限"),
            Input("days", "days", "延长天数"),
            Input("by", "line", "批准人", "姓名和职务"),
            Input("reason", "text", "理由"),
        ),
    ),
    "suspended": Act(
        "中止（送鉴定）", "送检验、检测、检疫、鉴定或专家评审的时间，规则允许的不计入期限。",
        (
            Input("examiner", "line", "鉴定机构", "名称"),
            Input("reason", "text", "理由"),
        ),
    ),
    "resumed": Act("恢复办理", "鉴定结果已到，期限接着计算。"),
    "transferred": Act(
        "移送别的机构", "不是本单位提供的记录，移送给提供它的机构，并告知申请人。移送后由对方办理。",
        (
            Input("to_unit", "line", "移送给", "机构代码，例如 350500-SJ"),
            Input("reason", "text", "理由", "为什么不归本单位，依据是什么"),
        ),
    ),
    "told": Act(
        "已告知申请人", "记下什么时候、用什么方式把结果告知了申请人。",
        (
            Input("how", "choice", "告知方式"),
            Input("document", "line", "文书编号", "例如 结告〔2026〕A-3", needed=False),
        ),
    ),
    "withdrawn": Act(
        "申请人撤回", "申请人不再要求处理，办件到此结束，标注取消。",
        (Input("text", "text", "撤回说明", "谁、什么时候、怎样提出撤回"),),
    ),
}  # fmt: skip
"""By the kind of the event that it makes. The order is that of the menu."""

FIRST: Final[dict[str, tuple[str, ...]]] = {
    "received": ("accepted", "supplement_asked", "refused"),
    "supplement": ("supplemented",),
    "accepted": ("transferred",),
    "suspended": ("resumed",),
    "decided": ("told",),
    "refused": ("told",),
}
"""Acts that stand as buttons in a stage; the rest is in the menu."""

REFUSALS: Final[dict[str, str]] = {
    "not_an_objection": "不是对信用信息本身的异议（对处罚不服的，请走复议或诉讼）",
    "not_entitled": "申请人不是信息主体，也没有授权",
    "not_supplemented": "逾期没有补正",
    "already_handled": "同一事项已经处理，没有新的理由和材料",
    "not_held": "没有这条记录，或已经撤销",
    "too_early": "未满最短公示期，暂不能修复",
    "other": "其他",
}
"""Codes of refusing to accept. Ours: no instrument that we read lists them."""

HOW: Final[dict[str, str]] = {
    "in_person": "当面送达", "post": "邮寄", "phone": "电话", "message": "短信或电子邮件",
    "online": "网上公告或平台消息",
}  # fmt: skip

EXTENSION: Final = "{title}（至多 {most}{unit}，{by}批准）"
NO_DAY: Final = "不限"
MENU: Final = "办理"
NOBODY: Final = "不指定（放回公共队列）"
CHOOSE: Final = "请选择"
CANCEL: Final = "取消"
MISSING: Final = "请填写“{title}”。"
NOT_NOW: Final = "现在没有可以办的步骤。"
NO_CHOICE: Final = "现在没有可选的。"
CHANGED: Final = "你打开以后，办件有了变化（见办理经过）。写的都还在；看过最新情况，再按一次。"
UNSENT_NOTE: Final = "（还没有送到平台）"
