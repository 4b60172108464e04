"""Sample penalties, right and wrong, made fresh for any day; `sample_files` writes them into spreadsheets.

Organisations and people are invented; codes carry right check characters where they are meant to
be right. What is wrong on purpose stands in the table `FAULTS`, with the problem that it must bring.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from forms.catalog.codes import USCC_ALPHABET, uscc_fault

Cells = dict[str, Any]
"""Field id → what stands in the cell."""

GOOD_ROWS: Final = 22
UNMATCHED_ROWS: Final = 3


@dataclass(frozen=True, slots=True)
class Office:
    """The department that reports."""

    name: str
    code18: str
    short: str = "示监"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault.

    Attributes:
        name: what is wrong, as a person would say it.
        field: id of the field beside which it is found; empty when it concerns the row.
        code: of the problem.
        spoil: makes a good row faulty; gets the row and the day.
        faulty: whether the row is faulty by it; a doubled row is not.
    """

    name: str
    field: str
    code: str
    spoil: Callable[[Cells, date], None]
    faulty: bool = True


def _set(field: str, value: Any) -> Callable[[Cells, date], None]:
    def spoil(cells: Cells, _today: date) -> None:
        cells[field] = value

    return spoil


def _wrong_check(cells: Cells, _today: date) -> None:
    code = cells["CF_XDR_SHXYM"]
    place = USCC_ALPHABET.index(code[-1])
    cells["CF_XDR_SHXYM"] = code[:-1] + USCC_ALPHABET[(place + 7) % len(USCC_ALPHABET)]


def _trader_as_firm(cells: Cells, _today: date) -> None:
    cells["CF_XDR_SHXYM"] = with_check("92" + cells["CF_XDR_SHXYM"][2:17])
    cells["CF_XDR_LB"] = "法人及非法人组织"


def _decided_later(cells: Cells, today: date) -> None:
    cells["CF_JDRQ"] = today + timedelta(days=5)
    cells["CF_YXQ"] = today + timedelta(days=370)
    cells["CF_GSJZQ"] = today + timedelta(days=370)


def _ends_before(cells: Cells, _today: date) -> None:
    cells["CF_YXQ"] = cells["CF_JDRQ"] - timedelta(days=30)


def _no_such_day(cells: Cells, today: date) -> None:
    cells["CF_JDRQ"] = f"{today.year}.2.30"


def _wrong_card(cells: Cells, _today: date) -> None:
    cells["CF_FR_ZJLX"] = "身份证"
    cells["CF_FR_ZJHM"] = "350203199003074012"


FAULTS: Final = (
    Fault("统一社会信用代码抄错末位", "CF_XDR_SHXYM", "uscc_check", _wrong_check),
    Fault("类别含罚款，没有填金额", "CF_NR_FK", "required_if", _set("CF_NR_FK", None)),
    Fault("决定日期晚于今天", "CF_JDRQ", "in_future", _decided_later),
    Fault("有效期早于决定日期", "CF_YXQ", "before_other", _ends_before),
    Fault("处罚类别不在值集里", "CF_CFLB", "not_in_code_set", _set("CF_CFLB", "罚金")),
    Fault("备注太长", "BZ", "too_long", _set("BZ", "此件材料较多，详见卷宗。" * 50)),
    Fault("名称是占位字样", "CF_XDR_MC", "placeholder", _set("CF_XDR_MC", "undefined")),
    Fault("名称打了星号", "CF_XDR_MC", "name_masked", _set("CF_XDR_MC", "鹭岛***商贸有限公司")),
    Fault("92 开头的代码选了法人", "CF_XDR_LB", "prefix_needs_code", _trader_as_firm),
    Fault("金额读不出来", "CF_NR_FK", "amount_unreadable", _set("CF_NR_FK", "按票面处理")),
    Fault("没有文号", "CF_WSH", "required_missing", _set("CF_WSH", None)),
    Fault("日历上没有的日子", "CF_JDRQ", "date_impossible", _no_such_day),
    Fault("代码被存成数字，后几位丢失", "CF_CFJGDM", "digits_lost", _set("CF_CFJGDM", 113502000000000123)),
    Fault("法定代表人身份证号抄错", "CF_FR_ZJHM", "ric_check", _wrong_card),
    Fault("没有法定代表人", "CF_FRDB", "required_missing", _set("CF_FRDB", "　")),
    Fault("同一文号写了两遍", "", "duplicate_in_file", lambda _cells, _today: None, faulty=False),
)
"""Every kind of fault in the sample, one row each. The last one repeats the first record."""


