"""What a letter says, by the names of its template: from a case and what the desk knows beside it. Pure.

A name without a value is an empty text, so that a template can ask for it; a number of a person is masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from client.core.masking import shown
from client.core.times import day_in_shanghai, from_text
from client.errors import NotAllowed
from client.letters.kinds import KINDS, Kind
from forms.catalog.masking import masked
from forms.catalog.schema import Field, Item
from forms.law import words
from forms.law.clocks import Due, next_due
from forms.law.codes import Words
from forms.law.rulesets import RuleSet

NUMBER_LATER: Final = "（签发时编号）"
UNCONFIRMED: Final = f"办理期限规则{words.UNCONFIRMED}，以有关规定为准。"
FINDINGS: Final = {
    "stands": "维持", "correct_to": "更正", "supplement": "补充", "delete": "删除", "not_ours": "不属本单位",
}  # fmt: skip
UPHELD: Final = "申请成立，对下列登记信息予以处理。"
PARTLY: Final = "申请部分成立，对下列登记信息分别处理。"
NOT_UPHELD: Final = "登记信息无误，维持原登记内容，取消异议标注。"
CHECK_WANTED: Final = "请对照原始材料逐项核查，提出维持、更正、补充或删除的意见，并附证明材料。"
INQUIRY_WANTED: Final = "请协助核实上列信息与原始材料是否一致。"


@dataclass(frozen=True, slots=True)
class Office:
    """Who writes.

    Attributes:
        names: code of a unit → its name, as far as the desk knows it.
    """

    unit: str
    operator: str
    phone: str = ""
    address: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the case.

    Attributes:
        item_of: the item of ``CODE@SET``; raises NotAllowed for one that this program does not have.
        rule_set: that is followed; None where none is.
        is_confirmed: somebody confirmed it for this place.
        dues: how its clocks stand.
        codes: words of reasons and materials.
        id_kinds: code of a kind of certificate → its name.
        decision: what was decided, or what the handler has written of it so far.
    """

    item_of: Callable[[str], Item]
    codes: Words
    rule_set: RuleSet | None = None
    is_confirmed: bool = False
    dues: Sequence[Due] = ()
    id_kinds: Mapping[str, str] = field(default_factory=dict)
    decision: Mapping[str, Any] | None = None


def letter_values(
    case: Mapping[str, Any], kind: str, *, known: Known, office: Office, number: str, on: date,
    frees: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return every name that the template of a kind may say.

    Args:
        case: as the platform tells it.
        kind: code of the letter.
        known: what the desk knows beside it.
        office: who writes.
        number: of the document; empty while it is a draft.
        on: the legal day that it bears.
        frees: texts that a person wrote; those missing are proposed.
    """
    letter = KINDS[kind]
    events = [one for one in case.get("events", []) if isinstance(one, Mapping)]
    said: dict[str, Any] = dict.fromkeys(letter.names, "")
    said |= {
        "文书名称": letter.title, "文号": number or NUMBER_LATER, "机构": office.unit,
        "日期": words.day_words(on),
        "办件编号": case["case_id"], "办件类型": words.KINDS.get(case["kind"], ""),
        "申请陈述": _sentence(case.get("statement", "")), "收件机构": _named(office, case.get("hall_unit")),
        "提供单位": _named(office, case.get("unit")), "联系人": office.operator, "联系电话": office.phone,
        "联系地址": office.address, **_applicant(case, known), **_days(case, events),
    }  # fmt: skip
    records = [_record(place, one, known) for place, one in enumerate(case["records"], start=1)]
    said["记录"] = records
    said["信息主体"] = _joined(one["信息主体"] for one in records)
    said["异议事由"] = _joined(one["事由"] for one in records)
    more: Mapping[str, Callable[[], Any]] = {
        "争议项": lambda: _disputes(case, known), "材料": lambda: _materials(case, known),
        "补正内容": lambda: _numbered(_of(events, "supplement_asked").get("items", ())),
        "补正期限": lambda: _day(_of(events, "supplement_asked").get("until")),
        "救济途径": lambda: _numbered(known.rule_set.remedies if known.rule_set else ()),
        "依据": lambda: _basis(known), "处理结果": lambda: _outcome(case, known),
        "移送单位": lambda: _named(office, _of(events, "transferred").get("to_unit")),
        "协查单位": lambda: _named(office, case.get("unit")),
    }  # fmt: skip
    said |= {name: make() for name, make in more.items() if name in letter.names}
    said |= {name: text for name, text in (_time(known) | _repair(case)).items() if name in letter.names}
    if known.rule_set is not None and not known.is_confirmed and said.get("办理期限"):
        said["备注提示"] = UNCONFIRMED
    said |= {name: (frees or {}).get(name, text) for name, text in free_texts(case, letter, known).items()}
    return {name: value for name, value in said.items() if name in letter.names}


def free_texts(case: Mapping[str, Any], letter: Kind, known: Known) -> dict[str, str]:
    """Return what is proposed for the texts that a person writes."""
    events = [one for one in case.get("events", []) if isinstance(one, Mapping)]
    proposals = {
        "核查情况": _sentence((known.decision or {}).get("text", "")),
        "不予受理理由": _sentence(_of(events, "refused").get("text", "")),
        "移送理由": _sentence(_of(events, "transferred").get("reason", "")),
        "核查要求": CHECK_WANTED,
        "协查事项": INQUIRY_WANTED,
    }
    return {name: proposals.get(name, "") for name in letter.frees}


def _applicant(case: Mapping[str, Any], known: Known) -> dict[str, str]:
    who, agent = case["applicant"], case.get("agent") or {}
    number = str(who.get("id_number", ""))
    return {
        "申请人": str(who.get("name", "")),
        "申请人证件类型": known.id_kinds.get(str(who.get("id_kind", "")), "证件号码"),
        "申请人证件号码": masked(number, "id_number"),
        "代理人": str(agent.get("name", "")),
    }


def _days(case: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    taken_in = case.get("taken_in_at") or case.get("opened_at")
    received = _on(events, "received") or (
        day_in_shanghai(from_text(taken_in)).isoformat() if isinstance(taken_in, str) else None
    )
    return {
        "申请日期": _day(received),
        "受理日期": _day(_on(events, "accepted")),
        "决定日期": _day(_on(events, "decided")),
    }


def _record(place: int, record: Mapping[str, Any], known: Known) -> dict[str, str]:
    code = str(record.get("reason_code", ""))
    word = known.codes.reasons.get(code)
    return {"序号": str(place), "事由": word.title if word else code, **_identity(record, known)}


def _identity(record: Mapping[str, Any], known: Known) -> dict[str, str]:
    """Return what tells a record from others; from its snapshot."""
    item, values = _item(record, known), record.get("payload") or {}
    names = {
        "信息主体": item.subject_name if item else "", "主体代码": item.subject_code if item else "",
        "文书号": item.doc_no if item else "", "认定日期": item.act_on if item else "",
    }  # fmt: skip
    told = {
        word: shown(item.by_id[name], values) if item and name in item.by_id else ""
        for word, name in names.items()
    }
    return told | {"事项": item.name if item else str(record.get("catalog", ""))}


def _item(record: Mapping[str, Any], known: Known) -> Item | None:
    try:
        return known.item_of(str(record.get("catalog", "")))
    except NotAllowed:
        return None


def _disputes(case: Mapping[str, Any], known: Known) -> list[dict[str, str]]:
    found = {
        (one.get("record_id"), one.get("field")): one for one in (known.decision or {}).get("disputes", ())
    }
    rows: list[dict[str, str]] = []
    for record in case["records"]:
        item, who = _item(record, known), _identity(record, known)
        for dispute in record.get("disputes", ()):
            name = str(dispute["field"])
            field_ = item.by_id.get(name) if item else None
            finding = found.get((record["record_id"], name), {})
            rows.append(
                {
                    "序号": str(len(rows) + 1), "信息主体": who["信息主体"], "事项": who["事项"],
                    "文书号": who["文书号"],
                    "数据项": field_.title if field_ else name,
                    "登记内容": _told(field_, dispute.get("old")) or "（空）",
                    "主张内容": _told(field_, dispute.get("claimed")) or "（删除）",
                    "核查结论": FINDINGS.get(finding.get("finding", ""), ""),
                    "更正后内容": _after(field_, dispute, finding),
                }
            )  # fmt: skip
    return rows


def _after(field_: Field | None, dispute: Mapping[str, Any], finding: Mapping[str, Any]) -> str:
    if finding.get("finding") in {"correct_to", "supplement"}:
        return _told(field_, finding.get("value")) or "（空）"
    return "不变" if finding.get("finding") == "stands" and dispute.get("old") is not None else "—"


def _told(field_: Field | None, value: Any) -> str:
    if value is None:
        return ""
    return shown(field_, {field_.id: value}) if field_ is not None else str(value)


def _materials(case: Mapping[str, Any], known: Known) -> list[dict[str, str]]:
    names = []
    for one in case.get("materials", ()):
        word = known.codes.materials.get(str(one.get("kind", "")))
        names.append(str(one.get("name") or (word.title if word else "")))
    evidence = [str(one["name"]) for record in case["records"] for one in record.get("evidence", ())]
    return [
        {"序号": str(n), "名称": name} for n, name in enumerate(dict.fromkeys([*names, *evidence]), start=1)
    ]


def _numbered(texts: Iterable[str]) -> list[dict[str, str]]:
    return [{"序号": str(n), "内容": str(text)} for n, text in enumerate(texts, start=1)]


def _basis(known: Known) -> str:
    rules = known.rule_set
    if rules is None or not known.is_confirmed:  # nobody stands for it: a letter does not cite it
        return ""
    named = "、".join(f"《{one}》" for one in rules.instrument.split("、"))
    return named + (f"（{rules.number}）" if rules.number else "")


def _time(known: Known) -> dict[str, str]:
    due = next_due(known.dues)
    if due is None or due.on is None:
        return {"办理期限": "", "期限说明": ""}
    counted = words.length_words(due.clock)
    doubt = "" if due.certain else "；暂定，待下一年度放假通知公布后确定，最早为该日"
    return {"办理期限": words.day_words(due.on), "期限说明": f"{due.clock.title}：{counted}{doubt}"}


def _outcome(case: Mapping[str, Any], known: Known) -> str:
    decision = known.decision or {}
    if case["kind"] == "repair":
        return {"granted": "准予信用修复。", "refused": "不予信用修复。"}.get(
            str(decision.get("outcome", "")), ""
        )
    findings = [one.get("finding") for one in decision.get("disputes", ()) if one.get("finding")]
    if not findings:
        return ""
    stood = findings.count("stands")
    return NOT_UPHELD if stood == len(findings) else PARTLY if stood else UPHELD


def _repair(case: Mapping[str, Any]) -> dict[str, str]:
    said = case.get("repair") or {}
    return {
        "修复类别": words.SEVERITIES.get(str(said.get("severity", "")), ""),
        "公示日期": _day(said.get("published_on")),
        "履行日期": _day(said.get("fulfilled_on")),
    }


def _named(office: Office, code: Any) -> str:
    return office.names.get(str(code), str(code)) if code else ""


def _of(events: Sequence[Mapping[str, Any]], kind: str) -> Mapping[str, Any]:
    """Return the data of the newest event of a kind."""
    newest: Mapping[str, Any] = next((one for one in reversed(events) if one.get("kind") == kind), {})
    data: Mapping[str, Any] = newest.get("data") or {}
    return data


def _on(events: Sequence[Mapping[str, Any]], kind: str) -> str | None:
    return next((one.get("on") for one in reversed(events) if one.get("kind") == kind), None)


def _day(text: Any) -> str:
    try:
        return words.day_words(date.fromisoformat(str(text))) if text else ""
    except ValueError:
        return str(text)


def _joined(texts: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(text for text in texts if text))


def _sentence(text: Any) -> str:
    said = str(text or "").strip()
    return said if not said or said[-1] in "。！？；.!?" else f"{said}。"