_CASES: Final = (
    ("销售超过保质期的食品", "货架上待售的{thing}共 {n} 件已超过标示的保质期，货值 {money} 元",
     "《中华人民共和国食品安全法》第一百二十四条第一款第五项", "罚款"),
    ("未按规定明码标价", "经营场所内 {n} 种{thing}没有标明价格，经复查仍未改正，涉及金额 {money} 元",
     "《中华人民共和国价格法》第四十二条", "罚款"),
    ("使用未经检定的计量器具", "用于贸易结算的 {n} 台电子秤未申请检定，称量{thing}收入 {money} 元",
     "《中华人民共和国计量法实施细则》第四十三条", "罚款;没收违法所得"),
    ("发布虚假广告", "在网店页面宣称{thing}具有保健功能，累计展示 {n} 天，广告费用 {money} 元",
     "《中华人民共和国广告法》第五十五条", "罚款;警告"),
    ("销售不符合标准的产品", "抽样检验的{thing}有 {n} 项指标不合格，已售出部分货款 {money} 元",
     "《中华人民共和国产品质量法》第四十九条", "罚款;没收违法所得"),
    ("未按规定公示年度报告", "逾期 {n} 日未公示年度报告，经通知后仍未补报，核查期间营业收入 {money} 元",
     "《企业信息公示暂行条例》第十八条", "警告;罚款"),
)  # fmt: skip
"""(kind of offence, facts, ground, kinds of penalty)"""

_THINGS: Final = ("散装糕点", "瓶装饮料", "儿童玩具", "电线插座", "调味品", "冷冻水产", "茶叶", "护肤品")
_DETAILS: Final = (
    "执法人员在现场检查时制作笔录并拍照取证，当事人在场并签字确认。",
    "当事人提供了进货票据和付款记录，能够说明部分货物的来源。",
    "案发后当事人主动下架剩余商品，配合调查，未造成可见的危害后果。",
    "经向供货方发函核实，双方的交易时间、数量与当事人陈述一致。",
    "上述事实有现场笔录、询问笔录、抽样单、检验报告及照片为证。",
    "本局依法送达告知书，当事人在规定期限内没有提出陈述、申辩和听证要求。",
)
_SURNAMES: Final = "林陈黄张吴李郑王许蔡苏曾洪庄杨谢"
_GIVEN: Final = (
    "晓岚",
    "志远",
    "雅婷",
    "建平",
    "思源",
    "国栋",
    "文博",
    "秋月",
    "海生",
    "明轩",
    "永康",
    "子涵",
)
_BRANDS: Final = (
    "鹭海",
    "榕荫",
    "清源",
    "刺桐",
    "水仙",
    "金帆",
    "云霞",
    "星垂",
    "稻香",
    "石鼓",
    "晨曦",
    "百川",
)
_TRADES: Final = ("食品", "商贸", "建材", "物流", "餐饮管理", "电子科技", "服饰", "茶业", "环保设备", "包装")


def with_check(body: str) -> str:
    """Complete 17 characters to a unified social credit code (统一社会信用代码)."""
    return next(
        body + last
        for last in USCC_ALPHABET
        if uscc_fault(body + last) not in {"uscc_check", "uscc_pilot_check"}
    )


def penalty(
    number: int, subject: Mapping[str, str], office: Office, today: date, chance: random.Random
) -> Cells:
    """Make one right penalty; `number` is that of its document."""
    kind, facts, ground, classes = chance.choice(_CASES)
    decided = today - timedelta(days=chance.randrange(1, 25))
    said = facts.format(
        thing=chance.choice(_THINGS), n=chance.randrange(2, 40), money=chance.randrange(200, 9000)
    )
    fine = chance.randrange(2, 400) / 100
    taken = chance.randrange(1, 90) / 100 if "没收违法所得" in classes else None
    content = f"{classes.replace(';', '，')}；罚款 {fine:g} 万元" + (
        f"，没收违法所得 {taken:g} 万元" if taken else ""
    )
    details = "".join(chance.sample(_DETAILS, chance.randrange(2, len(_DETAILS) + 1)))
    ends = decided + timedelta(days=365 * chance.randrange(1, 4))
    return {
        "CF_XDR_MC": subject["name"],
        "CF_XDR_LB": "个体工商户" if subject["code"].startswith("92") else "法人及非法人组织",
        "CF_XDR_SHXYM": subject["code"],
        "CF_FRDB": subject["representative"],
        "CF_WSH": f"{office.short}罚〔{decided.year}〕{number}号",
        "CF_WFXW": kind,
        "CF_SY": f"{decided.year}年{decided.month}月，当事人{said}。{details}",
        "CF_YJ": ground,
        "CF_CFLB": classes,
        "CF_NR": f"{content}。",
        "CF_NR_FK": fine,
        "CF_NR_WFFF": taken,
        "CF_JDRQ": decided,
        "CF_YXQ": ends,
        "CF_GSJZQ": ends,
        "CF_CFJG": office.name,
        "CF_CFJGDM": office.code18,
        "CF_SJLY": office.name,
        "CF_SJLYDM": office.code18,
    }


def invented_subject(serial: int, chance: random.Random, division: str = "350203") -> dict[str, str]:
    """Make a subject that no library holds."""
    kind = "92" if chance.random() < 0.2 else "91"
    tail = "商行" if kind == "92" else "有限公司"
    code = with_check(f"{kind}{division}MA{serial:07d}")
    return {
        "code": code,
        "name": f"{chance.choice(_BRANDS)}{serial}号{chance.choice(_TRADES)}{tail}",
        "representative": chance.choice(_SURNAMES) + chance.choice(_GIVEN),
    }


def many_penalties(
    count: int, *, today: date, seed: int = 20260101, faulty_share: float = 0.08
) -> Iterator[Cells]:
    """Make rows for a benchmark, the same for the same seed; facts of 100 to 800 characters."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    office = Office("厦门市示范市场监督管理局", with_check("11350200M0DEM0000"))
    spoils = [fault for fault in FAULTS if fault.faulty]
    for number in range(1, count + 1):
        cells = penalty(number, invented_subject(number, chance), office, today, chance)
        cells["CF_SY"] += "".join(chance.choice(_DETAILS) for _ in range(chance.randrange(1, 16)))
        if chance.random() < faulty_share:
            chance.choice(spoils).spoil(cells, today)
        yield cells


def sample_rows(
    office: Office, subjects: Sequence[Mapping[str, str]], today: date, seed: int
) -> Iterator[tuple[Cells, Fault | None]]:
    """Good rows, rows of subjects that nobody knows, and one row of every fault, mixed."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    known = chance.sample(list(subjects), GOOD_ROWS + len(FAULTS))
    strangers = [invented_subject(9_000_000 + n, chance) for n in range(UNMATCHED_ROWS)]
    rows: list[tuple[Cells, Fault | None]] = []
    for number, subject in enumerate([*known[:GOOD_ROWS], *strangers], start=1):
        rows.append((penalty(number, subject, office, today, chance), None))
    _write_variously(rows, today)
    for number, (fault, subject) in enumerate(
        zip(FAULTS, known[GOOD_ROWS:], strict=True), start=len(rows) + 1
    ):
        cells = penalty(number, subject, office, today, chance)
        if fault.faulty:
            fault.spoil(cells, today)
        rows.append((cells, fault))
    first, last = rows[0], rows.pop()
    middle = rows[1:]
    chance.shuffle(middle)
    yield from (first, *middle, (dict(first[0]), last[1]))


def _write_variously(rows: Sequence[tuple[Cells, Fault | None]], today: date) -> None:
    """Write some right values the way people do; none of it is a fault."""
    day = rows[1][0]["CF_JDRQ"]
    rows[1][0]["CF_JDRQ"] = f"{day.year}年{day.month}月{day.day}日"
    day = rows[2][0]["CF_JDRQ"]
    rows[2][0]["CF_JDRQ"] = f"{day.year}.{day.month}.{day.day}"
    rows[3][0]["CF_NR_FK"] = "5,000元"
    rows[4][0]["CF_NR_FK"] = "壹万贰仟元整"
    rows[5][0]["CF_XDR_SHXYM"] = f" {rows[5][0]['CF_XDR_SHXYM'].lower()} "
    rows[6][0]["CF_YXQ"] = "长期"
    rows[7][0]["CF_CFLB"] = rows[7][0]["CF_CFLB"].replace(";", "、")
    rows[8][0]["BZ"] = f"{today.year} 年移送\n一并处理"
